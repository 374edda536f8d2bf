"""Is it fixed in this release? The rule of "resolved in release", pure.

A resolution is a claim: the code has the fix since then, or from that release on. An event can leave the claim
standing (it happened before, so the issue is *still fixed*), be of no matter to it (its release is older than the fix,
which does *not cover* it), or refute it: a *regression*. How releases are ordered is the matter of `tracker.versions`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from tracker.issues.reasons import Reason, ReasonCode
from tracker.versions import Basis, KnownRelease, Order, Version, date_of, oldest_like, order, parse_version
from tracker.versions.ranges import VersionRange, parse_range


class Kind(StrEnum):
    """From when on an issue is fixed."""

    NOW = "now"
    IN_RELEASE = "in_release"
    IN_NEXT_RELEASE = "in_next_release"
    IN_NEXT_MINOR = "in_next_minor"
    IN_NEXT_MAJOR = "in_next_major"
    IN_RANGE = "in_range"
    IN_COMMIT = "in_commit"


_NEXT_LINES = (Kind.IN_NEXT_MINOR, Kind.IN_NEXT_MAJOR)


class Verdict(Enum):
    STILL_FIXED = "still fixed"
    NOT_COVERED = "not covered by the fix"
    REGRESSION = "regression"


@dataclass(slots=True, frozen=True)
class Resolution:
    """How an issue was resolved; `as_json` and `from_json` are its form in `Issue.resolution`."""

    kind: str
    """A `Kind`."""
    resolved_at: datetime
    versions: tuple[str, ...] = ()
    """in_release: one or, on several lines, more."""
    newest: KnownRelease | None = None
    """The newest release known when it was resolved, for the `next` kinds and ranges."""
    range: str = ""
    commit: str = ""
    repository: str = ""
    by_user_id: int | None = None
    remembered: tuple[KnownRelease, ...] = ()
    """What was known of the releases that decide: it outlives the releases themselves."""

    @property
    def named_versions(self) -> set[str]:
        """The releases of which a judgement wants to know whatever is known."""
        start = next_line_after(self.newest, Kind(self.kind)) if self.kind in _NEXT_LINES else None
        lowest = range_for(self.range, self.newest).lowest if self.kind == Kind.IN_RANGE else None
        return {*self.versions, *(str(version) for version in (start, lowest) if version)}

    def as_json(self) -> dict[str, Any]:
        form: dict[str, Any] = {
            "kind": str(self.kind),
            "resolved_at": self.resolved_at.isoformat(),
            "versions": list(self.versions),
            "newest": self.newest and _release_as_json(self.newest),
            "range": self.range,
            "commit": self.commit,
            "repository": self.repository,
            "by_user_id": self.by_user_id,
            "remembered": [_release_as_json(release) for release in self.remembered],
        }
        return {name: value for name, value in form.items() if value not in (None, "", [])}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Resolution":
        return cls(
            kind=value["kind"],
            resolved_at=datetime.fromisoformat(value["resolved_at"]),
            versions=tuple(value.get("versions", ())),
            newest=_release_from_json(value["newest"]) if value.get("newest") else None,
            range=value.get("range", ""),
            commit=value.get("commit", ""),
            repository=value.get("repository", ""),
            by_user_id=value.get("by_user_id"),
            remembered=tuple(_release_from_json(release) for release in value.get("remembered", ())),
        )


@dataclass(slots=True, frozen=True)
class Judgement:
    verdict: Verdict
    reason: Reason


@dataclass(slots=True, frozen=True)
class ReleaseKnowledge:
    """What is known of the project's releases that a judgement needs."""

    releases: dict[str, KnownRelease] = field(default_factory=dict)
    """By version string: those named by the resolution and the event's own, where known."""
    commit_releases: tuple[KnownRelease, ...] = ()
    """Those that contain the resolution's commit."""

    def look_up(self, version: str, remembered: Iterable[KnownRelease] = ()) -> KnownRelease:
        """What is known of a release; of one that is gone, what was; of one that nobody has heard of, its name."""
        known = self.releases.get(version)
        return known or next((release for release in remembered if release.version == version), KnownRelease(version))


def judge(resolution: Resolution, event_release: str, occurred_at: datetime, knowledge: ReleaseKnowledge) -> Judgement:
    """Judge one event against a resolution; `event_release` is empty where the event names none.

    `occurred_at` is when it happened, by a clock corrected for drift. When it arrived does not matter: phones deliver
    late. Nor does it matter when an event of a release happened that should hold the fix: its code never changes.
    """
    if resolution.kind == Kind.NOW:
        return _judge_by_time(resolution, occurred_at, ReasonCode.AFTER, ReasonCode.BEFORE)
    if not event_release:
        codes = ReasonCode.AFTER_WITHOUT_RELEASE, ReasonCode.BEFORE_WITHOUT_RELEASE
        return _judge_by_time(resolution, occurred_at, *codes)
    event = knowledge.look_up(event_release)
    return _JUDGE_RELEASE[Kind(resolution.kind)](resolution, event, knowledge)


def _judge_by_time(resolution: Resolution, occurred_at: datetime, after: ReasonCode, before: ReasonCode) -> Judgement:
    if occurred_at > resolution.resolved_at:
        return Judgement(Verdict.REGRESSION, Reason(after))
    return Judgement(Verdict.STILL_FIXED, Reason(before))


# ── In a release, or in several on as many lines ─────────────────────────────────────────────────────────────────────


def _judge_in_release(resolution: Resolution, event: KnownRelease, knowledge: ReleaseKnowledge) -> Judgement:
    fixes = [knowledge.look_up(version, resolution.remembered) for version in resolution.versions]
    return _judge_against(_fix_that_decides(fixes, event), event)


def _judge_against(fix: KnownRelease, event: KnownRelease) -> Judgement:
    """Below the fix is not covered by it; the fix itself or above is a regression."""
    if event.version == fix.version:
        return Judgement(Verdict.REGRESSION, Reason(ReasonCode.IS_THE_FIX, event.version))
    found = order(event, fix)
    if found.sign > 0:
        return _compared(Verdict.REGRESSION, ReasonCode.NEWER_THAN_FIX, event, fix, found)
    if found.sign == 0 and found.basis is Basis.VERSION:
        return _compared(Verdict.REGRESSION, ReasonCode.SAME_AS_FIX, event, fix, found)
    if fix.dated_at is None and found.basis is Basis.NOT_KNOWN_YET:
        return _compared(Verdict.NOT_COVERED, ReasonCode.FIX_NOT_SEEN, event, fix, found)
    code = ReasonCode.AS_OLD_AS_FIX if found.sign == 0 else ReasonCode.OLDER_THAN_FIX
    return _compared(Verdict.NOT_COVERED, code, event, fix, found)


def _compared(verdict: Verdict, code: ReasonCode, event: KnownRelease, other: KnownRelease, found: Order) -> Judgement:
    return Judgement(verdict, Reason(code, event.version, other.version, found.basis))


def _fix_that_decides(fixes: list[KnownRelease], event: KnownRelease) -> KnownRelease:
    """Of the fixes on several lines, the one that an event's release has to hold.

    A line is what two versions share: `2.0.5` and `2.1.0` the major, `2.1.0` and `2.1.7` the minor as well. The event
    is on the line of the fix with which it shares most, unless it is above all fixes. Where it shares as much with
    fixes of several minors, its own minor has none, and it needs to be above them all.
    """
    for fix in fixes:
        if fix.version == event.version:
            return fix
    of_package = _versions_of_package(fixes, event)
    if not of_package:
        return max(fixes, key=date_of)
    own, highest = parse_version(event.version), max(of_package, key=lambda fix: fix[0].order)
    assert own is not None
    if own.order >= highest[0].order:
        return highest[1]
    closest = max(_shared(own, version) for version, _ in of_package)
    on_line = [fix for fix in of_package if _shared(own, fix[0]) == closest]
    decides = min if closest == _MINOR_LINE else max
    return decides(on_line, key=lambda fix: fix[0].order)[1]


_MINOR_LINE = 2


def _shared(a: Version, b: Version) -> int:
    """How many of major and minor two versions share, from the left."""
    if a.parts[0] != b.parts[0]:
        return 0
    return _MINOR_LINE if a.parts[1] == b.parts[1] else 1


def _versions_of_package(fixes: list[KnownRelease], event: KnownRelease) -> list[tuple[Version, KnownRelease]]:
    own = parse_version(event.version)
    if own is None:
        return []
    understood = [(version, fix) for fix in fixes if (version := parse_version(fix.version))]
    return [(version, fix) for version, fix in understood if version.package == own.package]


# ── In the next release, minor or major; in a range ──────────────────────────────────────────────────────────────────


def _judge_in_next_release(resolution: Resolution, event: KnownRelease, knowledge: ReleaseKnowledge) -> Judgement:
    """Above the newest release known when it was resolved is a regression."""
    newest = resolution.newest
    if newest is None:
        return Judgement(Verdict.REGRESSION, Reason(ReasonCode.NO_RELEASE_WAS_KNOWN, event.version))
    found = order(event, newest)
    if event.version == newest.version:
        return Judgement(Verdict.NOT_COVERED, Reason(ReasonCode.WAS_NEWEST, event.version))
    if found.basis is not Basis.VERSION and _was_known(event, resolution.resolved_at):
        return Judgement(Verdict.NOT_COVERED, Reason(ReasonCode.WAS_KNOWN, event.version))
    if found.sign > 0:
        return _compared(Verdict.REGRESSION, ReasonCode.NEWER_THAN_NEWEST, event, newest, found)
    code = ReasonCode.OLDER_THAN_NEWEST if found.sign < 0 else ReasonCode.NOT_NEWER_THAN_NEWEST
    return _compared(Verdict.NOT_COVERED, code, event, newest, found)


def _was_known(release: KnownRelease, at: datetime) -> bool:
    return release.first_seen_at is not None and release.first_seen_at <= at


def _judge_in_next_line(resolution: Resolution, event: KnownRelease, knowledge: ReleaseKnowledge) -> Judgement:
    """The first version of the next minor or major after the newest is the fix; without versions, the next release."""
    start = next_line_after(resolution.newest, Kind(resolution.kind))
    if start is None:
        return _judge_in_next_release(resolution, event, knowledge)
    return _judge_against(knowledge.look_up(str(start), resolution.remembered), event)


def next_line_after(newest: KnownRelease | None, kind: Kind) -> Version | None:
    """Where the next minor or major begins after a release; None where that has no version."""
    version = parse_version(newest.version) if newest else None
    if version is None:
        return None
    return version.next_major() if kind is Kind.IN_NEXT_MAJOR else version.next_minor()


def _judge_in_range(resolution: Resolution, event: KnownRelease, knowledge: ReleaseKnowledge) -> Judgement:
    """Below the range is not covered, nor is what its writer left out above it; all else is a regression."""
    wanted = range_for(resolution.range, resolution.newest)
    version = parse_version(event.version)
    if version is None or version.package != wanted.lowest.package:
        return _judge_against(knowledge.look_up(str(wanted.lowest), resolution.remembered), event)
    if wanted.is_below(version):
        return Judgement(Verdict.NOT_COVERED, Reason(ReasonCode.BELOW_RANGE, event.version, resolution.range))
    if wanted.is_beyond(version):
        return Judgement(Verdict.NOT_COVERED, Reason(ReasonCode.OUTSIDE_RANGE, event.version, resolution.range))
    return Judgement(Verdict.REGRESSION, Reason(ReasonCode.NOT_BELOW_RANGE, event.version, resolution.range))


def range_for(text: str, newest: KnownRelease | None) -> VersionRange:
    """A range as typed, of the package of the newest release where it names none. Raises DomainError."""
    wanted, known = parse_range(text), parse_version(newest.version) if newest else None
    if known is None or wanted.lowest.package:
        return wanted
    return replace(wanted, lowest=replace(wanted.lowest, package=known.package))


# ── By commit ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _judge_in_commit(resolution: Resolution, event: KnownRelease, knowledge: ReleaseKnowledge) -> Judgement:
    """Fixed from the first release that contains the commit; where several packages have it, from the event's own."""
    fix = oldest_like((*knowledge.commit_releases, *resolution.remembered), event.version)
    if fix is None:
        return Judgement(Verdict.NOT_COVERED, Reason(ReasonCode.COMMIT_NOT_SEEN, event.version, resolution.commit))
    return _judge_against(fix, event)


_JUDGE_RELEASE: dict[Kind, Callable[[Resolution, KnownRelease, ReleaseKnowledge], Judgement]] = {
    Kind.IN_RELEASE: _judge_in_release,
    Kind.IN_NEXT_RELEASE: _judge_in_next_release,
    Kind.IN_NEXT_MINOR: _judge_in_next_line,
    Kind.IN_NEXT_MAJOR: _judge_in_next_line,
    Kind.IN_RANGE: _judge_in_range,
    Kind.IN_COMMIT: _judge_in_commit,
}


# ── In JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _release_as_json(release: KnownRelease) -> dict[str, Any]:
    return {
        "version": release.version,
        "released_at": release.released_at and release.released_at.isoformat(),
        "first_seen_at": release.first_seen_at and release.first_seen_at.isoformat(),
    }


def _release_from_json(value: dict[str, Any]) -> KnownRelease:
    released_at, first_seen_at = value.get("released_at"), value.get("first_seen_at")
    return KnownRelease(
        version=value["version"],
        released_at=datetime.fromisoformat(released_at) if released_at else None,
        first_seen_at=datetime.fromisoformat(first_seen_at) if first_seen_at else None,
    )
