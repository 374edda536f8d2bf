"""Two names for one release: the CI says one thing, the SDK another, and the commits never meet the events."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from tracker.models import Commit, Release
from tracker.versions import parse_version

MOST_COMPARED = 500
_SHORTEST_HASH = 7


@dataclass(slots=True, frozen=True)
class NearName:
    """A release whose name is near; `sentence` says what each lacks."""

    other: Release
    sentence: str


def near_name_warning(release: Release) -> NearName | None:
    """The release that this one is probably meant to be: one of the two has commits, the other events."""
    has_commits, has_events = release.commits.exists(), release.first_event_at is not None
    if has_commits == has_events:
        return None
    others = Release.objects.filter(project=release.project_id, first_event_at__isnull=has_events)
    others = others.annotate(has_commits=Exists(Commit.objects.filter(release=OuterRef("pk"))))
    candidates = others.filter(has_commits=not has_commits).exclude(pk=release.pk).order_by("-created_at")
    near = next((other for other in candidates[:MOST_COMPARED] if is_near(release.version, other.version)), None)
    if near is None:
        return None
    with_commits, with_events = (release, near) if has_commits else (near, release)
    sentence = (
        f"{with_commits.version} has commits but no events, and {with_events.version} has events but no commits. "
        "If they are the same release, give it the same name in the SDK and where it is made."
    )
    return NearName(near, sentence)


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
