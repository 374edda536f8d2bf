"""Releases, their commits and deploys. One version in several projects is one release to the API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from tracker.models import Commit, Deploy, Issue, Release
from web.api.shapes.accounts import project_reference
from web.api.shapes.common import Shape, iso


@dataclass(slots=True, frozen=True)
class _Counts:
    """What the shapes of some releases need beyond their rows, by release id."""

    new_issues: Mapping[int, int]
    commits: Mapping[int, int]
    deploys: Mapping[int, int]
    last_commits: Mapping[int, Commit]
    last_deploys: Mapping[int, Deploy]

    @classmethod
    def of(cls, releases: Sequence[Release]) -> "_Counts":
        """Five queries, however many releases."""
        issues = Issue.objects.filter(first_release__in=releases, merged_into__isnull=True)
        commits = Commit.objects.filter(release__in=releases)
        deploys = Deploy.objects.filter(release__in=releases)
        return cls(
            dict(issues.values_list("first_release").annotate(Count("pk")).order_by()),
            dict(commits.values_list("release").annotate(Count("pk")).order_by()),
            dict(deploys.values_list("release").annotate(Count("pk")).order_by()),
            {commit.release_id: commit for commit in commits.filter(position=0)},
            {deploy.release_id: deploy for deploy in deploys.order_by("finished_at", "id")},
        )


def release_shapes(families: Sequence[Sequence[Release]]) -> list[Shape]:
    """One shape for each version; its rows have `project` (with organization) loaded."""
    counts = _Counts.of([release for family in families for release in family])
    return [_shape(family, counts) for family in families]


def _shape(family: Sequence[Release], counts: _Counts) -> Shape:
    first = family[0]
    package, _, short = first.version.rpartition("@")
    last_commit = next((counts.last_commits[r.pk] for r in family if r.pk in counts.last_commits), None)
    deploys = [counts.last_deploys[release.pk] for release in family if release.pk in counts.last_deploys]
    last_deploy = max(deploys, key=lambda deploy: (deploy.finished_at, deploy.pk), default=None)
    return {
        "id": first.pk,
        "version": first.version,
        "shortVersion": short,
        "versionInfo": {
            "package": package or None,
            "version": {"raw": first.version},
            "description": short,
            "buildHash": None,
        },
        "status": "archived" if all(release.is_archived for release in family) else "open",
        "ref": first.ref or None,
        "url": first.url or None,
        "dateCreated": iso(min(release.created_at for release in family)),
        "dateStarted": iso(_earliest(release.started_at for release in family)),
        "dateReleased": iso(_earliest(release.released_at for release in family)),
        "firstEvent": iso(_earliest(release.first_event_at for release in family)),
        "lastEvent": iso(_latest(release.last_event_at for release in family)),
        "newGroups": sum(counts.new_issues.get(release.pk, 0) for release in family),
        "commitCount": max(counts.commits.get(release.pk, 0) for release in family),
        "lastCommit": commit_shape(last_commit) if last_commit else None,
        "deployCount": sum(counts.deploys.get(release.pk, 0) for release in family),
        "lastDeploy": deploy_shape(last_deploy) if last_deploy else None,
        "authors": [],
        "owner": None,
        "data": {},
        "projects": [
            {
                **project_reference(release.project),
                "newGroups": counts.new_issues.get(release.pk, 0),
                "platforms": [release.project.platform] if release.project.platform else [],
                "hasHealthData": False,
            }
            for release in family
        ],
        "currentProjectMeta": {},
        "userAgent": None,
    }


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in times if at is not None), default=None)


def commit_shape(commit: Commit) -> Shape:
    author = {"name": commit.author_name, "email": commit.author_email}
    return {
        "id": commit.sha,
        "message": commit.message,
        "dateCreated": iso(commit.committed_at),
        "author": author if commit.author_name or commit.author_email else None,
        "repository": {"id": commit.repository, "name": commit.repository} if commit.repository else None,
        "pullRequest": None,
        "suspectCommitType": "",
    }


def deploy_shape(deploy: Deploy) -> Shape:
    return {
        "id": str(deploy.pk),
        "environment": deploy.environment,
        "name": deploy.name or None,
        "url": deploy.url or None,
        "dateStarted": iso(deploy.started_at),
        "dateFinished": iso(deploy.finished_at),
    }
