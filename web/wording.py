"""What the pages say of a state or of something that happened, as one sentence each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.issues.resolution import Resolution
from tracker.issues.sentences import (
    describe_archival,
    describe_resolution,
    joined,
    predict_archival,
    predict_resolution,
)
from tracker.issues.status import Archival
from tracker.models import Activity, ActivityKind, Issue, Status


def resolution_words(resolution: Mapping[str, Any] | None) -> str:
    """`resolved in 1.4.2`, `resolved in the next release after 1.4.1`; `resolved` where nothing more is known."""
    how = describe_resolution(Resolution.from_json(dict(resolution))) if resolution else ""
    return f"resolved {how}".strip()


def archival_words(archival: Mapping[str, Any] | None, issue: Issue | None = None) -> str:
    """`archived forever`; where the issue is given, counts say what is left: `archived until 10 more events`."""
    until = Archival.from_json(dict(archival or {}))
    if issue is None:
        return f"archived {describe_archival(until)}"
    conditions = [describe_archival(Archival(until=until.until))] if until.until else []
    if until.until_times_seen is not None:
        conditions.append(f"until {_more(until.until_times_seen - issue.times_seen, 'event')}")
    if until.until_users_affected is not None:
        conditions.append(f"until {_more(until.until_users_affected - issue.users_affected, 'affected user')}")
    return f"archived {joined(conditions, 'or') or 'for ever'}"


def _more(left: int, noun: str) -> str:
    return f"{max(left, 0):,} more {noun}{'' if left == 1 else 's'}"


def status_words(issue: Issue) -> str:
    """The issue's status with its reason."""
    if issue.status == Status.RESOLVED:
        return resolution_words(issue.resolution)
    if issue.status == Status.ARCHIVED:
        return archival_words(issue.archival, issue)
    return "unresolved"


def status_prediction(issue: Issue) -> str:
    """What will happen next to an issue in its state; empty where it is unresolved."""
    if issue.status == Status.RESOLVED and issue.resolution:
        return predict_resolution(Resolution.from_json(issue.resolution))
    if issue.status == Status.ARCHIVED:
        return predict_archival(Archival.from_json(issue.archival or {}))
    return ""


@dataclass(slots=True, frozen=True)
class ActivityView:
    """One line of an issue's history; `text` is what a person wrote."""

    icon: str
    who: str
    words: str
    at: datetime
    text: str = ""
    event_id: str = ""
    release: str = ""
    reason: str = ""
    merged: tuple[str, ...] = ()
    """Short ids of the issues that were merged in."""


ICONS = {
    ActivityKind.FIRST_SEEN: "new",
    ActivityKind.REGRESSED: "regressed",
    ActivityKind.RESOLVED: "resolved",
    ActivityKind.REOPENED: "reopen",
    ActivityKind.ARCHIVED: "archive",
    ActivityKind.ARCHIVE_ENDED: "issues",
    ActivityKind.ASSIGNED: "user",
    ActivityKind.UNASSIGNED: "user",
    ActivityKind.COMMENTED: "comment",
    ActivityKind.MERGED: "merge",
    ActivityKind.UNMERGED: "merge",
    ActivityKind.UNDONE: "reopen",
    ActivityKind.DEPLOYED: "deploy",
}


def activity_view(activity: Activity) -> ActivityView:
    details: dict[str, Any] = activity.details if isinstance(activity.details, dict) else {}
    return ActivityView(
        icon=ICONS.get(ActivityKind(activity.kind), "info"),
        who=str(activity.user) if activity.user else "",
        words=_activity_words(ActivityKind(activity.kind), details, by_person=activity.user is not None),
        at=activity.created_at,
        text=str(details.get("text", "")),
        event_id=str(details.get("event_id", "")),
        release=str(details.get("release", "")),
        reason=str(details.get("reason", "")),
        merged=_merged(activity.kind, details),
    )


def _merged(kind: str, details: Mapping[str, Any]) -> tuple[str, ...]:
    if kind != ActivityKind.MERGED:
        return ()
    return tuple(str(each.get("short_id", "")) for each in details.get(ActivityKind.MERGED, []))


def _activity_words(kind: ActivityKind, details: Mapping[str, Any], *, by_person: bool) -> str:
    release = details.get("release")
    if kind == ActivityKind.FIRST_SEEN:
        return f"First seen in {release}" if release else "First seen"
    if kind == ActivityKind.REGRESSED:
        return f"Came back in {release}" if release else "Came back"
    if kind == ActivityKind.RESOLVED:
        return _begin(resolution_words(details.get("resolution")), by_person)
    if kind == ActivityKind.ARCHIVED:
        return _begin(archival_words(details.get("archival")), by_person)
    if kind == ActivityKind.ASSIGNED:
        to = details.get("assigned_to_name")
        return _begin(f"assigned it to {to}" if to else "assigned it", by_person)
    if kind in (ActivityKind.MERGED, ActivityKind.UNMERGED):
        names = joined([str(each.get("short_id", "")) for each in details.get(kind, [])]) or "issues"
        return _begin(
            f"merged {names} into it" if kind == ActivityKind.MERGED else f"took {names} out of it", by_person
        )
    return _begin(
        {
            ActivityKind.REOPENED: "reopened it",
            ActivityKind.ARCHIVE_ENDED: "Is no longer archived",
            ActivityKind.UNASSIGNED: "unassigned it",
            ActivityKind.COMMENTED: "commented",
            ActivityKind.UNDONE: "undid the last change",
            ActivityKind.DEPLOYED: f"{release or 'A release'} was deployed",
        }[kind],
        by_person,
    )


def _begin(words: str, by_person: bool) -> str:
    return words if by_person else words[:1].upper() + words[1:]
