"""What the pages say of a state or of something that happened, as one sentence each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.lifecycle.resolution import Kind, Resolution
from tracker.lifecycle.status import Archival
from tracker.models import Activity, ActivityKind, Issue, Status

RESOLVED_IN = {
    Kind.NOW: "resolved",
    Kind.IN_NEXT_RELEASE: "resolved in the next release",
    Kind.IN_NEXT_MINOR: "resolved in the next minor release",
    Kind.IN_NEXT_MAJOR: "resolved in the next major release",
}


def join_words(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


def resolution_words(resolution: Mapping[str, Any] | None) -> str:
    """`resolved in 1.4.2`, `resolved in the next release after 1.4.1`; `resolved` where nothing more is known."""
    if not resolution:
        return "resolved"
    how = Resolution.from_json(dict(resolution))
    if how.kind == Kind.IN_RELEASE:
        return f"resolved in {join_words(list(how.versions))}"
    if how.kind == Kind.IN_RANGE:
        return f"resolved in {how.range}"
    if how.kind == Kind.IN_COMMIT:
        return f"resolved by commit {how.commit[:10]}"
    words = RESOLVED_IN[Kind(how.kind)]
    return f"{words} after {how.newest.version}" if how.newest and how.kind != Kind.NOW else words


def archival_words(archival: Mapping[str, Any] | None, issue: Issue | None = None) -> str:
    """`archived for ever`, `archived until 10 more events`; counts are what is left where the issue is given."""
    until = Archival.from_json(dict(archival or {}))
    conditions = []
    if until.until:
        conditions.append(until.until.astimezone(UTC).strftime("%d %b %Y, %H:%M UTC"))
    if until.until_times_seen is not None:
        conditions.append(_left(until.until_times_seen, issue.times_seen if issue else None, "event"))
    if until.until_users_affected is not None:
        conditions.append(_left(until.until_users_affected, issue.users_affected if issue else None, "affected user"))
    return f"archived until {' or '.join(conditions)}" if conditions else "archived for ever"


def _left(target: int, reached: int | None, noun: str) -> str:
    if reached is None:
        return f"{target:,} {noun}s in all"
    left = max(target - reached, 0)
    return f"{left:,} more {noun}{'' if left == 1 else 's'}"


def status_words(issue: Issue) -> str:
    """The issue's status with its reason."""
    if issue.status == Status.RESOLVED:
        return resolution_words(issue.resolution)
    if issue.status == Status.ARCHIVED:
        return archival_words(issue.archival, issue)
    return "unresolved"


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
    )


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
        to = details.get("to_name") or details.get("name") or details.get("to")
        return _begin(f"assigned it to {to}" if to else "assigned it", by_person)
    return _begin(
        {
            ActivityKind.REOPENED: "reopened it",
            ActivityKind.ARCHIVE_ENDED: "Is no longer archived",
            ActivityKind.UNASSIGNED: "unassigned it",
            ActivityKind.COMMENTED: "commented",
            ActivityKind.MERGED: "merged issues",
            ActivityKind.UNMERGED: "took issues apart again",
            ActivityKind.UNDONE: "undid the last change",
            ActivityKind.DEPLOYED: f"{release or 'A release'} was deployed",
        }[kind],
        by_person,
    )


def _begin(words: str, by_person: bool) -> str:
    return words if by_person else words[:1].upper() + words[1:]
