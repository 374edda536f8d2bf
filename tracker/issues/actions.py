"""What people do to issues: rows and Activity in one transaction, and how to take it back.

Every action takes the issues (of one or several projects that the caller has been shown), who acts, and the time. It
answers an `Undo`, which `undo` takes back as long as nothing newer has touched the issue. An issue on which an action
does nothing (it is merged into another, or is as asked for already) is passed over.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tracker.deletion.cascade import remove_issues
from tracker.issues.claims import Choices, ResolveIn, choices_for, claim_all, read_typed
from tracker.issues.merge import merge, take_back_merge, unmerge, with_redirects
from tracker.issues.resolution import Resolution
from tracker.issues.sentences import (
    COMES_BACK,
    describe_archival,
    describe_more,
    describe_resolution,
    predict_archival,
    predict_resolution,
)
from tracker.issues.status import Archival, Cause, Snapshot, Undo, as_json_time, ids_of, statuses_that_allow, subject
from tracker.issues.undo import take_back
from tracker.models import Activity, ActivityKind, Issue, Status, User

MAX_COMMENT = 20_000
NOTHING_TO_DO = "There was nothing to do."


def resolve(issues: Sequence[Issue], how: ResolveIn, *, by: User | None, now: datetime) -> Undo:
    """Resolve; raises ValueError with a sentence where `how` cannot be meant (an unreadable range, no release)."""
    with transaction.atomic():
        locked = lock(issues, Cause.RESOLVE)
        claims = claim_all(locked, how, by=by, now=now)
        activities = []
        for resolution, of_claim in claims:
            fields = _state(Status.RESOLVED, now, resolution=resolution.as_json())
            activities += _change(
                of_claim, ActivityKind.RESOLVED, fields, {"resolution": resolution.as_json()}, by, now
            )
        done = Activity.objects.bulk_create(activities)
    if not claims:
        return Undo((), NOTHING_TO_DO)
    descriptions = {describe_resolution(resolution) for resolution, _ in claims}
    what = descriptions.pop() if len(descriptions) == 1 else "each in a release of its own project"
    consequences = {predict_resolution(resolution) for resolution, _ in claims}
    sentence = f"{subject(locked)} resolved {what}".rstrip() + "."
    return Undo(ids_of(done), sentence, consequences.pop() if len(consequences) == 1 else "")


def archive(issues: Sequence[Issue], archival: Archival, *, by: User | None, now: datetime) -> Undo:
    """Archive until any of the archival's conditions holds, or forever."""
    with transaction.atomic():
        locked = lock(issues, Cause.ARCHIVE)
        fields = _state(Status.ARCHIVED, now, archival=archival.as_json())
        details = {"archival": archival.as_json()}
        done = Activity.objects.bulk_create(_change(locked, ActivityKind.ARCHIVED, fields, details, by, now))
    if not locked:
        return Undo((), NOTHING_TO_DO)
    sentence = f"{subject(locked)} archived {describe_archival(archival)}."
    return Undo(ids_of(done), sentence, predict_archival(archival))


def archive_for_more(
    issues: Sequence[Issue],
    *,
    events: int | None = None,
    users: int | None = None,
    until: datetime | None = None,
    by: User | None,
    now: datetime,
) -> Undo:
    """Archive each issue until it has had so many more events or users than now, or until a moment."""
    with transaction.atomic():
        locked = lock(issues, Cause.ARCHIVE)
        activities = []
        for issue in locked:
            archival = Archival(
                until,
                issue.times_seen + events if events is not None else None,
                issue.users_affected + users if users is not None else None,
            )
            before = Snapshot.of(issue, _state(Status.ARCHIVED, now)).as_json()
            issue.archival = archival.as_json()
            activities.append(_activity(issue, ActivityKind.ARCHIVED, {"archival": issue.archival}, before, by, now))
        Issue.objects.filter(id__in=[issue.pk for issue in locked]).update(**_state(Status.ARCHIVED, now))
        Issue.objects.bulk_update(locked, ["archival"])
        done = Activity.objects.bulk_create(activities)
    if not locked:
        return Undo((), NOTHING_TO_DO)
    return Undo(ids_of(done), f"{subject(locked)} archived {describe_more(events, users, until)}.", COMES_BACK)


def reopen(issues: Sequence[Issue], *, by: User | None, now: datetime) -> Undo:
    with transaction.atomic():
        locked = lock(issues, Cause.REOPEN)
        fields = _state(Status.UNRESOLVED, now)
        done = Activity.objects.bulk_create(_change(locked, ActivityKind.REOPENED, fields, {}, by, now))
    return Undo(ids_of(done), f"{subject(locked)} unresolved." if locked else NOTHING_TO_DO)


def assign(issues: Sequence[Issue], to: User | None, *, by: User | None, now: datetime) -> Undo:
    """Assign, or unassign with `to=None`."""
    to_id = to.pk if to else None
    with transaction.atomic():
        locked = [issue for issue in lock(issues) if issue.assigned_to_id != to_id]
        kind = ActivityKind.ASSIGNED if to else ActivityKind.UNASSIGNED
        details = {"assigned_to": to_id, "assigned_to_name": str(to)} if to else {}
        done = Activity.objects.bulk_create(_change(locked, kind, {"assigned_to_id": to_id}, details, by, now))
    to_whom = f"assigned to {to}" if to else "assigned to nobody"
    return Undo(ids_of(done), f"{subject(locked)} {to_whom}." if locked else NOTHING_TO_DO)


def comment(issue: Issue, text: str, *, by: User, now: datetime) -> Activity:
    """Raises ValueError, with a sentence, where there is nothing to say or too much."""
    text = text.strip()
    if not text:
        raise ValueError("Write something first.")
    if len(text) > MAX_COMMENT:
        raise ValueError(f"A comment has at most {MAX_COMMENT:,} characters.")
    return Activity.objects.create(
        project_id=issue.project_id,
        issue=issue,
        kind=ActivityKind.COMMENTED,
        user=by,
        details={"text": text},
        created_at=now,
    )


def undo(activity_ids: Sequence[int], *, by: User | None, now: datetime) -> str:
    """Take back what the activities did where the issue still is as they left it; returns a sentence."""
    merges = Activity.objects.filter(id__in=activity_ids, kind__in=(ActivityKind.MERGED, ActivityKind.UNMERGED))
    moved = list(merges.select_related("issue__project").order_by("-id"))
    if moved:
        return " ".join(take_back_merge(activity, by=by, now=now) for activity in moved)
    return take_back(activity_ids, by=by, now=now)


def delete_issues(issues: Sequence[Issue]) -> str:
    """Delete issues with all their events, in small batches; returns a sentence. It cannot be undone."""
    sentence = f"{subject(issues)} deleted." if issues else NOTHING_TO_DO
    remove_issues(Issue.objects.filter(id__in=with_redirects([issue.pk for issue in issues])))
    return sentence


def bring_back_archived(now: datetime, limit: int = 500) -> int:
    """Reopen archived issues whose date has come, at most `limit` at a time; returns how many."""
    with transaction.atomic():
        archived = Issue.objects.select_for_update(no_key=True).filter(
            status=Status.ARCHIVED, archival__until__lte=as_json_time(now)
        )
        due = list(archived.order_by("id")[:limit])
        fields = _state(Status.UNRESOLVED, now)
        Activity.objects.bulk_create(_change(due, ActivityKind.ARCHIVE_ENDED, fields, {}, None, now))
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
    kind: ActivityKind,
    fields: dict[str, Any],
    details: dict[str, Any],
    by: User | None,
    now: datetime,
) -> list[Activity]:
    """Write the same columns into all the issues by one statement; returns their activities, not saved yet."""
    Issue.objects.filter(id__in=[issue.pk for issue in issues]).update(**fields)
    return [_activity(issue, kind, details, Snapshot.of(issue, fields).as_json(), by, now) for issue in issues]


def _activity(
    issue: Issue, kind: ActivityKind, details: dict[str, Any], before: dict[str, Any], by: User | None, now: datetime
) -> Activity:
    details = {**details, "before": before}
    return Activity(project_id=issue.project_id, issue=issue, kind=kind, user=by, details=details, created_at=now)


__all__ = [
    "Archival",
    "Choices",
    "Resolution",
    "ResolveIn",
    "Undo",
    "archive",
    "archive_for_more",
    "assign",
    "bring_back_archived",
    "choices_for",
    "comment",
    "delete_issues",
    "merge",
    "read_typed",
    "reopen",
    "resolve",
    "undo",
    "unmerge",
]
