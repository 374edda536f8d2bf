"""What people do to issues, one action at a time: rows and Activity in one transaction. `triage` combines them.

Every action takes the issues (of one or several projects that the caller has been shown), who acts, and the time. It
returns an `ActionResult`, whose activities `undo` takes back as long as nothing newer has touched the issue. An
issue on which an action does nothing (it is merged into another, or is as asked for already) is passed over.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tracker.deletion.cascade import remove_issues
from tracker.issues.claims import ResolveIn, claim_all
from tracker.issues.details import (
    ArchivedDetails,
    ArchiveEndedDetails,
    AssignedDetails,
    Details,
    ReopenedDetails,
    ResolvedDetails,
    UnassignedDetails,
    new_activity,
)
from tracker.issues.merge import merge, unmerge, with_redirects
from tracker.issues.resolution import Resolution
from tracker.issues.results import ActionResult, Archived, Assigned, Deleted, Effect, Reopened, Resolved, ids_of
from tracker.issues.status import Archival, ArchiveFor, Cause, Snapshot, as_json_time, statuses_that_allow
from tracker.issues.undo import undo
from tracker.models import Activity, Issue, Status, User
from tracker.storage.sql import is_postgres, update_rows


def resolve(issues: Sequence[Issue], how: ResolveIn, *, by: User | None, now: datetime) -> ActionResult:
    """Resolve; raises DomainError where `how` cannot be meant (an unreadable range, no release)."""
    with transaction.atomic():
        locked = lock(issues, Cause.RESOLVE)
        claims = claim_all(locked, how, by=by, now=now)
        activities = []
        for resolution, of_claim in claims:
            fields = _state(Status.RESOLVED, now, resolution=resolution.as_json())
            activities += _change(of_claim, fields, _resolved_as(resolution), by, now)
        done = Activity.objects.bulk_create(activities)
    return _result(Resolved(tuple(resolution for resolution, _ in claims)), issues, locked, done)


def archive(issues: Sequence[Issue], how: ArchiveFor, *, by: User | None, now: datetime) -> ActionResult:
    """Archive until any of the conditions holds, or permanently; counts go on from what each issue has now."""
    how.check(now)
    with transaction.atomic():
        locked = lock(issues, Cause.ARCHIVE)
        fields = _state(Status.ARCHIVED, now, archival=how.archival_of(0, 0).as_json())
        archivals = {issue.pk: how.archival_of(issue.times_seen, issue.users_affected) for issue in locked}
        activities = _change(locked, fields, lambda issue, was: ArchivedDetails(archivals[issue.pk], was), by, now)
        if how.is_counted:
            _write_archivals(archivals)
        done = Activity.objects.bulk_create(activities)
    return _result(Archived(how), issues, locked, done)


def _write_archivals(archivals: dict[int, Archival]) -> None:
    update_rows(
        "tracker_issue",
        ("id", "bigint"),
        (("form", "text"),),
        [(issue_id, json.dumps(archival.as_json())) for issue_id, archival in archivals.items()],
        f"archival = CAST(new.form AS {'jsonb' if is_postgres() else 'text'})",
    )


def reopen(issues: Sequence[Issue], *, by: User | None, now: datetime) -> ActionResult:
    """Make them unresolved again."""
    with transaction.atomic():
        locked = lock(issues, Cause.REOPEN)
        fields = _state(Status.UNRESOLVED, now)
        done = Activity.objects.bulk_create(_change(locked, fields, lambda _, was: ReopenedDetails(was), by, now))
    return _result(Reopened(), issues, locked, done)


def assign(issues: Sequence[Issue], to: User | None, *, by: User | None, now: datetime) -> ActionResult:
    """Assign, or unassign with `to=None`."""
    to_id = to.pk if to else None
    to_name = str(to) if to else ""

    def details(_: Issue, was: Snapshot) -> Details:
        return AssignedDetails(to_id, to_name, was) if to else UnassignedDetails(was)

    with transaction.atomic():
        locked = [issue for issue in lock(issues) if issue.assigned_to_id != to_id]
        done = Activity.objects.bulk_create(_change(locked, {"assigned_to_id": to_id}, details, by, now))
    return _result(Assigned(to_id, to_name), issues, locked, done)


def delete_issues(issues: Sequence[Issue]) -> ActionResult:
    """Delete issues with all their events, in time slices. It cannot be undone."""
    remove_issues(Issue.objects.filter(id__in=with_redirects([issue.pk for issue in issues])))
    return _result(Deleted(is_over=True), issues, issues, ())


def bring_back_archived(now: datetime, limit: int = 500) -> int:
    """Reopen archived issues whose date has come, at most `limit` at a time; returns how many."""
    with transaction.atomic():
        archived = Issue.objects.select_for_update(no_key=True).filter(
            status=Status.ARCHIVED, archival__until__lte=as_json_time(now)
        )
        due = list(archived.order_by("id")[:limit])
        fields = _state(Status.UNRESOLVED, now)
        Activity.objects.bulk_create(_change(due, fields, lambda _, was: ArchiveEndedDetails(was), None, now))
    return len(due)


# ── The steps that actions share ─────────────────────────────────────────────────────────────────────────────────────


def lock(issues: Sequence[Issue], cause: Cause | None = None) -> list[Issue]:
    """The issues as they are now, locked in the order of their ids; without those on which the cause does nothing."""
    wanted = Issue.objects.filter(id__in=[issue.pk for issue in issues], merged_into=None)
    if cause is not None:
        wanted = wanted.filter(status__in=statuses_that_allow(cause))
    loaded = wanted.select_related("project", "last_release").select_for_update(of=("self",), no_key=True)
    return list(loaded.order_by("id"))


def _state(status: Status, now: datetime, **fields: Any) -> dict[str, Any]:
    """The columns of a state: what belongs to another state is emptied."""
    return {
        "status": status,
        "status_changed_at": now,
        "is_regressed": False,
        "resolution": None,
        "archival": None,
        "expected_since_resolved": 0,
        **fields,
    }


def _change(
    issues: Sequence[Issue],
    fields: dict[str, Any],
    details: Callable[[Issue, Snapshot], Details],
    by: User | None,
    now: datetime,
) -> list[Activity]:
    """Write the same columns into all the issues by one statement; returns their activities, not saved yet.

    `details` are made of an issue and of its columns as they were.
    """
    Issue.objects.filter(id__in=[issue.pk for issue in issues]).update(**fields)
    return [
        new_activity(
            details(issue, Snapshot.of(issue, fields)), project_id=issue.project_id, issue_id=issue.pk, by=by, now=now
        )
        for issue in issues
    ]


def _resolved_as(resolution: Resolution) -> Callable[[Issue, Snapshot], Details]:
    return lambda _, was: ResolvedDetails(resolution, was)


def _result(
    effect: Effect, chosen: Sequence[Issue], changed: Sequence[Issue], activities: Sequence[Activity]
) -> ActionResult:
    names = tuple(issue.short_id for issue in changed)
    return ActionResult(effect, len(chosen), names, ids_of(activities))


__all__ = [
    "archive",
    "assign",
    "bring_back_archived",
    "delete_issues",
    "lock",
    "merge",
    "reopen",
    "resolve",
    "undo",
    "unmerge",
]
