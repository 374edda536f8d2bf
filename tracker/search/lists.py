"""Pages of issues and of events, by keyset: as fast on the last page as on the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from tracker.models import Event, Issue, Project, User
from tracker.models.ranks import TimeSlot, magnitude
from tracker.search.filters import Scope, condition_of, narrow_projects
from tracker.search.query import Query
from tracker.storage.cursors import Bucket, slice_of

COUNTED_UP_TO = 1_000


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
COLUMNS: Mapping[str, str] = {
    "last_seen": "last_seen_at",
    "first_seen": "first_seen_at",
    "events": "times_seen",
    "users": "users_affected",
}
BUCKETS: Mapping[str, Bucket] = {
    "last_seen": Bucket("last_seen_bucket", TimeSlot),
    "events": Bucket("events_bucket", magnitude),
    "users": Bucket("users_bucket", magnitude),
}


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
    """One page of matching issues of these projects; a cursor that cannot be read means the first page.

    Issues that were merged into another are not shown. Raises KeyError for a sort that is none of SORTS.
    """
    column = COLUMNS[sort]
    kept = narrow_projects(query, projects)
    if not kept:
        return IssuePage([], None, None, 0)
    matching = Issue.objects.filter(
        _in_projects(kept), condition_of(query, Scope(kept, me, now)), merged_into__isnull=True
    )
    loaded = matching.select_related("project__organization", "assigned_to", "first_release", "last_release")
    page = slice_of(loaded, column, sort, cursor, limit, is_time=column.endswith("_at"), rank=BUCKETS.get(sort))
    if not cursor and page.next_cursor is None:
        total: int | None = len(page.rows)
    else:
        counted = matching.order_by()[: COUNTED_UP_TO + 1].count()
        total = counted if counted <= COUNTED_UP_TO else None
    return IssuePage(page.rows, page.next_cursor, page.previous_cursor, total)


def _in_projects(projects: Sequence[Project]) -> Q:
    # `= 7` rather than `IN (7)`: only then does PostgreSQL 15 read the rows from the index in the page's order.
    return Q(project=projects[0]) if len(projects) == 1 else Q(project__in=[project.pk for project in projects])


def find_events(issue: Issue, *, cursor: str = "", limit: int = 50, with_payload: bool = False) -> EventPage:
    """The issue's events, newest first; their payloads are loaded only where they are asked for."""
    events = Event.objects.filter(issue=issue).select_related("release", "environment", "user")
    events = events if with_payload else events.defer("payload")
    page = slice_of(events, "occurred_at", "events", cursor, limit, is_time=True)
    return EventPage(page.rows, page.next_cursor, page.previous_cursor)
