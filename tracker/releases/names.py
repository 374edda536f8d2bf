"""Two names for one release: the CI says one thing, the SDK another, and the commits never meet the events."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from tracker.issues.known_releases import NEWEST_FIRST
from tracker.models import Commit, Release
from tracker.versions import parse_version

MAX_COMPARED = 500
_SHORTEST_HASH = 7


@dataclass(slots=True, frozen=True)
class NearName:
    """A release whose name is near; `sentence` says what each lacks."""

    other: Release
    sentence: str


def near_name_warning(release: Release) -> NearName | None:
    """The release that this one is probably meant to be: one of the two has commits, the other events."""
    return near_names([release]).get(release.pk)


def near_names(releases: Sequence[Release]) -> dict[int, NearName]:
    """The same for several releases, by their ids: one query, in which the newest of each project are compared."""
    has_commits = Exists(Commit.objects.filter(release=OuterRef("pk")))
    is_half = Q(has_commits, first_event_at=None) | Q(~has_commits, first_event_at__isnull=False)
    halves: dict[int, list[Release]] = defaultdict(list)
    is_compared = reduce(or_, map(_is_among_newest, {release.project_id for release in releases}), Q(pk__in=()))
    for half in Release.objects.filter(is_compared, is_half).order_by("-created_at"):
        halves[half.project_id].append(half)
    found = {}
    for release in releases:
        of_project = halves[release.project_id]
        near = next((other for other in of_project if _is_other_half(release, other)), None)
        if near is not None and release in of_project:
            found[release.pk] = NearName(near, _sentence(release, near))
    return found


def _is_among_newest(project_id: int) -> Q:
    newest = Release.objects.filter(project=project_id).order_by(*NEWEST_FIRST)
    return Q(pk__in=newest.values("pk")[:MAX_COMPARED])


def _is_other_half(release: Release, other: Release) -> bool:
    """Has one of the two events and the other commits, under nearly the same name?"""
    is_only_one_seen = (release.first_event_at is None) != (other.first_event_at is None)
    return is_only_one_seen and is_near(release.version, other.version)


def _sentence(release: Release, near: Release) -> str:
    with_commits, with_events = (release, near) if release.first_event_at is None else (near, release)
    return (
        f"{with_commits.version} has commits but no events, and {with_events.version} has events but no commits. "
        "If they are the same release, give it the same name in the SDK and where it is made."
    )


def is_near(one: str, other: str) -> bool:
    """Do two names differ only in package, `v`, build, case or separators, or in how far a hash is cut off?"""
    a, b = _bare(one), _bare(other)
    if a == b:
        return True
    shorter, longer = sorted((a, b), key=len)
    return len(shorter) >= _SHORTEST_HASH and longer.startswith(shorter) and not shorter.isdigit() and _is_hash(longer)


def _bare(name: str) -> str:
    version = parse_version(name)
    if version is not None:
        return ".".join(map(str, version.parts)) + "-".join(("", *version.prerelease))
    last = name.rpartition("@")[2].lower()
    return "".join(character for character in last if character.isalnum())


def _is_hash(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
