"""Taking back what actions did, wherever the issues still are as the actions left them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from tracker.issues.details import (
    ArchivedDetails,
    AssignedDetails,
    MergedDetails,
    ReopenedDetails,
    ResolvedDetails,
    UnassignedDetails,
    UndoneDetails,
    UnmergedDetails,
    details_of,
    new_activity,
)
from tracker.issues.merge import Moved, merge_rows, restore_merged
from tracker.issues.results import ActionResult, TakenBack, TriageResult
from tracker.issues.status import Snapshot
from tracker.issues.unmerge import move_events
from tracker.models import Activity, ActivityKind, Issue, User

_STATE = frozenset(
    {
        ActivityKind.RESOLVED,
        ActivityKind.REOPENED,
        ActivityKind.ARCHIVED,
        ActivityKind.ARCHIVE_ENDED,
        ActivityKind.REGRESSED,
    }
)
_ASSIGNMENT = frozenset({ActivityKind.ASSIGNED, ActivityKind.UNASSIGNED})
_MOVES = (ActivityKind.MERGED, ActivityKind.UNMERGED)

IN_THE_WAY: dict[str, frozenset[ActivityKind]] = {
    ActivityKind.RESOLVED: _STATE,
    ActivityKind.REOPENED: _STATE,
    ActivityKind.ARCHIVED: _STATE,
    ActivityKind.ASSIGNED: _ASSIGNMENT,
    ActivityKind.UNASSIGNED: _ASSIGNMENT,
}
"""What can be taken back beside merges, and what must not have happened to the issue since."""


def undo(activity_ids: Sequence[int], *, by: User | None, now: datetime) -> TriageResult:
    """Take back what the activities did where the issue still is as they left it: merges first, the latest before."""
    moves = list(Activity.objects.filter(id__in=activity_ids, kind__in=_MOVES).order_by("-id"))
    results = [_take_back_move(activity, by, now) for activity in moves]
    others = set(activity_ids) - {activity.pk for activity in moves}
    if others or not results:
        results.append(_take_back_changes(others, by, now))
    return TriageResult(sum(result.matched for result in results), tuple(results))


# ── Changes of state and of assignment ───────────────────────────────────────────────────────────────────────────────


def _take_back_changes(activity_ids: Iterable[int], by: User | None, now: datetime) -> ActionResult:
    wanted = set(activity_ids)
    with transaction.atomic():
        found = Activity.objects.filter(id__in=wanted, kind__in=IN_THE_WAY, issue__merged_into=None)
        activities = list(found.select_related("issue__project").order_by("issue_id"))
        _lock([activity.issue_id for activity in activities if activity.issue_id])
        touched = _touched_since(activities)
        restored = [activity for activity in activities if activity.pk not in touched]
        _restore(restored)
        Activity.objects.bulk_create([_undone(activity, by, now) for activity in restored])
    names = tuple(activity.issue.short_id for activity in restored if activity.issue)
    return ActionResult(TakenBack(), len(wanted), names)


def _lock(issue_ids: Sequence[int]) -> None:
    list(Issue.objects.select_for_update(no_key=True).filter(id__in=issue_ids).order_by("id").values_list("id"))


def _touched_since(activities: Sequence[Activity]) -> set[int]:
    """Ids of the activities after which something happened to their issue that stands in their way."""
    oldest = min((activity.pk for activity in activities), default=0)
    newer: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for row in Activity.objects.filter(issue__in=[activity.issue_id for activity in activities], id__gt=oldest):
        details = details_of(row)
        newer[row.issue_id].append((row.pk, details.undone if isinstance(details, UndoneDetails) else row.kind))
    return {
        activity.pk
        for activity in activities
        if any(id_ > activity.pk and kind in IN_THE_WAY[activity.kind] for id_, kind in newer[activity.issue_id])
    }


def _restore(activities: Sequence[Activity]) -> None:
    """Write back what was before: one statement for all issues of which the same was so."""
    issues_with: dict[str, list[int]] = defaultdict(list)
    for activity in activities:
        before = _before(activity)
        if activity.issue_id and before:
            issues_with[json.dumps(before.as_json(), sort_keys=True)].append(activity.issue_id)
    for form, issue_ids in issues_with.items():
        Issue.objects.filter(id__in=issue_ids).update(**Snapshot.from_json(json.loads(form)).columns)


def _before(activity: Activity) -> Snapshot | None:
    match details_of(activity):
        case (
            ResolvedDetails(before=before)
            | ReopenedDetails(before=before)
            | ArchivedDetails(before=before)
            | AssignedDetails(before=before)
            | UnassignedDetails(before=before)
        ):
            return before
    return None


def _undone(activity: Activity, by: User | None, now: datetime) -> Activity:
    details = UndoneDetails(activity.kind, activity.pk)
    return new_activity(details, project_id=activity.project_id, issue_id=activity.issue_id, by=by, now=now)


# ── Merges ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _take_back_move(activity: Activity, by: User | None, now: datetime) -> ActionResult:
    """Take back a merge or an unmerge, where all of its issues still are as it left them."""
    # Loaded when its turn comes: taking back a newer merge may just have brought it back.
    whole = Issue.objects.select_related("project").filter(activities=activity).first()
    if whole is None or whole.merged_into_id is not None or _has_moved_since(activity):
        return ActionResult(TakenBack(), 1, ())
    with transaction.atomic():
        moved = _move_back(activity, whole, by, now)
        _undone(activity, by, now).save()
    move_events(moved.left_ids)
    return moved.result


def _move_back(activity: Activity, whole: Issue, by: User | None, now: datetime) -> Moved:
    details = details_of(activity)
    if isinstance(details, MergedDetails):
        issues, left_ids = restore_merged(whole, details, now)
        return Moved(ActionResult(TakenBack(), len(issues), tuple(issue.short_id for issue in issues)), left_ids)
    assert isinstance(details, UnmergedDetails), "only merges and unmerges move events"
    parts = list(Issue.objects.filter(id__in=[id_ for id_, _ in details.unmerged]))
    moved = merge_rows(parts, whole, by=by, now=now)
    # Taking back what was just taken back is not offered.
    return Moved(ActionResult(moved.result.effect, moved.result.matched, moved.result.changed), moved.left_ids)


def _has_moved_since(activity: Activity) -> bool:
    """Has anything been merged into or taken out of its issue since, or was it taken back already?"""
    newer = Activity.objects.filter(issue=activity.issue_id, id__gt=activity.pk)
    undone = newer.filter(kind=ActivityKind.UNDONE, details__kind__in=_MOVES)
    return newer.filter(kind__in=_MOVES).exists() or undone.exists()
