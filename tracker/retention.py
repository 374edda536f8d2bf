"""What is past its time goes, in short transactions between which events go on coming in.

What goes, for each project:

* Events that happened more than `retention_days` ago (0: none): a promise about people's data, without exception.
* Events beyond `retention_events` (0: none), the oldest first. Every issue keeps its newest event, so that a rare
  error can still be looked at after a flood of another.
* Of an issue not seen for `retention_days`: its tags and whom it affected. The issue itself stays, with its counts, its
  history and its keys, whatever its status: a bug that returns after a year is a regression, not a new bug.
* Entries that were set aside because they could not be digested: after 90 days, or when there are thousands.
* Counts by hour and minute, sessions and history after the days named below. Outcomes are counted by the minute for two
  days and by the hour from then on (`tracker.outcome_hours`).

Counts of an issue (`times_seen`, `users_affected`) are history and stay as they are. Space that becomes free is used
again by new rows: SQLite takes it from its list of free pages, PostgreSQL after its autovacuum.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from tracker.models import (
    Activity,
    Event,
    EventUser,
    Invitation,
    Issue,
    IssueHour,
    IssueTag,
    IssueUser,
    OutcomeCount,
    Project,
    ReleaseHour,
    SessionCount,
    SessionUsers,
    SetAside,
    Tag,
)
from tracker.outcome_hours import fold_outcomes
from tracker.removal import BITE, delete_in_bites, remove_events, remove_unused_bases

COUNTS_KEPT_DAYS = 90
"""Counts by hour and minute and sessions, or as long as events, if that is longer."""
SET_ASIDE_KEPT = 5_000
"""Entries that could not be digested: the newest so many, and none older than `COUNTS_KEPT_DAYS`."""
HISTORY_KEPT_DAYS = 730
EVENTS_IN_ONE_SWEEP = 10_000
"""So that other tasks of the same worker wait for a second or two at most."""
HOUR = timedelta(hours=1)
OF_TAG = IssueTag.objects.filter(tag=OuterRef("pk"))
OF_USER = IssueUser.objects.filter(event_user=OuterRef("pk"))


@dataclass(slots=True)
class Sweep:
    """One round of tidying: what it may still remove, and whether something is left for the next."""

    now: datetime
    events_left: int = EVENTS_IN_ONE_SWEEP
    events_removed: int = 0
    is_finished: bool = True


def sweep(now: datetime, *, most_events: int = EVENTS_IN_ONE_SWEEP) -> Sweep:
    """Tidy every project, removing at most about `most_events` events."""
    done = Sweep(now, most_events)
    for project in Project.objects.order_by("id"):
        _remove_old_events(project, done)
        _remove_excess_events(project, done)
        _forget_quiet_issues(project, now)
        _remove_old_counts(project, now)
        fold_outcomes(project, now)
    _remove_old_set_aside(now)
    Session.objects.filter(expire_date__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now - timedelta(days=COUNTS_KEPT_DAYS)).delete()
    _refresh_statistics()
    return done


def _remove_old_events(project: Project, done: Sweep) -> None:
    if not project.retention_days:
        return
    cutoff = done.now - timedelta(days=project.retention_days)
    # By issue, because that is how the index lies; an index on the date alone would cost every insert.
    old = Event.objects.filter(issue__project=project, issue__first_seen_at__lt=cutoff, occurred_at__lt=cutoff)
    _remove_some(old, done.events_left + 1, done)


def _remove_excess_events(project: Project, done: Sweep) -> None:
    if not project.retention_events:
        return
    project.refresh_from_db(fields=["stored_events"])
    excess = project.stored_events - project.retention_events
    spare = Event.objects.filter(issue__project=project, occurred_at__lt=F("issue__last_seen_at"))
    width = HOUR
    while excess > 0 and done.is_finished:
        oldest_at = _oldest_spare_event_at(project)
        if oldest_at is None:
            return
        # A window, so that only its events are sorted; it widens where events are few.
        window = spare.filter(occurred_at__lt=oldest_at + width).order_by("occurred_at", "pk")
        excess -= _remove_some(window, excess, done)
        width *= 2


def _oldest_spare_event_at(project: Project) -> datetime | None:
    """When the oldest event that is not its issue's newest happened."""
    first = Event.objects.filter(issue=OuterRef("pk"), occurred_at__lt=OuterRef("last_seen_at")).order_by("occurred_at")
    issues = Issue.objects.filter(project=project).annotate(oldest_at=Subquery(first.values("occurred_at")[:1]))
    oldest_at: datetime | None = issues.aggregate(oldest=Min("oldest_at"))["oldest"]
    return oldest_at


def _remove_some(events: QuerySet[Event], most: int, done: Sweep) -> int:
    """Remove up to `most` of the events, with the bases that nothing else needs; answers how many.

    They are looked for once and removed in bites; where the sweep's bound is reached before, it is not finished.
    """
    found = list(events.values_list("pk", "base_id")[: min(most, done.events_left + 1)])
    if len(found) > done.events_left:
        done.is_finished = False
        found = found[: done.events_left]
    for start in range(0, len(found), BITE):
        bite = found[start : start + BITE]
        remove_events(Event.objects.filter(pk__in=[id_ for id_, _ in bite]))
        remove_unused_bases({base_id for _, base_id in bite if base_id is not None})
    done.events_left -= len(found)
    done.events_removed += len(found)
    return len(found)


def _forget_quiet_issues(project: Project, now: datetime) -> None:
    """Drop what issues that were not seen for the retention's days know of people."""
    if not project.retention_days:
        return
    cutoff = now - timedelta(days=project.retention_days)
    knows = Exists(IssueTag.objects.filter(issue=OuterRef("pk"))) | Exists(
        IssueUser.objects.filter(issue=OuterRef("pk"))
    )
    quiet = Issue.objects.filter(Q(knows) | Q(base__isnull=False), project=project, last_seen_at__lt=cutoff)
    for issue in quiet.only("pk", "base_id")[:BITE]:
        _forget_pairs(IssueTag.objects.filter(issue=issue), Tag.objects.exclude(Exists(OF_TAG)), project)
        _forget_pairs(IssueUser.objects.filter(issue=issue), EventUser.objects.exclude(Exists(OF_USER)), project)
        if Issue.objects.filter(pk=issue.pk, last_seen_at__lt=cutoff).update(base=None) and issue.base_id:
            remove_unused_bases([issue.base_id])


def _forget_pairs(pairs: QuerySet[Any], unused: QuerySet[Any], project: Project) -> None:
    """Delete an issue's pairs, and what they pair it with where that is now unused."""
    while bite := list(pairs.values_list("pk", flat=True)[:BITE]):
        with transaction.atomic():
            doomed = pairs.model._default_manager.filter(pk__in=bite)
            doomed._raw_delete(doomed.db)
            unused_ids = list(unused.filter(pk__in=[other_id for _, other_id in bite]).values_list("pk", flat=True))
            unused.model._default_manager.filter(pk__in=unused_ids).delete()
            # Workers remember the ids of tags and users; with a new version of the project they ask again.
            Project.objects.filter(pk=project.pk).update(grouping_version=F("grouping_version") + 1)


def _remove_old_counts(project: Project, now: datetime) -> None:
    cutoff = now - timedelta(days=max(COUNTS_KEPT_DAYS, project.retention_days))
    minute = int(cutoff.timestamp()) // 60
    delete_in_bites(IssueHour.objects.filter(issue__project=project, hour__lt=minute // 60))
    delete_in_bites(ReleaseHour.objects.filter(release__project=project, hour__lt=minute // 60))
    if project.retention_days:
        # Where events stay for ever, so does the account of them.
        delete_in_bites(OutcomeCount.objects.filter(project=project, minute__lt=minute))
    delete_in_bites(SessionCount.objects.filter(release__project=project, minute__lt=cutoff))
    delete_in_bites(SessionUsers.objects.filter(release__project=project, day__lt=minute // 1440))
    delete_in_bites(Activity.objects.filter(project=project, created_at__lt=now - timedelta(days=HISTORY_KEPT_DAYS)))


def _remove_old_set_aside(now: datetime) -> None:
    delete_in_bites(SetAside.objects.filter(set_aside_at__lt=now - timedelta(days=COUNTS_KEPT_DAYS)))
    for last_kept in SetAside.objects.order_by("-id").values_list("id", flat=True)[SET_ASIDE_KEPT - 1 : SET_ASIDE_KEPT]:
        delete_in_bites(SetAside.objects.filter(id__lt=last_kept))


def _refresh_statistics() -> None:
    """Tell SQLite's planner how the rows are spread (PostgreSQL's autovacuum does so by itself)."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 400")
            cursor.execute("PRAGMA optimize")
