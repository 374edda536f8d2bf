"""From what somebody chose in the resolve menu to the resolution that is kept: names become what they stand for now."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.errors import DomainError, Refusal
from tracker.issues.known_releases import known_releases, latest_of, newest_like
from tracker.issues.resolution import Kind, Resolution, next_line_after, range_for
from tracker.models import Issue, Release, User
from tracker.versions import KnownRelease, parse_version
from tracker.versions.ranges import parse_range

IN_CURRENT_RELEASE = "in_current_release"
MAX_VERSIONS = 20
MAX_TEXT = 250

_HASH = re.compile(r"[0-9a-f]{7,64}")


@dataclass(slots=True, frozen=True)
class ResolveIn:
    """What the resolve menu offers: `kind` as in `Resolution`, plus `in_current_release`; the rest as typed.

    `commit` may be named with any kind: it is the one that made the fix.
    """

    kind: str = "now"
    versions: tuple[str, ...] = ()
    range: str = ""
    commit: str = ""
    repository: str = ""


def read_typed(text: str) -> ResolveIn:
    """What somebody typed as the release in which it is fixed: one, several on as many lines, or a range.

    Releases are separated by commas, or by spaces where each word is a version: names may hold spaces (`1.0.0 (17)`).
    """
    text = text.strip()
    if text[:1] in ("<", ">", "=", "^", "~"):
        return ResolveIn(Kind.IN_RANGE, range=text)
    versions: list[str] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,\n]", text))):
        words = part.split()
        is_list = parse_version(part) is None and all(parse_version(word) for word in words)
        versions += words if is_list else [part]
    return ResolveIn(Kind.IN_RELEASE, versions=tuple(versions))


@dataclass(slots=True, frozen=True)
class Choices:
    """What the resolve menu can offer by name for an issue; empty where no release, or no version, is known."""

    current: str = ""
    next_minor: str = ""
    next_major: str = ""


def newest_for(issue: Issue) -> KnownRelease | None:
    """The newest release as seen from the issue: of the package that it was last seen in. Three queries at most."""
    releases = Release.objects.filter(project=issue.project_id, is_archived=False)
    newest = newest_like(releases, issue.last_release.version) if issue.last_release else latest_of(releases)
    return KnownRelease(newest.version, newest.released_at, newest.created_at) if newest else None


def choices_for(issue: Issue) -> Choices:
    """What “current release”, “next minor” and “next major” mean for an issue now."""
    newest = newest_for(issue)
    if newest is None:
        return Choices()
    minor, major = (next_line_after(newest, kind) for kind in (Kind.IN_NEXT_MINOR, Kind.IN_NEXT_MAJOR))
    return Choices(newest.version, str(minor or ""), str(major or ""))


def choices_for_all(issues: Sequence[Issue]) -> Choices:
    """The same for several, where it means the same for all of them; else nothing has a name."""
    alike = {(issue.project_id, _package(issue)) for issue in issues}
    return choices_for(issues[0]) if len(alike) == 1 else Choices()


def claim_all(
    issues: Sequence[Issue], how: ResolveIn, *, by: User | None, now: datetime
) -> list[tuple[Resolution, list[Issue]]]:
    """The resolutions that `how` means, each with the issues that it is for: one for a project and package.

    Issues have `last_release` loaded. Raises DomainError where `how` cannot be meant.
    """
    wanted = checked(how)
    issues_of: dict[Resolution, list[Issue]] = defaultdict(list)
    by_package: dict[tuple[int, str], Resolution] = {}
    for issue in issues:
        similarity = (issue.project_id, _package(issue))
        if similarity not in by_package:
            by_package[similarity] = _claim(issue, wanted, by, now)
        issues_of[by_package[similarity]].append(issue)
    return list(issues_of.items())


def _package(issue: Issue) -> str:
    """What of the issue decides which release is the newest for it: its last release's package, or that it has none."""
    if issue.last_release is None:
        return "no release"
    version = parse_version(issue.last_release.version)
    return f"{version.package}@" if version else "no version"


def checked(how: ResolveIn) -> ResolveIn:
    """`how` with its texts trimmed. Raises DomainError where something is missing, too long, or unreadable."""
    versions = tuple(dict.fromkeys(version.strip() for version in how.versions if version.strip()))
    how = replace(how, versions=versions, range=how.range.strip(), commit=how.commit.strip().lower())
    if how.kind not in {*Kind, IN_CURRENT_RELEASE}:
        raise DomainError(Refusal.UNKNOWN_RESOLUTION, kind=how.kind[:MAX_TEXT])
    if how.kind == Kind.IN_RELEASE and not versions:
        raise DomainError(Refusal.NO_RELEASE_NAMED)
    if len(versions) > MAX_VERSIONS or any(len(text) > MAX_TEXT for text in (*versions, how.range)):
        raise DomainError(Refusal.TOO_MANY_RELEASES, most=MAX_VERSIONS, longest=MAX_TEXT)
    if any("\0" in text for text in (*versions, how.range, how.commit, how.repository)):
        raise DomainError(Refusal.HOLDS_NUL)
    if how.kind == Kind.IN_COMMIT and not _HASH.fullmatch(how.commit):
        raise DomainError(Refusal.NOT_A_COMMIT, commit=how.commit[:MAX_TEXT])
    if how.kind == Kind.IN_RANGE:
        parse_range(how.range)
    return how


def _claim(issue: Issue, how: ResolveIn, by: User | None, now: datetime) -> Resolution:
    plain = Resolution(how.kind, now, commit=how.commit, repository=how.repository, by_user_id=by.pk if by else None)
    if how.kind in (Kind.NOW, Kind.IN_COMMIT):
        return plain
    newest = newest_for(issue)
    match how.kind:
        case Kind.IN_RELEASE:
            return _claim_in_release(plain, issue, how.versions, newest)
        case Kind.IN_RANGE:
            range_for(how.range, newest)
            return replace(plain, range=how.range, newest=newest)
    if newest is None:
        raise DomainError(Refusal.NO_RELEASE_KNOWN)
    if how.kind == IN_CURRENT_RELEASE:
        return replace(plain, kind=Kind.IN_RELEASE, versions=(newest.version,), remembered=(newest,))
    if how.kind != Kind.IN_NEXT_RELEASE and next_line_after(newest, Kind(how.kind)) is None:
        raise DomainError(Refusal.NOT_NUMBERED, version=newest.version)
    return replace(plain, newest=newest)


def _claim_in_release(plain: Resolution, issue: Issue, typed: Sequence[str], newest: KnownRelease | None) -> Resolution:
    completed = {version: complete_version(version, newest) for version in typed}
    known = known_releases({issue.project_id}, {*typed, *completed.values()})[issue.project_id]
    versions = [version if version in known else completed[version] for version in typed]
    return replace(
        plain, versions=tuple(versions), remembered=tuple(known[version] for version in versions if version in known)
    )


def complete_version(typed: str, newest: KnownRelease | None) -> str:
    """`shop@1.4.2` for `1.4.2` where the project's releases have the package `shop`: people type what they say."""
    version, known = parse_version(typed), parse_version(newest.version) if newest else None
    if version is None or known is None or version.package or not known.package:
        return typed
    return f"{known.package}@{typed}"
