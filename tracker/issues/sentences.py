"""What is said about states: the sentence that confirms an action, and what will happen next. Pure."""

from collections.abc import Sequence
from datetime import datetime

from tracker.issues.resolution import Kind, Resolution, next_line_after, range_for
from tracker.issues.status import Archival

LEAVES_IT = "events of older releases are counted and leave it resolved"
COMES_BACK = "Events are counted; then it comes back by itself."


def joined(words: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " ".join(part for part in (", ".join(words[:-1]), conjunction if words[:-1] else "", *words[-1:]) if part)


def describe_resolution(resolution: Resolution) -> str:
    """How it was resolved, to follow “resolved”: `in 1.4.2`, `in the next release after 1.4.2`; empty for now."""
    newest = resolution.newest.version if resolution.newest else ""
    match resolution.kind:
        case Kind.IN_RELEASE:
            return f"in {joined(resolution.versions)}"
        case Kind.IN_NEXT_RELEASE:
            return f"in the next release after {newest}"
        case Kind.IN_NEXT_MINOR | Kind.IN_NEXT_MAJOR:
            return f"in the next {_line(resolution)} after {newest}, {_start_of_line(resolution)}"
        case Kind.IN_RANGE:
            return f"in {resolution.range}"
        case Kind.IN_COMMIT:
            return f"by commit {resolution.commit[:12]}"
    return ""


def predict_resolution(resolution: Resolution) -> str:
    """What will count as a regression, as one sentence."""
    match resolution.kind:
        case Kind.IN_RELEASE if len(resolution.versions) > 1:
            fixes = joined(resolution.versions, "or")
            return f"An event of {fixes}, or newer on the same line, reopens it; {LEAVES_IT}."
        case Kind.IN_RELEASE:
            return f"An event of {resolution.versions[0]} or newer reopens it; {LEAVES_IT}."
        case Kind.IN_NEXT_RELEASE:
            newest = resolution.newest.version if resolution.newest else "those known now"
            return f"An event of a release newer than {newest} reopens it; {LEAVES_IT}."
        case Kind.IN_NEXT_MINOR | Kind.IN_NEXT_MAJOR:
            return f"An event of {_start_of_line(resolution)} or newer reopens it; {LEAVES_IT}."
        case Kind.IN_RANGE if range_for(resolution.range, resolution.newest).until:
            others = "events of all other releases are counted and leave it resolved"
            return f"An event of a release in {resolution.range} reopens it; {others}."
        case Kind.IN_RANGE:
            return f"An event of a release in {resolution.range}, or newer, reopens it; {LEAVES_IT}."
        case Kind.IN_COMMIT:
            return f"An event of the first release with this commit, or of a newer one, reopens it; {LEAVES_IT}."
    return "An event that happens from now on reopens it."


def _line(resolution: Resolution) -> str:
    return "major" if resolution.kind == Kind.IN_NEXT_MAJOR else "minor"


def _start_of_line(resolution: Resolution) -> str:
    return str(next_line_after(resolution.newest, Kind(resolution.kind)) or "")


def describe_archival(archival: Archival) -> str:
    """Until when, to follow “archived”: `until it was seen 100 times or until 2026-11-30 12:00 UTC`; or `forever`."""
    conditions = []
    if archival.until:
        conditions.append(f"until {_moment(archival.until)}")
    if archival.until_times_seen is not None:
        conditions.append(f"until it was seen {archival.until_times_seen:,} times")
    if archival.until_users_affected is not None:
        conditions.append(f"until {archival.until_users_affected:,} users are affected")
    return joined(conditions, "or") or "for ever"


def predict_archival(archival: Archival) -> str:
    """What brings it back, as one sentence."""
    if archival == Archival():
        return "Events are counted; nothing but you brings it back."
    return COMES_BACK


def describe_more(events: int | None, users: int | None, until: datetime | None) -> str:
    """Until how many more than now: `until 10 more events or until 2026-11-30 12:00 UTC`."""
    conditions = [f"until {_moment(until)}"] if until else []
    if events is not None:
        conditions.append(f"until {events:,} more event{'' if events == 1 else 's'}")
    if users is not None:
        conditions.append(f"until {users:,} more user{' is' if users == 1 else 's are'} affected")
    return joined(conditions, "or") or "for ever"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
