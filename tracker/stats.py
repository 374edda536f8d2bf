"""Series and shares for charts and lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.models import Issue


@dataclass(slots=True, frozen=True)
class Point:
    at: datetime
    events: int


def series_for(
    issues: Sequence[Issue], *, now: datetime, hours: int = 24, bucket_hours: int = 1
) -> dict[int, list[Point]]:
    """Events by hour for each issue id, oldest first, zeros filled in: one query for all."""
    raise NotImplementedError


@dataclass(slots=True, frozen=True)
class TagShare:
    key: str
    value: str
    times_seen: int
    share: float
    """Of the issue's events, 0 to 1."""
    last_seen_at: datetime


def tag_shares(issue: Issue, *, values_per_key: int = 5) -> dict[str, list[TagShare]]:
    """The most frequent values of each tag of an issue, by key."""
    raise NotImplementedError
