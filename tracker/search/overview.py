"""How the projects of an organization are doing, for their list: a fixed number of queries whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from tracker.counters.stats import Point, project_series
from tracker.models import Deploy, Issue, OutcomeCount, Project, Status
from tracker.releases.registry import deploys_since

SERIES_HOURS = 24
REFUSED = ("filtered", "rate_limited", "invalid")
"""Outcomes of what came and was not taken."""


@dataclass(slots=True, frozen=True)
class ProjectOverview:
    project: Project
    series: list[Point]
    """Events stored by hour, oldest first, of the last 24 hours."""
    events: int
    """Their sum."""
    deploys: list[Deploy]
    """Of the same time."""
    unresolved: int
    new_today: int
    """Unresolved issues first seen in the last 24 hours."""


def overviews_of(projects: Sequence[Project], now: datetime) -> list[ProjectOverview]:
    """One overview for each project, in their order."""
    series = project_series(projects, now=now, hours=SERIES_HOURS)
    deploys = deploys_since([project.pk for project in projects], now - timedelta(hours=SERIES_HOURS))
    unresolved = Issue.objects.filter(project__in=projects, status=Status.UNRESOLVED, merged_into=None)
    is_new = Q(first_seen_at__gt=now - timedelta(hours=SERIES_HOURS))
    counts = {
        project: (total, new)
        for project, total, new in unresolved.values_list("project").annotate(
            total=Count("pk"), new=Count("pk", filter=is_new)
        )
    }
    return [
        ProjectOverview(
            project=project,
            series=series[project.pk],
            events=sum(point.events for point in series[project.pk]),
            deploys=deploys[project.pk],
            unresolved=counts.get(project.pk, (0, 0))[0],
            new_today=counts.get(project.pk, (0, 0))[1],
        )
        for project in projects
    ]


@dataclass(slots=True, frozen=True)
class Refusal:
    """Items of a project that were not taken lately."""

    category: str
    outcome: str
    reason: str
    quantity: int


def recent_refusals(project: Project, now: datetime, *, minutes: int = 15) -> list[Refusal]:
    """What the ingest endpoint or the digest did not take in the last minutes, most frequent first."""
    since = int(now.timestamp()) // 60 - minutes
    rows = (
        OutcomeCount.objects.filter(project=project, minute__gte=since, outcome__in=REFUSED)
        .values("category", "outcome", "reason")
        .annotate(total=Sum("quantity"))
        .order_by("-total")[:5]
    )
    return [Refusal(row["category"], row["outcome"], row["reason"], row["total"]) for row in rows]
