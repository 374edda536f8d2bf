"""How the projects of an organization are doing, for their list: a fixed number of queries whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, Sum

from tracker.models import Issue, OutcomeCount, Project, Status
from tracker.stats import Point, project_series

SERIES_HOURS = 24
TAKEN = ("received", "stored", "duplicate")
"""Outcomes of what came as it should; the others are refusals."""


@dataclass(slots=True, frozen=True)
class ProjectOverview:
    project: Project
    series: list[Point]
    """Events stored by hour, oldest first, of the last 24 hours."""
    events: int
    """Their sum."""
    unresolved: int
    new_today: int
    """Unresolved issues first seen in the last 24 hours."""
    last_seen_at: datetime | None


def overviews_of(projects: Sequence[Project], now: datetime) -> list[ProjectOverview]:
    """One overview for each project, in their order."""
    ids = [project.pk for project in projects]
    series = project_series(projects, now=now, hours=SERIES_HOURS)
    issues = {
        row["project"]: row
        for row in Issue.objects.filter(project__in=ids, status=Status.UNRESOLVED)
        .values("project")
        .annotate(
            unresolved=Count("pk"),
            new_today=Count("pk", filter=Q(first_seen_at__gt=now - timedelta(hours=SERIES_HOURS))),
            last_seen_at=Max("last_seen_at"),
        )
    }
    return [
        ProjectOverview(
            project=project,
            series=series[project.pk],
            events=sum(point.events for point in series[project.pk]),
            unresolved=issues.get(project.pk, {}).get("unresolved", 0),
            new_today=issues.get(project.pk, {}).get("new_today", 0),
            last_seen_at=issues.get(project.pk, {}).get("last_seen_at"),
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
    """What the door or the digest did not take in the last minutes, most frequent first."""
    since = int(now.timestamp()) // 60 - minutes
    rows = (
        OutcomeCount.objects.filter(project=project, minute__gte=since)
        .exclude(outcome__in=TAKEN)
        .values("category", "outcome", "reason")
        .annotate(total=Sum("quantity"))
        .order_by("-total")[:5]
    )
    return [Refusal(row["category"], row["outcome"], row["reason"], row["total"]) for row in rows]
