"""Pages of issues and of events, by keyset: as fast on the last page as on the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.models import Event, Issue, Project, User
from tracker.search.query import Query


@dataclass(slots=True, frozen=True)
class IssuePage:
    issues: list[Issue]
    """With `project`, `assigned_to`, `first_release` and `last_release` loaded."""
    next_cursor: str | None
    previous_cursor: str | None
    total: int | None
    """How many match, counted up to 1,000; None where there are more."""


@dataclass(slots=True, frozen=True)
class EventPage:
    events: list[Event]
    next_cursor: str | None
    previous_cursor: str | None


SORTS = ("last_seen", "first_seen", "events", "users")


def find_issues(
    projects: Sequence[Project],
    query: Query,
    *,
    me: User | None,
    now: datetime,
    sort: str = "last_seen",
    cursor: str = "",
    limit: int = 25,
) -> IssuePage:
    """One page of matching issues of these projects; a cursor that cannot be read means the first page."""
    raise NotImplementedError


def find_events(issue: Issue, *, cursor: str = "", limit: int = 50) -> EventPage:
    """The issue's events, newest first."""
    raise NotImplementedError
