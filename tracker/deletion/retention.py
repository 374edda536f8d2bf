"""What is past its time goes, in short transactions between which events go on coming in.

What goes, for each project:

* Events that happened more than `retention_days` ago (0: none): a promise about people's data, without exception.
* Events beyond `retention_events` (0: none), the oldest first. Every issue keeps its newest event, so that a rare
  error can still be looked at after a flood of another.
* Of an issue not seen for `retention_days`: its tags and whom it affected. The issue itself stays, with its counts, its
  history and its keys, whatever its status: a bug that returns after a year is a regression, not a new bug.
* Dead letters (entries that could not be digested): after 90 days, or when there are thousands.
* Messages that left the server, and their attempts, after 30 days; what could not be sent is forgotten after three,
  because a mail may hold a secret. Notices in people's inboxes after 90.
* Jobs that went well after a day, and those that were given up after 90.
* Counts by hour and minute, sessions and history after the days named below. Outcomes are counted by the minute for two
  days and by the hour from then on (`tracker.outcomes.recording`).

Counts of an issue (`times_seen`, `users_affected`) are history and stay as they are. Space that becomes free is used
again by new rows: SQLite takes it from its list of free pages, PostgreSQL after its autovacuum.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from tracker.deletion.cascade import BATCH_ROWS, deletion, removal_of_events, remove_unused_bases
from tracker.jobs.kinds import Resume
from tracker.models import (
    Activity,
    DeadLetter,
    DeliveryAttempt,
    Event,
    EventUser,
    Invitation,
    Issue,
    IssueHour,
    IssueTag,
    IssueUser,
    Job,
    JobStatus,
    Notification,
    OutboxMessage,
    OutcomeCount,
    Project,
    ReleaseHour,
    SessionCount,
    SessionUsers,
    Tag,
)
from tracker.outcomes.recording import folding

COUNTS_KEPT_DAYS = 90
"""Counts by hour and minute and sessions, or as long as events, if that is longer."""
DEAD_LETTERS_KEPT = 5_000
"""Dead letters: the newest so many, and none older than `COUNTS_KEPT_DAYS`."""
DONE_JOBS_KEPT_DAYS = 1
MESSAGES_KEPT_DAYS = 30
UNSENT_KEPT_DAYS = 3
HISTORY_KEPT_DAYS = 730
EVENTS_PER_BATCH = 4 * BATCH_ROWS
"""Events beyond the number that are looked for at once."""
ISSUES_PER_BATCH = 200
"""Issues that are looked through for what is old in them at once."""
HOUR = timedelta(hours=1)
OF_TAG = IssueTag.objects.filter(tag=OuterRef("pk"))
OF_USER = IssueUser.objects.filter(event_user=OuterRef("pk"))


def sweep(now: datetime) -> None:
    """Tidy everything at once."""
    for _ in retention_steps(now):
        pass


def retention_steps(now: datetime, project_id: int = 0, step: int = 0, issue_id: int = 0) -> Iterator[object]:
    """Tidy projects from one on, then what belongs to none; yields after each transaction.

    Looking for what there is to do takes time of its own, so how far that came is yielded as a `Resume`: the step of
    the project, and the last issue where it is the first step, that of the issues.
    """
    while project := Project.objects.filter(pk__gte=project_id).order_by("pk").first():
        if project.pk != project_id:
            step, issue_id = 0, 0
        if not step:
            yield from _clean_issues(project, now, issue_id)
        for number in range(max(step, 1), len(STEPS) + 1):
            yield from STEPS[number - 1](project, now)
            yield Resume((project.pk, number + 1))
        project_id, step, issue_id = project.pk + 1, 0, 0
    yield from _remove_old_dead_letters(now)
    yield from _remove_old_jobs(now)
    yield from _remove_old_messages(now)
    yield from deletion(Session.objects.filter(expire_date__lt=now))
    yield from deletion(Invitation.objects.filter(expires_at__lt=now - timedelta(days=COUNTS_KEPT_DAYS)))
    _refresh_statistics()


def _clean_issues(project: Project, now: datetime, after: int) -> Iterator[object]:
    """Some at a time, because that is how the indexes lie; an index on the date alone would cost every insert."""
    issues = Issue.objects.filter(project=project).order_by("pk").values_list("pk", flat=True)
    while ids := list(issues.filter(pk__gt=after)[:ISSUES_PER_BATCH]):
        for tidy in OF_ISSUES:
            yield from tidy(project, ids, now)
        after = ids[-1]
        yield Resume((project.pk, 0, after))


def _remove_old_events(project: Project, issue_ids: list[int], now: datetime) -> Iterator[object]:
    if project.retention_days:
        cutoff = now - timedelta(days=project.retention_days)
        yield from removal_of_events(Event.objects.filter(issue__in=issue_ids, occurred_at__lt=cutoff))


def _remove_excess_events(project: Project, now: datetime) -> Iterator[object]:
    if not project.retention_events:
        return
    spare = Event.objects.filter(issue__project=project, occurred_at__lt=F("issue__last_seen_at"))
    while True:
        project.refresh_from_db(fields=["stored_events"])
        excess = project.stored_events - project.retention_events
        oldest_at = _oldest_spare_event_at(project) if excess > 0 else None
        if oldest_at is None:
            return
        # A window, so that only its events are sorted; where events lie as dense everywhere, it holds twice as many.
        share = 2 * EVENTS_PER_BATCH / project.stored_events
        window = spare.filter(occurred_at__lt=oldest_at + max(HOUR, (now - oldest_at) * share))
        oldest = window.order_by("occurred_at", "pk").values_list("pk", flat=True)
        yield from _removal_of(list(oldest[: min(excess, EVENTS_PER_BATCH)]))


def _oldest_spare_event_at(project: Project) -> datetime | None:
    """When the oldest event that is not its issue's newest happened."""
    first = Event.objects.filter(issue=OuterRef("pk"), occurred_at__lt=OuterRef("last_seen_at")).order_by("occurred_at")
    issues = Issue.objects.filter(project=project).annotate(oldest_at=Subquery(first.values("occurred_at")[:1]))
    oldest_at: datetime | None = issues.aggregate(oldest=Min("oldest_at"))["oldest"]
    return oldest_at


def _removal_of(ids: list[int]) -> Iterator[object]:
    """Remove what was looked for once, in batches."""
    for start in range(0, len(ids), BATCH_ROWS):
        yield from removal_of_events(Event.objects.filter(pk__in=ids[start : start + BATCH_ROWS]))


def _forget_quiet_issues(project: Project, issue_ids: list[int], now: datetime) -> Iterator[object]:
    """Drop what issues that were not seen for the retention's days know of people."""
    if not project.retention_days:
        return
    cutoff = now - timedelta(days=project.retention_days)
    knows = Exists(IssueTag.objects.filter(issue=OuterRef("pk"))) | Exists(
        IssueUser.objects.filter(issue=OuterRef("pk"))
    )
    quiet = Issue.objects.filter(Q(knows) | Q(base__isnull=False), pk__in=issue_ids, last_seen_at__lt=cutoff)
    for issue in quiet.only("pk", "base_id"):
        yield from _forgetting(IssueTag.objects.filter(issue=issue), Tag.objects.exclude(Exists(OF_TAG)), project)
        users = EventUser.objects.exclude(Exists(OF_USER))
        yield from _forgetting(IssueUser.objects.filter(issue=issue), users, project)
        if Issue.objects.filter(pk=issue.pk, last_seen_at__lt=cutoff).update(base=None) and issue.base_id:
            remove_unused_bases([issue.base_id])
        yield None


def _forgetting(pairs: QuerySet[Any], unused: QuerySet[Any], project: Project) -> Iterator[object]:
    """Delete an issue's pairs, and what they pair it with where that is now unused."""
    while batch := list(pairs.values_list("pk", flat=True)[:BATCH_ROWS]):
        with transaction.atomic():
            doomed = pairs.model._default_manager.filter(pk__in=batch)
            doomed._raw_delete(doomed.db)
            unused_ids = list(unused.filter(pk__in=[other_id for _, other_id in batch]).values_list("pk", flat=True))
            unused.model._default_manager.filter(pk__in=unused_ids).delete()
            # Workers remember the ids of tags and users; with a new version of the project they ask again.
            Project.objects.filter(pk=project.pk).update(config_generation=F("config_generation") + 1)
        yield None


def _remove_old_hours(project: Project, issue_ids: list[int], now: datetime) -> Iterator[object]:
    cutoff = now - timedelta(days=max(COUNTS_KEPT_DAYS, project.retention_days))
    yield from deletion(IssueHour.objects.filter(issue__in=issue_ids, hour__lt=cutoff.timestamp() // 3600))


def _remove_old_counts(project: Project, now: datetime) -> Iterator[object]:
    cutoff = now - timedelta(days=max(COUNTS_KEPT_DAYS, project.retention_days))
    minute = int(cutoff.timestamp()) // 60
    yield from deletion(ReleaseHour.objects.filter(release__project=project, hour__lt=minute // 60))
    if project.retention_days:
        # Where events stay forever, so does the account of them.
        yield from deletion(OutcomeCount.objects.filter(project=project, minute__lt=minute))


def _remove_old_sessions(project: Project, now: datetime) -> Iterator[object]:
    cutoff = now - timedelta(days=max(COUNTS_KEPT_DAYS, project.retention_days))
    yield from deletion(SessionCount.objects.filter(release__project=project, minute__lt=cutoff))
    yield from deletion(SessionUsers.objects.filter(release__project=project, day__lt=cutoff.timestamp() // 86_400))


def _remove_old_history(project: Project, now: datetime) -> Iterator[object]:
    cutoff = now - timedelta(days=HISTORY_KEPT_DAYS)
    yield from deletion(Activity.objects.filter(project=project, created_at__lt=cutoff))


OF_ISSUES: tuple[Callable[[Project, list[int], datetime], Iterator[object]], ...] = (
    _remove_old_events,
    _forget_quiet_issues,
    _remove_old_hours,
)
STEPS: tuple[Callable[[Project, datetime], Iterator[object]], ...] = (
    _remove_excess_events,
    _remove_old_counts,
    _remove_old_sessions,
    _remove_old_history,
    folding,
)


def _remove_old_dead_letters(now: datetime) -> Iterator[object]:
    yield from deletion(DeadLetter.objects.filter(failed_at__lt=now - timedelta(days=COUNTS_KEPT_DAYS)))
    for last_kept in DeadLetter.objects.order_by("-id").values_list("id", flat=True)[
        DEAD_LETTERS_KEPT - 1 : DEAD_LETTERS_KEPT
    ]:
        yield from deletion(DeadLetter.objects.filter(id__lt=last_kept))


def _remove_old_jobs(now: datetime) -> Iterator[object]:
    done_before = now - timedelta(days=DONE_JOBS_KEPT_DAYS)
    yield from deletion(Job.objects.filter(status=JobStatus.DONE, finished_at__lt=done_before))
    failed_before = now - timedelta(days=COUNTS_KEPT_DAYS)
    yield from deletion(Job.objects.filter(status=JobStatus.FAILED, updated_at__lt=failed_before))


def _remove_old_messages(now: datetime) -> Iterator[object]:
    over = OutboxMessage.objects.filter(status__in=(JobStatus.DONE, JobStatus.FAILED))
    old = over.filter(finished_at__lt=now - timedelta(days=MESSAGES_KEPT_DAYS))
    yield from deletion(DeliveryAttempt.objects.filter(message__in=old))
    yield from deletion(old)
    unsent = over.filter(status=JobStatus.FAILED, finished_at__lt=now - timedelta(days=UNSENT_KEPT_DAYS))
    unsent.exclude(payload={}).update(payload={})
    yield from deletion(Notification.objects.filter(created_at__lt=now - timedelta(days=COUNTS_KEPT_DAYS)))


def _refresh_statistics() -> None:
    """Tell SQLite's planner how the rows are spread (PostgreSQL's autovacuum does so by itself)."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 400")
            cursor.execute("PRAGMA optimize")
