"""How the projects of an organization are doing, for their list: a fixed number of queries whatever their number."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, Sum

from tracker.models import Issue, OutcomeCount, Project, Status
from tracker.stats import Point

SERIES_HOURS = 24
STORED = "stored"
TAKEN = ("received", "stored", "duplicate")
"""Outcomes of what came as it should; the others are refusals."""
COUNTED_CATEGORIES = ("error", "default", "security")
"""What becomes an event of an issue."""


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
    series = _series_by_project(ids, now)
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


def _series_by_project(ids: Sequence[int], now: datetime) -> dict[int, list[Point]]:
    hour = now.replace(minute=0, second=0, microsecond=0)
    starts = [hour - timedelta(hours=back) for back in reversed(range(SERIES_HOURS))]
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    rows = (
        OutcomeCount.objects.filter(
            project__in=ids,
            minute__gte=int(starts[0].timestamp()) // 60,
            outcome=STORED,
            category__in=COUNTED_CATEGORIES,
        )
        .annotate(hour=F("minute") / 60)
        .values("project", "hour")
        .annotate(events=Sum("quantity"))
    )
    for row in rows:
        counts[row["project"]][int(row["hour"])] += row["events"]
    return {
        project: [Point(start, counts[project][int(start.timestamp()) // 3600]) for start in starts] for project in ids
    }


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
