"""What is known of the releases that resolutions and events name: the query beside the rule of `resolution`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from tracker.lifecycle.resolution import Kind, ReleaseKnowledge, Resolution
from tracker.models import Commit, Release
from tracker.versions import KnownRelease

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
