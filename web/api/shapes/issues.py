"""Issues, their state, their activity and their tags."""

from collections.abc import Mapping, Sequence

from tracker.accounts.addresses import absolute_url
from tracker.counters.stats import Point, TagShare, TagTotal
from tracker.issues.details import AssignedDetails, RegressedDetails, ResolvedDetails, details_of
from tracker.issues.resolution import Kind, Resolution
from tracker.issues.status import Archival
from tracker.models import Activity, ActivityKind, Issue, Level, Release, Status
from web.api.shapes import Shape, iso
from web.api.shapes.accounts import actor_shape, project_reference, user_shape
from web.wording import reason_words

STATUS_NAMES = {Status.UNRESOLVED: "unresolved", Status.RESOLVED: "resolved", Status.ARCHIVED: "ignored"}
LEVEL_NAMES: Mapping[int, str] = {level.value: level.label for level in Level}

ACTIVITY_TYPES: Mapping[str, str] = {
    ActivityKind.FIRST_SEEN: "first_seen",
    ActivityKind.REGRESSED: "set_regression",
    ActivityKind.RESOLVED: "set_resolved",
    ActivityKind.REOPENED: "set_unresolved",
    ActivityKind.ARCHIVED: "set_ignored",
    ActivityKind.ARCHIVE_ENDED: "set_unresolved",
    ActivityKind.ASSIGNED: "assigned",
    ActivityKind.UNASSIGNED: "unassigned",
    ActivityKind.COMMENTED: "note",
    ActivityKind.MERGED: "merge",
    ActivityKind.UNMERGED: "unmerge_source",
    ActivityKind.UNDONE: "set_unresolved",
    ActivityKind.DEPLOYED: "deploy",
}


def level_name(level: int) -> str:
    return LEVEL_NAMES.get(level, "error")


def permalink_of(issue: Issue) -> str:
    return absolute_url(f"/o/{issue.project.organization.slug}/issues/{issue.short_id}/")


def issue_shape(issue: Issue, stats: Mapping[str, Sequence[Point]], comments: int) -> Shape:
    """An issue in a list; `project` (with organization), `assigned_to` are loaded."""
    return {
        "id": str(issue.pk),
        "shareId": None,
        "shortId": issue.short_id,
        "title": issue.title,
        "culprit": issue.culprit,
        "permalink": permalink_of(issue),
        "logger": issue.logger or None,
        "level": level_name(issue.level),
        "status": STATUS_NAMES[Status(issue.status)],
        "substatus": substatus_of(issue),
        "statusDetails": status_details(issue),
        "isPublic": False,
        "platform": issue.platform or None,
        "project": project_reference(issue.project),
        "type": "error" if issue.type else "default",
        "metadata": metadata_of(issue),
        "numComments": comments,
        "assignedTo": actor_shape(issue.assigned_to),
        "isBookmarked": False,
        "isSubscribed": False,
        "subscriptionDetails": None,
        "hasSeen": False,
        "annotations": [],
        "issueType": "error",
        "issueCategory": "error",
        "isUnhandled": issue.is_unhandled,
        "count": str(issue.times_seen),
        "userCount": issue.users_affected,
        "firstSeen": iso(issue.first_seen_at),
        "lastSeen": iso(issue.last_seen_at),
        "stats": {period: [[int(point.at.timestamp()), point.events] for point in stats[period]] for period in stats},
    }


def metadata_of(issue: Issue) -> Shape:
    if not issue.type:
        return {"title": issue.title}
    return {"type": issue.type, "value": issue.value, "title": issue.title}


def substatus_of(issue: Issue) -> str | None:
    if issue.status == Status.ARCHIVED:
        return "archived_until_condition_met" if issue.archival else "archived_forever"
    if issue.status == Status.RESOLVED:
        return None
    return "regressed" if issue.is_regressed else "ongoing"


def status_details(issue: Issue) -> Shape:
    """How it was resolved, or until when it is archived."""
    if issue.status == Status.RESOLVED and issue.resolution:
        return resolution_details(Resolution.from_json(issue.resolution))
    if issue.status == Status.ARCHIVED and issue.archival:
        archival = Archival.from_json(issue.archival)
        details = {
            "ignoreUntil": iso(archival.until),
            "ignoreCount": _left(archival.until_times_seen, issue.times_seen),
            "ignoreUserCount": _left(archival.until_users_affected, issue.users_affected),
        }
        return {name: value for name, value in details.items() if value is not None}
    return {}


def _left(bound: int | None, count: int) -> int | None:
    """Sentry says how many more; the domain says up to which total."""
    return None if bound is None else max(0, bound - count)


def resolution_details(resolution: Resolution) -> Shape:
    match resolution.kind:
        case Kind.IN_RELEASE if len(resolution.versions) > 1:
            return {"inRelease": resolution.versions[0], "inReleases": list(resolution.versions)}
        case Kind.IN_RELEASE:
            return {"inRelease": "".join(resolution.versions)}
        case Kind.IN_NEXT_RELEASE:
            return {"inNextRelease": True}
        case Kind.IN_NEXT_MINOR:
            return {"inNextRelease": True, "inNextMinor": True}
        case Kind.IN_NEXT_MAJOR:
            return {"inNextRelease": True, "inNextMajor": True}
        case Kind.IN_RANGE:
            return {"inRange": resolution.range}
        case Kind.IN_COMMIT:
            return {"inCommit": {"id": resolution.commit, "repository": {"name": resolution.repository}}}
    return {}


def release_reference(release: Release | None) -> Shape | None:
    """A release within an issue or an event."""
    if release is None:
        return None
    return {
        "id": release.pk,
        "version": release.version,
        "shortVersion": release.version.rpartition("@")[2],
        "ref": release.ref or None,
        "url": release.url or None,
        "dateCreated": iso(release.created_at),
        "dateReleased": iso(release.released_at),
    }


def issue_detail(
    issue: Issue,
    stats: Mapping[str, Sequence[Point]],
    comments: int,
    activities: Sequence[Activity],
    tags: Sequence[TagTotal],
) -> Shape:
    return {
        **issue_shape(issue, stats, comments),
        "firstRelease": release_reference(issue.first_release),
        "lastRelease": release_reference(issue.last_release),
        "activity": [activity_shape(activity) for activity in activities],
        "tags": [tag_shape(total) for total in tags],
        "participants": [],
        "seenBy": [],
        "userReportCount": 0,
        "pluginActions": [],
        "pluginContexts": [],
        "pluginIssues": [],
        "expectedSinceResolved": issue.expected_since_resolved,
    }


def activity_shape(activity: Activity) -> Shape:
    """Its `user` is loaded."""
    kind, details = _translated(activity)
    return {
        "id": str(activity.pk),
        "type": kind,
        "user": user_shape(activity.user) if activity.user else None,
        "data": details,
        "dateCreated": iso(activity.created_at),
    }


def note_shape(activity: Activity) -> Shape:
    """A comment, as the comments' own addresses return it."""
    return activity_shape(activity)


def _translated(activity: Activity) -> tuple[str, Shape]:
    details = details_of(activity)
    kind = ACTIVITY_TYPES[activity.kind]
    form = {name: value for name, value in details.as_json().items() if name != "before"}
    match details:
        case AssignedDetails(to_id, to_name):
            return kind, {"assignee": str(to_id), "assigneeName": to_name, "assigneeType": "user"}
        case ResolvedDetails(resolution=Resolution() as resolution):
            return _resolved(resolution)
        case RegressedDetails(reason=reason):
            return kind, {**form, "reason": reason_words(reason)}
    return kind, form


def _resolved(resolution: Resolution) -> tuple[str, Shape]:
    details = resolution_details(resolution)
    if "inCommit" in details:
        return "set_resolved_in_commit", {"commit": resolution.commit}
    if not details:
        return "set_resolved", {}
    return "set_resolved_in_release", {"version": details.get("inRelease", ""), **details}


def tag_shape(total: TagTotal, top: Sequence[TagShare] = ()) -> Shape:
    return {
        "key": total.key,
        "name": total.key.replace("_", " ").replace(".", " ").title(),
        "totalValues": total.times_seen,
        "uniqueValues": total.values,
        "topValues": [tag_value_shape(share) for share in top],
    }


def tag_value_shape(share: TagShare) -> Shape:
    return {
        "key": share.key,
        "value": share.value,
        "name": share.value,
        "count": share.times_seen,
        "lastSeen": iso(share.last_seen_at),
        "query": f'{share.key}:"{share.value}"',
    }
