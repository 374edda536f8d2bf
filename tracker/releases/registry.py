"""Making releases known, finishing, archiving, deploying and deleting them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from tracker.deletion.cascade import remove_release
from tracker.issues.details import DeployedDetails, new_activity
from tracker.models import Deploy, Event, Issue, Project, Release, User
from tracker.releases.comparison import resolved_in_releases
from tracker.versions import KnownRelease

MAX_MARKS = 200


def deploys_since(project_ids: Iterable[int], since: datetime) -> dict[int, list[Deploy]]:
    """The projects' deploys since a moment, the newest first, with their releases loaded: one query, bounded."""
    found: dict[int, list[Deploy]] = defaultdict(list)
    deploys = Deploy.objects.filter(release__project__in=set(project_ids), finished_at__gte=since)
    for deploy in deploys.select_related("release").order_by("-finished_at", "-id")[:MAX_MARKS]:
        found[deploy.release.project_id].append(deploy)
    return found


MAX_VERSION = 250
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")


def known(release: Release) -> KnownRelease:
    """What the order of releases needs to know of it."""
    return KnownRelease(release.version, release.released_at, release.created_at)


def check_version(version: str) -> str:
    """The name, trimmed. Raises ValueError with a sentence where no release can be called so."""
    version = version.strip()
    if not version or version in (".", ".."):
        raise ValueError("A release needs a name, such as 1.4.2 or a commit's hash.")
    if len(version) > MAX_VERSION:
        raise ValueError(f"The name of a release has at most {MAX_VERSION} characters.")
    if _FORBIDDEN.search(version):
        raise ValueError("The name of a release has no line breaks, tabs or other control characters.")
    return version


def create_release(
    projects: Sequence[Project],
    version: str,
    *,
    now: datetime,
    url: str = "",
    ref: str = "",
    started_at: datetime | None = None,
    released_at: datetime | None = None,
) -> list[Release]:
    """The release of that version in each of the projects, made where it is not known; what is given is written.

    Raises ValueError with a sentence where no release can be called so.
    """
    version = check_version(version)
    given = {"url": url[:500], "ref": ref[:250], "started_at": started_at, "released_at": released_at}
    fields = {name: value for name, value in given.items() if value}
    with transaction.atomic():
        Release.objects.bulk_create(
            [Release(project=project, version=version, created_at=now) for project in projects], ignore_conflicts=True
        )
        releases = Release.objects.filter(project__in=projects, version=version)
        if fields:
            releases.update(**fields)
        return list(releases.select_related("project").order_by("project_id"))


def finalize(releases: Iterable[Release], *, now: datetime, released_at: datetime | None = None) -> None:
    """Say that the releases are out: from now on their date orders them among names that are no versions."""
    _update(releases, released_at=released_at or now)


def archive(releases: Iterable[Release]) -> None:
    """Take the releases out of lists, and out of what “current” and “next” mean."""
    _update(releases, is_archived=True)


def restore(releases: Iterable[Release]) -> None:
    _update(releases, is_archived=False)


def _update(releases: Iterable[Release], **fields: object) -> None:
    Release.objects.filter(id__in=[release.pk for release in releases]).update(**fields)
    for release in releases:
        for name, value in fields.items():
            setattr(release, name, value)


def deploy(
    release: Release,
    environment: str,
    *,
    now: datetime,
    by: User | None = None,
    name: str = "",
    url: str = "",
    started_at: datetime | None = None,
    finished_at: datetime | None = None,
) -> Deploy:
    """Note that the release was brought to an environment. Raises ValueError where none is named."""
    environment = environment.strip()
    if not environment or len(environment) > 64 or _FORBIDDEN.search(environment):
        raise ValueError("Name the environment that was deployed to, in at most 64 characters.")
    with transaction.atomic():
        made = Deploy.objects.create(
            release=release,
            environment=environment,
            name=name[:200],
            url=url[:500],
            started_at=started_at,
            finished_at=finished_at or now,
        )
        details = DeployedDetails(release.version, environment, made.pk)
        new_activity(details, project_id=release.project_id, by=by, now=now).save()
    return made


def delete_release(release: Release) -> None:
    """Delete a release. What was resolved in it stays so, and is judged as before: resolutions keep what was known."""
    with transaction.atomic():
        _remember_in_resolutions(release)
        Event.objects.filter(project_id=release.project_id, release=release).update(release=None)
        remove_release(release)


def _remember_in_resolutions(release: Release) -> None:
    """Write what is known of the release into the resolutions that it decides, before it is gone."""
    leaving = known(release)
    for issue_id, resolution, knowledge in resolved_in_releases(release.project_id):
        if release.version in resolution.named_versions or leaving in knowledge.commit_releases:
            others = tuple(other for other in resolution.remembered if other.version != release.version)
            remembering = replace(resolution, remembered=(*others, leaving))
            Issue.objects.filter(id=issue_id).update(resolution=remembering.as_json())
