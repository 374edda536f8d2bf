"""What is said of an issue's state: how it was resolved or archived, what will happen next, and why it came back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tracker.issues.reasons import Reason, ReasonCode
from tracker.issues.resolution import Kind, Resolution, next_line_after, range_for
from tracker.issues.status import Archival, ArchiveFor
from tracker.models import Issue, Status
from tracker.versions import Basis
from tracker.versions.ranges import VersionRange

LEAVES_IT = "events of older releases are counted and leave it resolved"
COMES_BACK = "Events are counted; then it comes back by itself."
STAYS = "Events are counted; nothing but you brings it back."
FOREVER = "forever"


def joined(words: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " ".join(part for part in (", ".join(words[:-1]), conjunction if words[:-1] else "", *words[-1:]) if part)


def status_words(issue: Issue) -> str:
    """The issue's status with its reason."""
    if issue.status == Status.RESOLVED:
        return resolution_words(Resolution.from_json(issue.resolution) if issue.resolution else None)
    if issue.status == Status.ARCHIVED:
        return archival_words(Archival.from_json(issue.archival or {}), issue)
    return "unresolved"


def status_prediction(issue: Issue) -> str:
    """What will happen next to an issue in its state; empty where it is unresolved."""
    if issue.status == Status.RESOLVED and issue.resolution:
        return predict_resolution(Resolution.from_json(issue.resolution))
    if issue.status == Status.ARCHIVED:
        return STAYS if Archival.from_json(issue.archival or {}) == Archival() else COMES_BACK
    return ""


# ── Resolved ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def resolution_words(resolution: Resolution | None) -> str:
    """`resolved in 1.4.2`, `resolved in the next release after 1.4.1`; `resolved` where nothing more is known."""
    return f"resolved {describe_resolution(resolution) if resolution else ''}".strip()


def describe_resolution(resolution: Resolution) -> str:
    """How it was resolved, to follow “resolved”: `in 1.4.2`, `in the next release after 1.4.2`; empty for now."""
    newest = resolution.newest.version if resolution.newest else ""
    match resolution.kind:
        case Kind.IN_RELEASE:
            return f"in {joined(resolution.versions)}"
        case Kind.IN_NEXT_RELEASE:
            return f"in the next release after {newest}"
        case Kind.IN_NEXT_MINOR | Kind.IN_NEXT_MAJOR:
            line = "major" if resolution.kind == Kind.IN_NEXT_MAJOR else "minor"
            return f"in the next {line} after {newest}, {_start_of_line(resolution)}"
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
        case Kind.IN_RANGE if _range_of(resolution).until:
            others = "events of all other releases are counted and leave it resolved"
            return f"An event of a release in {resolution.range} reopens it; {others}."
        case Kind.IN_RANGE:
            return f"An event of a release in {resolution.range}, or newer, reopens it; {LEAVES_IT}."
        case Kind.IN_COMMIT:
            return f"An event of the first release with this commit, or of a newer one, reopens it; {LEAVES_IT}."
    return "An event that happens from now on reopens it."


def _range_of(resolution: Resolution) -> VersionRange:
    return range_for(resolution.range, resolution.newest)


def _start_of_line(resolution: Resolution) -> str:
    return str(next_line_after(resolution.newest, Kind(resolution.kind)) or "")


# ── Archived ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def archival_words(archival: Archival, issue: Issue | None = None) -> str:
    """`archived forever`; where the issue is given, counts say what is left: `archived until 10 more events`."""
    conditions = [f"until {_moment(archival.until)}"] if archival.until else []
    if archival.until_times_seen is not None:
        left = _more(archival.until_times_seen - issue.times_seen, "event") if issue else ""
        conditions.append(f"until {left}" if left else f"until it was seen {_times(archival.until_times_seen)}")
    if archival.until_users_affected is not None:
        left = _more(archival.until_users_affected - issue.users_affected, "affected user") if issue else ""
        conditions.append(f"until {left or _affected(archival.until_users_affected, 'user')}")
    return f"archived {joined(conditions, 'or') or FOREVER}"


def _more(left: int, noun: str) -> str:
    return f"{max(left, 0):,} more {noun}{'' if left == 1 else 's'}"


def _times(count: int) -> str:
    return f"{count:,} time{'' if count == 1 else 's'}"


def _affected(count: int, noun: str) -> str:
    return f"{count:,} {noun}{' is' if count == 1 else 's are'} affected"


def describe_archive(how: ArchiveFor) -> str:
    """To follow “archived”: `until 2026-11-30 12:00 UTC or until 10 more events`; or `forever`."""
    conditions = [f"until {_moment(how.until)}"] if how.until else []
    if how.events is not None:
        conditions.append(f"until {_more(how.events, 'event')}")
    if how.users is not None:
        conditions.append(f"until {_affected(how.users, 'more user')}")
    return joined(conditions, "or") or FOREVER


def predict_archive(how: ArchiveFor) -> str:
    """What brings it back, as one sentence."""
    return STAYS if how == ArchiveFor() else COMES_BACK


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


# ── Why an event brought it back, or did not ─────────────────────────────────────────────────────────────────────────

IN_WHICH = "in which it was fixed"
BY: Mapping[Basis, str] = {
    Basis.VERSION: "",
    Basis.DATE: " (by date: their names are not versions of one package)",
    Basis.NOT_KNOWN_YET: " (it had not been seen before)",
}
NO_RELEASE = "it was resolved (it names no release, so time decides)"
THE_NEWEST = "the newest release when it was resolved"
REASONS: Mapping[ReasonCode, str] = {
    ReasonCode.AFTER: "The event happened after it was resolved",
    ReasonCode.BEFORE: "The event happened before it was resolved",
    ReasonCode.AFTER_WITHOUT_RELEASE: f"The event happened after {NO_RELEASE}",
    ReasonCode.BEFORE_WITHOUT_RELEASE: f"The event happened before {NO_RELEASE}",
    ReasonCode.IS_THE_FIX: f"{{release}} is the release {IN_WHICH}",
    ReasonCode.NEWER_THAN_FIX: f"{{release}} is newer than {{other}}, {IN_WHICH}{{by}}",
    ReasonCode.SAME_AS_FIX: f"{{release}} is the same version as {{other}}, {IN_WHICH}",
    ReasonCode.AS_OLD_AS_FIX: "{release} came at the same time as {other}, and is not it",
    ReasonCode.OLDER_THAN_FIX: f"{{release}} is older than {{other}}, {IN_WHICH}{{by}}",
    ReasonCode.FIX_NOT_SEEN: "{other}, in which it is fixed, has not been seen yet",
    ReasonCode.NO_RELEASE_WAS_KNOWN: "{release} came after it was resolved, when no release was known",
    ReasonCode.WAS_NEWEST: f"{{release}} was {THE_NEWEST}",
    ReasonCode.WAS_KNOWN: "{release} was already known when it was resolved",
    ReasonCode.NEWER_THAN_NEWEST: f"{{release}} is newer than {{other}}, {THE_NEWEST}{{by}}",
    ReasonCode.NOT_NEWER_THAN_NEWEST: f"{{release}} is not newer than {{other}}, {THE_NEWEST}{{by}}",
    ReasonCode.OLDER_THAN_NEWEST: f"{{release}} is older than {{other}}, {THE_NEWEST}{{by}}",
    ReasonCode.BELOW_RANGE: f"{{release}} is older than {{other}}, {IN_WHICH}",
    ReasonCode.NOT_BELOW_RANGE: f"{{release}} is not older than {{other}}, {IN_WHICH}",
    ReasonCode.OUTSIDE_RANGE: f"{{release}} is outside {{other}}, {IN_WHICH}",
    ReasonCode.COMMIT_NOT_SEEN: "No release is known yet that contains commit {other}",
}


def reason_words(reason: Reason | str) -> str:
    """As a sentence without its full stop; a text of before there were codes as it is."""
    if isinstance(reason, str):
        return reason
    other = reason.other[:12] if reason.code is ReasonCode.COMMIT_NOT_SEEN else reason.other
    return REASONS[reason.code].format(release=reason.release, other=other, by=BY[reason.basis])
