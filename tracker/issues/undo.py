"""Taking back what an action did, wherever the issue still is as the action left it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tracker.issues.status import Snapshot, subject
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

IN_THE_WAY: dict[str, frozenset[ActivityKind]] = {
    ActivityKind.RESOLVED: _STATE,
    ActivityKind.REOPENED: _STATE,
    ActivityKind.ARCHIVED: _STATE,
    ActivityKind.ASSIGNED: _ASSIGNMENT,
    ActivityKind.UNASSIGNED: _ASSIGNMENT,
}
"""What can be taken back, and what must not have happened to the issue since."""


def take_back(activity_ids: Sequence[int], *, by: User | None, now: datetime) -> str:
    """Take back changes of state and of assignment; returns a sentence."""
    with transaction.atomic():
        wanted = Activity.objects.filter(id__in=activity_ids, kind__in=IN_THE_WAY, issue__merged_into=None)
        activities = list(wanted.select_related("issue__project").order_by("issue_id"))
        _lock([activity.issue_id for activity in activities if activity.issue_id])
        touched = _touched_since(activities)
        restored = [activity for activity in activities if activity.pk not in touched]
        _restore(restored)
        Activity.objects.bulk_create([_undone(activity, by, now) for activity in restored])
    issues = [activity.issue for activity in restored if activity.issue]
    return _sentence(issues, len(set(activity_ids)) - len(restored))


def _lock(issue_ids: Sequence[int]) -> None:
    list(Issue.objects.select_for_update(no_key=True).filter(id__in=issue_ids).order_by("id").values_list("id"))


def _touched_since(activities: Sequence[Activity]) -> set[int]:
    """Ids of the activities after which something happened to their issue that stands in their way."""
    oldest = min((activity.pk for activity in activities), default=0)
    issue_ids = [activity.issue_id for activity in activities]
    newer: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    rows = Activity.objects.filter(issue__in=issue_ids, id__gt=oldest)
    for issue_id, id_, kind, details in rows.values_list("issue_id", "id", "kind", "details"):
        newer[issue_id].append((id_, details.get("kind", "") if kind == ActivityKind.UNDONE else kind))
    return {
        activity.pk
        for activity in activities
        if any(id_ > activity.pk and kind in IN_THE_WAY[activity.kind] for id_, kind in newer[activity.issue_id])
    }


def _restore(activities: Sequence[Activity]) -> None:
    """Write back what was before: one statement for all issues of which the same was so."""
    issues_with: dict[str, list[int]] = defaultdict(list)
    for activity in activities:
        if activity.issue_id:
            issues_with[json.dumps(activity.details["before"], sort_keys=True)].append(activity.issue_id)
    for before, issue_ids in issues_with.items():
        Issue.objects.filter(id__in=issue_ids).update(**Snapshot.from_json(json.loads(before)).columns)


def _undone(activity: Activity, by: User | None, now: datetime) -> Activity:
    return Activity(
        project_id=activity.project_id,
        issue_id=activity.issue_id,
        kind=ActivityKind.UNDONE,
        user=by,
        details={"kind": activity.kind, "activity": activity.pk},
        created_at=now,
    )


def _sentence(restored: Sequence[Issue], left: int) -> str:
    if not restored:
        return "Nothing was taken back: it has changed since."
    rest = f" {left:,} changed since and stay as they are." if left else ""
    return f"{subject(restored)} as before.{rest}"
