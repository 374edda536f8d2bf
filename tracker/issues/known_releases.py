"""What is known of the releases that resolutions and events name: the query beside the rule of `resolution`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from tracker.issues.resolution import Kind, ReleaseKnowledge, Resolution
from tracker.models import Commit, Release
from tracker.models.releases import DATED_AT
from tracker.versions import KnownRelease, order_key, package_keys, parse_version

NEWEST_FIRST = (DATED_AT.desc(), "-id")


def newest_like(releases: QuerySet[Release], like: str) -> Release | None:
    """The newest of these releases as seen from one named `like`: of its package by version, or else of all by date.

    Two queries at most. The releases are of one project.
    """
    siblings = releases.filter(_is_sibling(like)).order_by("-order_key", *NEWEST_FIRST)
    return (siblings.first() if parse_version(like) else None) or releases.order_by(*NEWEST_FIRST).first()


def latest_of(releases: QuerySet[Release]) -> Release | None:
    """The newest release of the package that was released last: three queries at most."""
    last = newest_like(releases, "")
    return newest_like(releases, last.version) if last else None


def previous_of(releases: QuerySet[Release], release: Release) -> Release | None:
    """The newest of these releases that is older than `release`: two queries at most. They are of one project."""
    is_sibling = _is_sibling(release.version)
    older = releases.filter(is_sibling, order_key__lt=order_key(release.version))
    others = releases.exclude(pk=release.pk).filter(~is_sibling).alias(dated_at=DATED_AT)
    by_version = older.order_by("-order_key", *NEWEST_FIRST).first() if parse_version(release.version) else None
    dated_at = release.released_at or release.created_at
    return by_version or others.filter(dated_at__lt=dated_at).order_by(*NEWEST_FIRST).first()


def _is_sibling(name: str) -> Q:
    """A version of the same package; nothing is where the name is no version."""
    version = parse_version(name)
    if version is None:
        return Q(pk__in=())
    above, below = package_keys(version.package)
    return Q(order_key__gt=above, order_key__lt=below)


WHOLE_HASH = 40
"""Characters of a commit's hash that is not cut off."""


@dataclass(slots=True, frozen=True)
class Knowledge:
    """Of some projects, what judging some resolutions needs."""

    releases: dict[int, dict[str, KnownRelease]]
    """By project and version."""
    commits: dict[int, list[tuple[str, KnownRelease]]]
    """By project: a commit's hash, and a release that contains it."""

    @classmethod
    def load(cls, claims: Sequence[tuple[int, Resolution]], versions: Iterable[str]) -> "Knowledge":
        """For resolutions, each with its project, and events of these versions: two queries at most."""
        in_release = [(project_id, found) for project_id, found in claims if found.kind != Kind.NOW]
        projects = {project_id for project_id, _ in in_release}
        named = {version for _, found in in_release for version in found.named_versions}
        commits = {found.commit for _, found in in_release if found.kind == Kind.IN_COMMIT}
        return cls(
            known_releases(projects, named | {version for version in versions if version}),
            releases_with_commits(projects, commits),
        )

    def about(self, resolution: Resolution, project_id: int) -> ReleaseKnowledge:
        with_commit = [
            release
            for sha, release in self.commits.get(project_id, ())
            if resolution.kind == Kind.IN_COMMIT and sha.startswith(resolution.commit)
        ]
        return ReleaseKnowledge(self.releases.get(project_id, {}), tuple(with_commit))


def known_releases(project_ids: set[int], versions: set[str]) -> dict[int, dict[str, KnownRelease]]:
    """Those of the named releases that exist, by project and version: one query, none where nothing is asked."""
    known: dict[int, dict[str, KnownRelease]] = defaultdict(dict)
    if project_ids and versions:
        rows = Release.objects.filter(project_id__in=project_ids, version__in=versions)
        for project_id, version, released_at, created_at in rows.values_list(
            "project_id", "version", "released_at", "created_at"
        ):
            known[project_id][version] = KnownRelease(version, released_at, created_at)
    return known


def releases_with_commits(project_ids: set[int], commits: set[str]) -> dict[int, list[tuple[str, KnownRelease]]]:
    """Releases that contain one of these commits (whole hashes or beginnings), by project: one query or none."""
    known: dict[int, list[tuple[str, KnownRelease]]] = defaultdict(list)
    if project_ids and commits:
        beginnings = (Q(sha__startswith=commit) for commit in commits if len(commit) < WHOLE_HASH)
        is_wanted = reduce(or_, beginnings, Q(sha__in=commits))
        rows = Commit.objects.filter(is_wanted, release__project_id__in=project_ids).order_by()
        for project_id, sha, version, released_at, created_at in rows.values_list(
            "release__project_id", "sha", "release__version", "release__released_at", "release__created_at"
        ):
            known[project_id].append((sha, KnownRelease(version, released_at, created_at)))
    return known
