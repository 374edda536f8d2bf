"""Bars drawn by the server: SVG without style or script, coloured by classes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.counters.stats import Point
from tracker.models import Deploy

SPARK_WIDTH, SPARK_HEIGHT = 120, 26
CHART_WIDTH, CHART_HEIGHT = 640, 120
MODEST_PEAK = 4
"""A chart that never saw more stays low: a single event is no alarm."""


@dataclass(slots=True, frozen=True)
class Bar:
    """A bar in the chart's own units, from the top left."""

    x: float
    y: float
    width: float
    height: float
    point: Point


def bars(points: Sequence[Point], width: float, height: float, gap: float = 1.0) -> list[Bar]:
    """One bar for each point, the highest as high as the chart unless counts are tiny; what is not zero can be seen."""
    peak = max(MODEST_PEAK, *(point.events for point in points)) if points else MODEST_PEAK
    step = width / max(len(points), 1)
    placed = []
    for place, point in enumerate(points):
        tall = max(point.events / peak * height, 1.5) if point.events else 0.0
        placed.append(Bar(round(place * step, 2), round(height - tall, 2), round(step - gap, 2), round(tall, 2), point))
    return placed


@dataclass(slots=True, frozen=True)
class Mark:
    """A line at the first deploy of a bar's time; the label names all of them."""

    x: float
    label: str


def marks(points: Sequence[Point], deploys: Iterable[Deploy], width: float) -> list[Mark]:
    """Where on the chart something was deployed: at most one mark for a bar; deploys outside its time have none."""
    if len(points) < 2:
        return []
    start, bucket = points[0].at, points[1].at - points[0].at
    by_bar: dict[int, list[Deploy]] = {}
    for deploy in sorted(deploys, key=lambda deploy: deploy.finished_at):
        place = (deploy.finished_at - start) // bucket
        if 0 <= place < len(points):
            by_bar.setdefault(place, []).append(deploy)
    return [
        Mark(_place(of_bar[0].finished_at - start, bucket * len(points), width), "\n".join(map(deploy_words, of_bar)))
        for of_bar in by_bar.values()
    ]


def _place(since_start: timedelta, span: timedelta, width: float) -> float:
    return round(since_start / span * width, 2)


def deploy_words(deploy: Deploy) -> str:
    """`shop@1.4.2 was deployed to production · Sun 22 Nov, 03:10 UTC`."""
    return f"{deploy.release.version} was deployed to {deploy.environment} · {_moment(deploy.finished_at)}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b, %H:%M} UTC"


def sparkline(points: Sequence[Point], deploys: Iterable[Deploy] = ()) -> SafeString:
    """A small chart for a row: bars on a base line; its label says the sum and the peak."""
    total = sum(point.events for point in points)
    peak = max((point.events for point in points), default=0)
    drawn = bars(points, SPARK_WIDTH, SPARK_HEIGHT)
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="chart__bar--zero" d="{}"/><path class="chart__bar" d="{}"/>{}</svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        f"{total} events, at most {peak} at once",
        "".join(f"M{bar.x:g} {SPARK_HEIGHT}v-1h{bar.width:g}v1z" for bar in drawn if not bar.height),
        "".join(
            f"M{bar.x:g} {SPARK_HEIGHT}v-{bar.height:g}h{bar.width:g}v{bar.height:g}z" for bar in drawn if bar.height
        ),
        _lines(marks(points, deploys, SPARK_WIDTH), SPARK_HEIGHT),
    )


def _lines(drawn: Sequence[Mark], height: float) -> SafeString:
    """Each deploy as a line that says which when pointed at, within reach of a coarse pointer."""
    return format_html_join(
        "",
        '<g class="chart__deploy"><title>{}</title><rect class="chart__hit" x="{}" y="0" width="6" height="{}"/>'
        '<line x1="{}" x2="{}" y1="0" y2="{}"/></g>',
        ((mark.label, round(mark.x - 3, 2), height, mark.x, mark.x, height) for mark in drawn),
    )


def bar_chart(points: Sequence[Point], *, bucket_hours: int, deploys: Iterable[Deploy] = ()) -> SafeString:
    """A chart whose columns and deploys tell what they are when pointed at."""
    drawn = bars(points, CHART_WIDTH, CHART_HEIGHT, gap=1.5 if len(points) <= 60 else 0.75)
    peak = max((point.events for point in points), default=0)
    columns = format_html_join(
        "",
        '<g class="chart__column"><title>{}</title><rect class="chart__hit" x="{}" y="0" width="{}" height="{}"/>'
        '<rect class="chart__bar" x="{}" y="{}" width="{}" height="{}" rx="1"/></g>',
        (
            (_label(bar.point, bucket_hours), bar.x, bar.width, CHART_HEIGHT, bar.x, bar.y, bar.width, bar.height)
            for bar in drawn
        ),
    )
    grid = format_html_join(
        "",
        '<line class="chart__grid" x1="0" x2="{}" y1="{}" y2="{}"/>',
        ((CHART_WIDTH, y, y) for y in (0, CHART_HEIGHT / 2, CHART_HEIGHT)),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}{}</svg>',
        CHART_WIDTH,
        CHART_HEIGHT,
        f"Events over time, at most {peak} in one bar",
        grid,
        columns,
        _lines(marks(points, deploys, CHART_WIDTH), CHART_HEIGHT),
    )


def _label(point: Point, bucket_hours: int) -> str:
    form = "%a %d %b, %H:%M" if bucket_hours < 24 else "%a %d %b"
    events = "1 event" if point.events == 1 else f"{point.events:,} events"
    return f"{events} · {point.at.astimezone(UTC).strftime(form)} UTC"
