"""Counts of a batch: summed in memory first, so that each row is touched once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.models.counters import hour_of
from tracker.record.digested import Digested
from tracker.record.dimensions import Dimensions, note_environments
from tracker.storage.sql import update_rows, write_rows, write_rows_returning

Stored = tuple[Digested, int]
"""An event that was not there before, and the id of its issue."""


@dataclass(slots=True)
class IssueTotals:
    """What a batch adds to one issue."""

    events: int
    first_at: datetime
    last_at: datetime
    release_id: int | None
    """Of its latest event that names one."""
    first_release_id: int | None
    """Of its earliest event."""
    level: int
    new_users: int = 0


def count_new_users(stored: Sequence[Stored], dimensions: Dimensions) -> Counter[int]:
    """Note who is affected; returns how many users each issue had not seen before."""
    pairs = {
        (issue_id, dimensions.users[event.project_id, event.user_identity])
        for event, issue_id in stored
        if event.user_identity
    }
    columns = (("issue_id", "bigint"), ("event_user_id", "bigint"))
    written = write_rows_returning("tracker_issueuser", columns, sorted(pairs), "issue_id", "ON CONFLICT DO NOTHING")
    return Counter(issue_id for (issue_id,) in written)


def sum_issues(stored: Sequence[Stored], dimensions: Dimensions, new_users: Counter[int]) -> dict[int, IssueTotals]:
    """What the stored events add to each issue."""
    totals: dict[int, IssueTotals] = {}
    for event, issue_id in stored:
        release_id = dimensions.releases.get((event.project_id, event.release))
        sums = totals.get(issue_id)
        if sums is None:
            totals[issue_id] = IssueTotals(
                1, event.occurred_at, event.occurred_at, release_id, release_id, event.level, new_users[issue_id]
            )
            continue
        sums.events += 1
        if event.occurred_at < sums.first_at:
            sums.first_at, sums.first_release_id = event.occurred_at, release_id
        if event.occurred_at >= sums.last_at:
            sums.last_at = event.occurred_at
            sums.level = event.level
            sums.release_id = release_id or sums.release_id
    return totals


def add_to_issues(totals: dict[int, IssueTotals]) -> None:
    """One statement for all issues of the batch."""
    columns = (
        ("events", "bigint"),
        ("first_at", "time"),
        ("last_at", "time"),
        ("release_id", "bigint"),
        ("first_release_id", "bigint"),
        ("level", "smallint"),
        ("new_users", "bigint"),
    )
    rows = [
        (
            id_,
            sums.events,
            sums.first_at,
            sums.last_at,
            sums.release_id,
            sums.first_release_id,
            sums.level,
            sums.new_users,
        )
        for id_, sums in sorted(totals.items())
    ]
    update_rows(
        "tracker_issue",
        ("id", "bigint"),
        columns,
        rows,
        'times_seen = t.times_seen + new."events", users_affected = t.users_affected + new."new_users", '
        'first_seen_at = CASE WHEN new."first_at" < t.first_seen_at THEN new."first_at" ELSE t.first_seen_at END, '
        'first_release_id = CASE WHEN new."first_at" < t.first_seen_at '
        'THEN COALESCE(new."first_release_id", t.first_release_id) ELSE t.first_release_id END, '
        'last_seen_at = CASE WHEN new."last_at" > t.last_seen_at THEN new."last_at" ELSE t.last_seen_at END, '
        'level = CASE WHEN new."last_at" >= t.last_seen_at THEN new."level" ELSE t.level END, '
        'last_release_id = CASE WHEN new."last_at" >= t.last_seen_at '
        'THEN COALESCE(new."release_id", t.last_release_id) ELSE t.last_release_id END',
    )


def add_tags(stored: Sequence[Stored], dimensions: Dimensions) -> None:
    """How often each tag was seen in each issue, and when last."""
    counts: Counter[tuple[int, int]] = Counter()
    last: dict[tuple[int, int], datetime] = {}
    for event, issue_id in sorted(stored, key=lambda each: each[0].occurred_at):
        ids = map(dimensions.tags[event.project_id].get, event.tags.items())
        pairs = [(issue_id, id_) for id_ in ids if id_ is not None]
        counts.update(pairs)
        last.update(dict.fromkeys(pairs, event.occurred_at))
    columns = (("issue_id", "bigint"), ("tag_id", "bigint"), ("times_seen", "bigint"), ("last_seen_at", "time"))
    rows = [(*pair, count, last[pair]) for pair, count in sorted(counts.items())]
    write_rows(
        "tracker_issuetag",
        columns,
        rows,
        "ON CONFLICT (issue_id, tag_id) DO UPDATE SET times_seen = tracker_issuetag.times_seen + excluded.times_seen, "
        "last_seen_at = CASE WHEN excluded.last_seen_at > tracker_issuetag.last_seen_at "
        "THEN excluded.last_seen_at ELSE tracker_issuetag.last_seen_at END",
    )


def _add_hours(table: str, column: str, hours: Iterable[tuple[int, int]]) -> None:
    rows = [(id_, hour, count) for (id_, hour), count in sorted(Counter(hours).items())]
    write_rows(
        table,
        ((column, "bigint"), ("hour", "integer"), ("events", "bigint")),
        rows,
        f"ON CONFLICT ({column}, hour) DO UPDATE SET events = {table}.events + excluded.events",
    )


def add_hours(stored: Sequence[Stored], dimensions: Dimensions) -> None:
    """Events by hour, of issues and of releases."""
    _add_hours("tracker_issuehour", "issue_id", ((issue, hour_of(event.occurred_at)) for event, issue in stored))
    releases = (
        (dimensions.releases[event.project_id, event.release], hour_of(event.occurred_at))
        for event, _ in stored
        if event.release
    )
    _add_hours("tracker_releasehour", "release_id", releases)


def add_to_releases(stored: Sequence[Stored], dimensions: Dimensions) -> None:
    """First and last event of each release, and its environments."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for event, _ in stored:
        if not event.release:
            continue
        id_ = dimensions.releases[event.project_id, event.release]
        first, last = spans.get(id_, (event.occurred_at, event.occurred_at))
        spans[id_] = (min(first, event.occurred_at), max(last, event.occurred_at))
    update_rows(
        "tracker_release",
        ("id", "bigint"),
        (("first_at", "time"), ("last_at", "time")),
        [(id_, *span) for id_, span in sorted(spans.items())],
        'first_event_at = CASE WHEN t.first_event_at IS NULL OR new."first_at" < t.first_event_at '
        'THEN new."first_at" ELSE t.first_event_at END, '
        'last_event_at = CASE WHEN t.last_event_at IS NULL OR new."last_at" > t.last_event_at '
        'THEN new."last_at" ELSE t.last_event_at END',
    )
    note_environments(
        (
            dimensions.releases[event.project_id, event.release],
            dimensions.environments[event.project_id, event.environment],
        )
        for event, _ in stored
        if event.release and event.environment
    )


def add_to_projects(fresh: Iterable[tuple[int, bytes]], now: datetime) -> None:
    """Count the events that were stored, given as (project id, event id)."""
    counts = Counter(project_id for project_id, _ in fresh)
    update_rows(
        "tracker_project",
        ("id", "bigint"),
        (("events", "bigint"), ("now", "time")),
        [(id_, count, now) for id_, count in sorted(counts.items())],
        'stored_events = t.stored_events + new."events", first_event_at = COALESCE(t.first_event_at, new."now")',
    )
