"""Pages of releases, with what a list shows of each: a fixed number of queries for a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from tracker.counters.stats import Point, release_series
from tracker.models import Commit, Deploy, Issue, Project, Release, SessionCount
from tracker.releases.comparison import started_at
from tracker.releases.health import Health, health_of
from tracker.releases.names import NearName, near_names
from tracker.releases.registry import deploys_since
from tracker.storage.cursors import slice_of

HOUR = timedelta(hours=1)
SERIES = 24 * HOUR
MAX_SERIES = timedelta(days=90)
BUCKETS = ((timedelta(days=4), 1), (timedelta(days=21), 6))
"""How many hours one bar stands for, by the length of the whole; a day beyond."""


@dataclass(slots=True, frozen=True)
class ReleaseRow:
    release: Release
    series: list[Point]
    """Events by hour of the last 24 hours."""
    new_issues: int
    health: Health
    environments: list[str]
    """Where it was deployed, the newest deploy first."""
    deploys: list[Deploy]
    """Its own of the time of the series."""
    near: NearName | None
    """The release that this one is probably meant to be."""


@dataclass(slots=True, frozen=True)
class ReleasePage:
    rows: list[ReleaseRow]
    next_cursor: str | None
    previous_cursor: str | None


def find_releases(
    projects: Sequence[Project],
    *,
    now: datetime,
    text: str = "",
    with_archived: bool = False,
    cursor: str = "",
    limit: int = 25,
) -> ReleasePage:
    """Releases of these projects whose version contains `text`, the newest first."""
    releases = Release.objects.filter(project__in=projects).select_related("project__organization")
    if text:
        releases = releases.filter(version__icontains=text)
    if not with_archived:
        releases = releases.filter(is_archived=False)
    page = slice_of(releases, "created_at", "releases", cursor, limit, is_time=True)
    return ReleasePage(_rows_of(page.rows, now), page.next_cursor, page.previous_cursor)


def _rows_of(releases: list[Release], now: datetime) -> list[ReleaseRow]:
    series = release_series(releases, now=now)
    healths = health_of(releases, now)
    new = Issue.objects.filter(first_release__in=releases, merged_into=None).values_list("first_release")
    new_issues = dict(new.annotate(Count("pk")))
    environments = _environments_of(releases)
    marks = deploys_since({release.project_id for release in releases}, now - SERIES)
    near = near_names(releases)
    return [
        ReleaseRow(
            release=release,
            series=series[release.pk],
            new_issues=new_issues.get(release.pk, 0),
            health=healths[release.pk],
            environments=environments.get(release.pk, []),
            deploys=[deploy for deploy in marks.get(release.project_id, ()) if deploy.release_id == release.pk],
            near=near.get(release.pk),
        )
        for release in releases
    ]


def _environments_of(releases: list[Release]) -> dict[int, list[str]]:
    deployed: dict[int, dict[str, None]] = {}
    deploys = Deploy.objects.filter(release__in=releases).order_by("-finished_at")
    for release, environment in deploys.values_list("release", "environment")[:1000]:
        deployed.setdefault(release, {})[environment] = None
    return {release: list(names) for release, names in deployed.items()}


@dataclass(slots=True, frozen=True)
class Life:
    """Events of a release from its start to its newest event."""

    points: list[Point]
    bucket_hours: int
    deploys: list[Deploy]
    """Of the project, in that time: what went out beside it, too."""


def life_of(release: Release, now: datetime) -> Life:
    """The release's events over its life, at most the last 90 days of it; it begins with the first deploy, if any."""
    end = min(now, (release.last_event_at or now) + HOUR)
    deployed_at = release.deploys.aggregate(first=Min("finished_at"))["first"]
    start = min(filter(None, (started_at(release), deployed_at)))
    span = min(MAX_SERIES, max(12 * HOUR, end - start + HOUR))
    bucket = next((hours for length, hours in BUCKETS if span <= length), 24)
    hours = -(-span // (bucket * HOUR)) * bucket
    points = release_series([release], now=end, hours=hours, bucket_hours=bucket)[release.pk]
    return Life(points, bucket, deploys_since([release.project_id], points[0].at)[release.project_id])


def environments_of(release: Release) -> list[str]:
    """The environments from which events or sessions of the release came, by name: two queries."""
    reported = SessionCount.objects.filter(release=release).exclude(environment="")
    names = set(reported.values_list("environment", flat=True).distinct())
    return sorted(names.union(release.seen_in.values_list("environment__name", flat=True)))


def commit_authors(release: Release) -> list[str]:
    """Who wrote the release's commits, by name, each once."""
    commits = Commit.objects.filter(release=release).order_by("position")
    names = (name or email for name, email in commits.values_list("author_name", "author_email"))
    return list(dict.fromkeys(name for name in names if name))
