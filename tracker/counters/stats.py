"""Series and shares for charts and lists: one query each, whatever the number of rows asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, IntegerField, Sum, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import RowNumber

from tracker.models import Issue, IssueHour, IssueTag, OutcomeCount, Project, Release, ReleaseHour

HOUR_SECONDS = 3600
EVENT_CATEGORIES = ("error", "default", "security")
"""Outcomes of what becomes an event of an issue."""


@dataclass(slots=True, frozen=True)
class Point:
    at: datetime
    events: int


@dataclass(slots=True, frozen=True)
class _Span:
    """The hours of a series, since 1970: `buckets` of `width` hours; the last holds the present hour."""

    first: int
    width: int
    buckets: int

    @classmethod
    def until(cls, now: datetime, hours: int, bucket_hours: int) -> "_Span":
        buckets = max(1, hours // bucket_hours)
        present = int(now.timestamp()) // HOUR_SECONDS
        return cls(present + 1 - buckets * bucket_hours, bucket_hours, buckets)

    def fill(self, ids: Iterable[int], rows: Iterable[tuple[int, int, int]]) -> dict[int, list[Point]]:
        """Sum (id, hour, events) into points."""
        sums = {id_: [0] * self.buckets for id_ in ids}
        for id_, hour, events in rows:
            bucket = (hour - self.first) // self.width
            # A client's clock may be a little ahead of ours.
            sums[id_][min(bucket, self.buckets - 1)] += events
        starts = [
            datetime.fromtimestamp((self.first + bucket * self.width) * HOUR_SECONDS, UTC)
            for bucket in range(self.buckets)
        ]
        return {
            id_: [Point(at, count) for at, count in zip(starts, counts, strict=True)] for id_, counts in sums.items()
        }


def series_for(
    issues: Sequence[Issue], *, now: datetime, hours: int = 24, bucket_hours: int = 1
) -> dict[int, list[Point]]:
    """Events by hour for each issue id, oldest first, zeros filled in: one query for all."""
    span = _Span.until(now, hours, bucket_hours)
    ids = [issue.pk for issue in issues]
    rows = IssueHour.objects.filter(issue__in=ids, hour__gte=span.first) if ids else IssueHour.objects.none()
    return span.fill(ids, rows.values_list("issue_id", "hour", "events"))


def release_series(
    releases: Sequence[Release], *, now: datetime, hours: int = 24, bucket_hours: int = 1
) -> dict[int, list[Point]]:
    """The same for each release id."""
    span = _Span.until(now, hours, bucket_hours)
    ids = [release.pk for release in releases]
    rows = ReleaseHour.objects.filter(release__in=ids, hour__gte=span.first) if ids else ReleaseHour.objects.none()
    return span.fill(ids, rows.values_list("release_id", "hour", "events"))


def project_series(
    projects: Sequence[Project],
    *,
    now: datetime,
    hours: int = 24,
    bucket_hours: int = 1,
    outcomes: Sequence[str] = ("stored",),
) -> dict[int, list[Point]]:
    """Events with one of the outcomes for each project id, by the hour in which they were counted."""
    span = _Span.until(now, hours, bucket_hours)
    ids = [project.pk for project in projects]
    counted = OutcomeCount.objects.filter(
        project__in=ids, minute__gte=span.first * 60, outcome__in=outcomes, category__in=EVENT_CATEGORIES
    )
    by_hour = counted.annotate(hour=RawSQL("minute / 60", (), output_field=IntegerField()))
    rows = by_hour.values_list("project_id", "hour").annotate(events=Sum("quantity")).order_by()
    return span.fill(ids, rows if ids else ())


@dataclass(slots=True, frozen=True)
class TagShare:
    key: str
    value: str
    times_seen: int
    share: float
    """Of the issue's events, 0 to 1."""
    last_seen_at: datetime


@dataclass(slots=True, frozen=True)
class TagTotal:
    """A tag key of an issue: events that carry it, and its different values."""

    key: str
    times_seen: int
    values: int


def tag_shares(issue: Issue, *, values_per_key: int = 5) -> dict[str, list[TagShare]]:
    """The most frequent values of each tag of an issue, by key."""
    rank = Window(RowNumber(), partition_by=[F("tag__key")], order_by=[F("times_seen").desc(), F("tag_id").desc()])
    rows = IssueTag.objects.filter(issue=issue).annotate(rank=rank).filter(rank__lte=values_per_key)
    shares: dict[str, list[TagShare]] = {}
    for share in _shares(issue, rows.select_related("tag").order_by("tag__key", "rank")):
        shares.setdefault(share.key, []).append(share)
    return shares


def tag_totals(issue: Issue) -> list[TagTotal]:
    """Every tag key of an issue, by name."""
    rows = IssueTag.objects.filter(issue=issue).values_list("tag__key").annotate(Sum("times_seen"), Count("tag"))
    return [TagTotal(key, times_seen, values) for key, times_seen, values in rows.order_by("tag__key")]


def tag_values(issue: Issue, key: str, *, offset: int = 0, limit: int = 100) -> list[TagShare]:
    """The values of one tag of an issue, most frequent first."""
    rows = IssueTag.objects.filter(issue=issue, tag__key=key).select_related("tag")
    return list(_shares(issue, rows.order_by("-times_seen", "-tag_id")[offset : offset + limit]))


def _shares(issue: Issue, rows: Iterable[IssueTag]) -> Iterable[TagShare]:
    for row in rows:
        share = min(1.0, row.times_seen / max(1, issue.times_seen))
        yield TagShare(row.tag.key, row.tag.value, row.times_seen, share, row.last_seen_at)
