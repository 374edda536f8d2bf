"""Merging issues into one, and taking them apart again by the keys that brought the events in.

A merged issue stays as a redirect: its short id goes on working, and it keeps its counters as they were, so that it can
be restored. What has come in since by its keys is recounted from the stored events.

Each of the functions comes twice: `merge` is a whole action; `merge_rows` is its part within a caller's transaction,
who lets the events follow their keys (`move_events`) when that is committed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max

from tracker.counters.tallies import add_rows
from tracker.errors import DomainError, Refusal
from tracker.issues.details import MergedDetails, MergedIssue, UnmergedDetails, details_of, new_activity
from tracker.issues.results import ActionResult, Merged, Unmerged
from tracker.issues.status import Snapshot
from tracker.issues.unmerge import follow_keys, move_events, parts_of, separate
from tracker.models import Activity, ActivityKind, GroupKey, Issue, IssueUser, Project, Status, User

STATE = ("status", "status_changed_at", "is_regressed", "resolution", "archival", "expected_since_resolved")


@dataclass(slots=True, frozen=True)
class Moved:
    """What was done to rows, and the issues whose events are still to follow their keys."""

    result: ActionResult
    left_ids: list[int]


def merge(issues: Sequence[Issue], into: Issue, *, by: User | None, now: datetime) -> ActionResult:
    """Merge issues into another of the same project. Raises DomainError where that cannot be."""
    with transaction.atomic():
        moved = merge_rows(issues, into, by=by, now=now)
    move_events(moved.left_ids)
    return moved.result


def merge_rows(issues: Sequence[Issue], into: Issue, *, by: User | None, now: datetime) -> Moved:
    target, sources = _lock(issues, into)
    source_ids = [source.pk for source in sources]
    details = MergedDetails(
        tuple(_remember(source) for source in sources), target.first_seen_at, target.first_release_id
    )
    _move_keys(sources, target)
    add_rows(source_ids, target.pk)
    _sum_into(target, sources)
    Issue.objects.filter(id__in=source_ids).update(
        merged_into=target, status=Status.RESOLVED, resolution=None, archival=None, is_regressed=False
    )
    activity = new_activity(details, project_id=target.project_id, issue_id=target.pk, by=by, now=now)
    activity.save()
    follow_keys.request(source_ids)
    names = tuple(source.short_id for source in sources)
    effect = Merged(target.pk, target.short_id, tuple(source_ids))
    return Moved(ActionResult(effect, len(names), names, (activity.pk,)), source_ids)


def _lock(issues: Sequence[Issue], into: Issue) -> tuple[Issue, list[Issue]]:
    lock_projects({into.project_id})
    ids = {into.pk, *(issue.pk for issue in issues)}
    locked = Issue.objects.filter(id__in=ids, merged_into=None).select_related("project")
    found = {issue.pk: issue for issue in locked.select_for_update(of=("self",), no_key=True).order_by("id")}
    target, sources = found.pop(into.pk, None), list(found.values())
    if target is None:
        raise DomainError(Refusal.MERGED_ALREADY)
    if not sources:
        raise DomainError(Refusal.NOTHING_TO_MERGE)
    if any(source.project_id != target.project_id for source in sources):
        raise DomainError(Refusal.DIFFERENT_PROJECTS)
    return target, sources


def lock_projects(ids: Iterable[int]) -> None:
    """Projects before issues, in the order in which recording locks them, so that there are no deadlocks."""
    locked = Project.objects.select_for_update(no_key=True).filter(id__in=set(ids))
    list(locked.order_by("id").values_list("id", flat=True))


def _remember(source: Issue) -> MergedIssue:
    origins = source.keys.filter(merged_from__isnull=False).values_list("id", "merged_from")
    return MergedIssue(
        issue_id=source.pk,
        short_id=source.short_id,
        keys=source.keys.count(),
        last_event_id=source.events.aggregate(last=Max("id"))["last"] or 0,
        origins={id_: origin for id_, origin in origins if origin is not None},
        before=Snapshot.of(source, STATE),
    )


def _move_keys(sources: Sequence[Issue], target: Issue) -> None:
    """The keys belong to the target from now on; workers that remember them otherwise notice by the version."""
    GroupKey.objects.filter(issue__in=sources).update(merged_from=F("issue"), issue=target, pinned_to=None)
    Project.objects.filter(id=target.project_id).update(config_generation=F("config_generation") + 1)


def _sum_into(target: Issue, sources: Sequence[Issue]) -> None:
    everything = [target, *sources]
    first = min(everything, key=lambda issue: issue.first_seen_at)
    last = max(everything, key=lambda issue: issue.last_seen_at)
    Issue.objects.filter(id=target.pk).update(
        times_seen=sum(issue.times_seen for issue in everything),
        users_affected=IssueUser.objects.filter(issue=target.pk).count(),
        first_seen_at=first.first_seen_at,
        first_release=first.first_release_id,
        last_seen_at=last.last_seen_at,
        last_release=last.last_release_id,
        level=last.level,
        is_unhandled=any(issue.is_unhandled for issue in everything),
    )


def unmerge(keys: Sequence[GroupKey], *, by: User | None, now: datetime) -> ActionResult:
    """Take keys out of their issue, with exactly the events that they brought in.

    An issue that was merged, and all of whose keys leave, is restored; all other keys become one new issue. Raises
    DomainError where that cannot be.
    """
    with transaction.atomic():
        moved = unmerge_rows(keys, by=by, now=now)
    move_events(moved.left_ids)
    return moved.result


def unmerge_rows(keys: Sequence[GroupKey], *, by: User | None, now: datetime) -> Moved:
    whole, leaving = _lock_whole(keys)
    issues = _separate(whole, leaving, now)
    details = UnmergedDetails(tuple((issue.pk, issue.short_id) for issue in issues))
    activity = new_activity(details, project_id=whole.project_id, issue_id=whole.pk, by=by, now=now)
    activity.save()
    follow_keys.request([whole.pk])
    names = tuple(issue.short_id for issue in issues)
    return Moved(ActionResult(Unmerged(whole.short_id), len(names), names, (activity.pk,)), [whole.pk])


def _lock_whole(keys: Sequence[GroupKey]) -> tuple[Issue, list[GroupKey]]:
    leaving = list(GroupKey.objects.filter(id__in=[key.pk for key in keys]))
    owners = {key.issue_id for key in leaving}
    if len(owners) != 1:
        raise DomainError(Refusal.KEYS_OF_SEVERAL_ISSUES if owners else Refusal.NO_KEY_CHOSEN)
    lock_projects(key.project_id for key in leaving)
    locked = Issue.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    whole = locked.get(id=owners.pop())
    if not GroupKey.objects.filter(issue=whole).exclude(id__in=[key.pk for key in leaving]).exists():
        raise DomainError(Refusal.ONE_KEY_STAYS)
    return whole, leaving


def _separate(whole: Issue, leaving: Sequence[GroupKey], now: datetime) -> list[Issue]:
    merges = Activity.objects.filter(issue=whole, kind=ActivityKind.MERGED).order_by("id")
    details = [read for read in map(details_of, merges) if isinstance(read, MergedDetails)]
    merged = [each for read in details for each in read.merged]
    return separate(whole, parts_of(whole, leaving, merged), now)


def restore_merged(whole: Issue, details: MergedDetails, now: datetime) -> tuple[list[Issue], list[int]]:
    """Make the merged issues what they were, within the caller's transaction.

    Returns them, and the issues whose events are still to follow their keys.
    """
    sources = [each.issue_id for each in details.merged]
    keys = GroupKey.objects.filter(issue=whole, merged_from__in=sources)
    locked, leaving = _lock_whole(list(keys))
    issues = _separate(locked, leaving, now)
    if details.first_seen_at is not None:
        locked.first_seen_at = details.first_seen_at
        locked.first_release_id = details.first_release_id
        locked.save(update_fields=["first_seen_at", "first_release"])
    GroupKey.objects.filter(issue__in=issues).update(pinned_to=None)
    follow_keys.request([locked.pk])
    return issues, [locked.pk]


def followed(issue: Issue) -> Issue:
    """The issue into which it was merged in the end; itself where it was not."""
    while issue.merged_into is not None:
        issue = issue.merged_into
    return issue


def with_redirects(issue_ids: Sequence[int]) -> set[int]:
    """Ids of the issues and of all that were merged into them, however many merges ago."""
    found, latest = set(issue_ids), set(issue_ids)
    while latest:
        latest = set(Issue.objects.filter(merged_into__in=latest).values_list("id", flat=True)) - found
        found |= latest
    return found
