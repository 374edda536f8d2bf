"""Taking a part of an issue out of it: its keys, its events exactly, and what they had been counted as."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from grouping.reader import read_event
from grouping.titles import title_of
from tracker.counters.tallies import Tally, take_rows, tally_of, write_tally
from tracker.issues.details import MergedIssue
from tracker.jobs.kinds import Steps, job
from tracker.models import Event, GroupKey, Issue, IssueTag, IssueUser, Project
from tracker.storage.payloads import load_payload_bytes

BATCH_ROWS = 1_000
"""Events that one transaction moves at most."""
BATCHES_PER_SLICE = 5
"""Seconds that the request of a merge spends on it; the rest is a worker's."""


@job("move-events")
def follow_keys(issue_ids: list[int]) -> Steps:
    """Move the issues' events to where their keys belong by now; yields after each transaction."""
    for issue_id in issue_ids:
        misplaced = Event.objects.filter(~Q(group_key__issue=issue_id), issue=issue_id, group_key__issue__isnull=False)
        while _move(misplaced):
            yield None


def _move(misplaced: QuerySet[Event]) -> bool:
    """Returns whether there were any."""
    with transaction.atomic():
        ids = list(misplaced.order_by().values_list("id", flat=True)[:BATCH_ROWS])
        home = GroupKey.objects.filter(pk=OuterRef("group_key")).values("issue")
        Event.objects.filter(id__in=ids).update(issue=Subquery(home))
    return bool(ids)


def move_events(issue_ids: list[int]) -> None:
    """Move some events at once, so that a small issue is whole when its page is shown; a worker goes on."""
    for _ in islice(follow_keys.steps(issue_ids), BATCHES_PER_SLICE):
        pass


@dataclass(slots=True, frozen=True)
class Part:
    """Keys that leave an issue together; `remembered` is what a merge noted of the issue that they came from."""

    keys: tuple[GroupKey, ...]
    remembered: MergedIssue | None = None

    @property
    def key_ids(self) -> list[int]:
        return [key.pk for key in self.keys]


def separate(whole: Issue, parts: Sequence[Part], now: datetime) -> list[Issue]:
    """Make each part an issue of its own, within the caller's transaction; their events are still to be moved.

    `whole` is locked, and its columns are brought up to date here.
    """
    leaving = [key_id for part in parts for key_id in part.key_ids]
    remaining = Event.objects.filter(issue=whole).exclude(group_key__in=leaving)
    issues = [_separate_part(whole, part, remaining, now) for part in parts]
    Project.objects.filter(id=whole.project_id).update(config_generation=F("config_generation") + 1)
    return issues


def _separate_part(whole: Issue, part: Part, remaining: QuerySet[Event], now: datetime) -> Issue:
    events = Event.objects.filter(issue=whole, group_key__in=part.key_ids)
    if part.remembered is None:
        issue, tally = _make_issue(whole, events, now), tally_of(events)
    else:
        issue = _restore_issue(part.remembered)
        tally = tally_of(events.filter(id__gt=part.remembered.last_event_id))
    write_tally(tally, issue.pk, issue.project_id)
    take_rows(issue.pk, whole.pk, remaining)
    _add_totals(issue, tally)
    _take_totals(whole, issue, remaining.order_by("occurred_at", "id"))
    _give_keys(part, issue)
    return issue


def _restore_issue(remembered: MergedIssue) -> Issue:
    """The redirect becomes an issue again, in the state in which it was merged."""
    issue = Issue.objects.select_for_update(no_key=True).get(id=remembered.issue_id)
    issue.merged_into = None
    for column, value in (remembered.before.columns if remembered.before else {}).items():
        setattr(issue, column, value)
    issue.save()
    return issue


def _make_issue(whole: Issue, events: QuerySet[Event], now: datetime) -> Issue:
    """A new issue, called by the newest of its events; where none is stored any more, as the issue it leaves."""
    Project.objects.filter(id=whole.project_id).update(last_issue_number=F("last_issue_number") + 1)
    number = Project.objects.values_list("last_issue_number", flat=True).get(id=whole.project_id)
    issue = Issue(
        project=whole.project, number=number, first_seen_at=whole.first_seen_at, last_seen_at=whole.last_seen_at
    )
    for column in ("title", "type", "value", "culprit", "platform", "logger", "level", "is_unhandled"):
        setattr(issue, column, getattr(whole, column))
    newest = events.order_by("-occurred_at", "-id").first()
    if newest is not None:
        title = title_of(read_event(load_payload_bytes(newest)))
        issue.title, issue.type = title.title[:255], title.type[:255]
        issue.value, issue.culprit = title.value[:1024], title.culprit[:255]
    issue.save()
    return issue


def _add_totals(issue: Issue, tally: Tally) -> None:
    """Add what was recounted to the issue's columns."""
    if tally.first_at and tally.last_at:
        if not issue.times_seen or tally.first_at < issue.first_seen_at:
            issue.first_seen_at, issue.first_release_id = tally.first_at, tally.first_release_id
        if not issue.times_seen or tally.last_at >= issue.last_seen_at:
            issue.last_seen_at, issue.level = tally.last_at, tally.level
            issue.last_release_id = tally.last_release_id or issue.last_release_id
    issue.times_seen += tally.events
    issue.users_affected = IssueUser.objects.filter(issue=issue).count()
    issue.save()


def _take_totals(whole: Issue, part: Issue, remaining: QuerySet[Event]) -> None:
    """Bring the columns of the issue that the part left up to date, as far as stored events tell."""
    first, last = remaining.first(), remaining.last()
    if first and whole.first_seen_at == part.first_seen_at:
        whole.first_seen_at, whole.first_release_id = first.occurred_at, first.release_id
    if last:
        whole.last_seen_at, whole.level, whole.last_release_id = last.occurred_at, last.level, last.release_id
    whole.times_seen = max(0, whole.times_seen - part.times_seen)
    whole.users_affected = IssueUser.objects.filter(issue=whole).count()
    whole.save()
    # When each tag was last seen is not kept by event; it cannot have been after the issue itself.
    IssueTag.objects.filter(issue=whole, last_seen_at__gt=whole.last_seen_at).update(last_seen_at=whole.last_seen_at)


def _give_keys(part: Part, issue: Issue) -> None:
    """The keys are the part's from now on, and are pinned there: only people join them to another issue again."""
    origins = part.remembered.origins if part.remembered else {}
    GroupKey.objects.filter(id__in=part.key_ids).update(issue=issue, merged_from=None, pinned_to=issue)
    for key_id, origin in origins.items():
        GroupKey.objects.filter(id=key_id).update(merged_from=origin)


def parts_of(whole: Issue, keys: Sequence[GroupKey], merges: Iterable[MergedIssue]) -> list[Part]:
    """The parts that these keys make up: each issue that was merged and all of whose keys leave, and one of the rest.

    `merges` are all that were ever merged into the issue, the oldest merge first.
    """
    leaving = {key.pk: key for key in keys}
    merged = {each.issue_id: each for each in merges}
    redirects = set(Issue.objects.filter(merged_into=whole, id__in=merged).values_list("id", flat=True))
    parts = []
    for source_id in sorted(redirects):
        of_source = list(GroupKey.objects.filter(issue=whole, merged_from=source_id))
        is_whole = len(of_source) == merged[source_id].keys and all(key.pk in leaving for key in of_source)
        if of_source and is_whole:
            parts.append(Part(tuple(leaving.pop(key.pk) for key in of_source), merged[source_id]))
    return parts + ([Part(tuple(leaving.values()))] if leaving else [])
