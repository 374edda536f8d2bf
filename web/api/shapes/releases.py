"""Releases, their commits and deploys. One version in several projects is one release to the API."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery

from tracker.counters.stats import Point
from tracker.models import Commit, Deploy, Issue, Release, SessionCount
from tracker.releases.commits import Suspect
from tracker.releases.health import Health
from tracker.versions import parse_version
from web.api.shapes import Shape, iso
from web.api.shapes.accounts import project_reference


def health_shape(health: Health, series: Sequence[Point]) -> Shape:
    """Shares are per cent, as Sentry has them; `stats` are events by hour."""
    return {
        "hasHealthData": bool(health.sessions or health.users),
        "totalSessions": health.sessions,
        "totalSessions24h": health.sessions,
        "totalProjectSessions24h": health.project_sessions,
        "sessionsErrored": health.errored,
        "sessionsCrashed": health.crashed,
        "crashFreeSessions": _percent(health.crash_free_sessions),
        "sessionsAdoption": _percent(health.session_share),
        "totalUsers": health.users,
        "totalUsers24h": health.users,
        "totalProjectUsers24h": health.project_users,
        "crashFreeUsers": _percent(health.crash_free_users),
        "adoption": _percent(health.user_share),
        "eventsAdoption": _percent(health.event_share),
        "areUsersExact": health.are_users_exact,
        "durationP50": None,
        "durationP90": None,
        "stats": {"24h": [[int(point.at.timestamp()), point.events] for point in series]},
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 4)


@dataclass(slots=True, frozen=True)
class _Counts:
    """What the shapes of some releases need beyond their rows, by release id."""

    new_issues: Mapping[int, int]
    commits: Mapping[int, int]
    deploys: Mapping[int, int]
    last_commits: Mapping[int, Commit]
    last_deploys: Mapping[int, Deploy]
    authors: Mapping[int, Sequence[Shape]]
    with_sessions: set[int]

    @classmethod
    def of(cls, releases: Sequence[Release]) -> "_Counts":
        """Seven queries, however many releases."""
        issues = Issue.objects.filter(first_release__in=releases, merged_into__isnull=True)
        commits = Commit.objects.filter(release__in=releases)
        deploys = Deploy.objects.filter(release__in=releases)
        return cls(
            dict(issues.values_list("first_release").annotate(Count("pk")).order_by()),
            dict(commits.values_list("release").annotate(Count("pk")).order_by()),
            dict(deploys.values_list("release").annotate(Count("pk")).order_by()),
            {commit.release_id: commit for commit in commits.filter(position=0)},
            _last_deploys(releases),
            _authors(releases),
            set(SessionCount.objects.filter(release__in=releases).values_list("release", flat=True).distinct()),
        )


def _last_deploys(releases: Sequence[Release]) -> Mapping[int, Deploy]:
    newest = Deploy.objects.filter(release=OuterRef("pk")).order_by("-finished_at", "-id").values("pk")[:1]
    last = Release.objects.filter(pk__in=[release.pk for release in releases]).values(last=Subquery(newest))
    return {deploy.release_id: deploy for deploy in Deploy.objects.filter(pk__in=last)}


def _authors(releases: Sequence[Release]) -> Mapping[int, Sequence[Shape]]:
    """Who wrote each release's commits, each once."""
    rows = Commit.objects.filter(release__in=releases).order_by("author_name", "author_email")
    authors: dict[int, list[Shape]] = defaultdict(list)
    for release_id, name, email in rows.values_list("release_id", "author_name", "author_email").distinct():
        if name or email:
            authors[release_id].append({"name": name, "email": email})
    return authors


def release_shapes(families: Sequence[Sequence[Release]], healths: Mapping[int, Shape] | None = None) -> list[Shape]:
    """One shape for each version; its rows have `project` (with organization) loaded.

    `healths` are the shapes of their health by release id, where that was asked for.
    """
    counts = _Counts.of([release for family in families for release in family])
    return [_shape(family, counts, healths or {}) for family in families]


def _version_info(version: str) -> Shape:
    """The name taken apart as far as it is understood."""
    package, _, short = version.rpartition("@")
    found = parse_version(version)
    numbers: Shape = {}
    if found:
        major, minor, patch, _ = found.parts
        numbers = {
            "major": major,
            "minor": minor,
            "patch": patch,
            "pre": ".".join(found.prerelease) or None,
            "buildCode": found.build or None,
            "components": len(found.components),
        }
    return {
        "package": package or None,
        "version": {"raw": short, **numbers},
        "description": short,
        "buildHash": None,
    }


def _shape(family: Sequence[Release], counts: _Counts, healths: Mapping[int, Shape]) -> Shape:
    first = family[0]
    last_commit = next((counts.last_commits[r.pk] for r in family if r.pk in counts.last_commits), None)
    deploys = [counts.last_deploys[release.pk] for release in family if release.pk in counts.last_deploys]
    last_deploy = max(deploys, key=lambda deploy: (deploy.finished_at, deploy.pk), default=None)
    return {
        "id": first.pk,
        "version": first.version,
        "shortVersion": first.version.rpartition("@")[2],
        "versionInfo": _version_info(first.version),
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
        "authors": next((counts.authors[release.pk] for release in family if release.pk in counts.authors), []),
        "owner": None,
        "data": {},
        "projects": [
            {
                **project_reference(release.project),
                "newGroups": counts.new_issues.get(release.pk, 0),
                "platforms": [release.project.platform] if release.project.platform else [],
                "hasHealthData": release.pk in counts.with_sessions,
                **({"healthData": healths[release.pk]} if release.pk in healths else {}),
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


def committer_shapes(suspects: Iterable[Suspect]) -> list[Shape]:
    """The authors of suspect commits, the likeliest first; a commit's score falls with the distance to the crash."""
    committers: dict[tuple[str, str], Shape] = {}
    for suspect in suspects:
        commit = suspect.commit
        author = {"name": commit.author_name, "email": commit.author_email}
        committer = committers.setdefault(
            (commit.author_name, commit.author_email),
            {"author": author, "commits": [], "group_owner_id": 0},
        )
        committer["commits"].append(
            {
                **commit_shape(commit),
                "suspectCommitType": "via commit in release",
                "score": max(1, 5 - suspect.frames_from_crash),
            }
        )
    return list(committers.values())


def deploy_shape(deploy: Deploy) -> Shape:
    return {
        "id": str(deploy.pk),
        "environment": deploy.environment,
        "name": deploy.name or None,
        "url": deploy.url or None,
        "dateStarted": iso(deploy.started_at),
        "dateFinished": iso(deploy.finished_at),
    }
