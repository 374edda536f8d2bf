"""The counted rows of an issue (hours, tags, users): summed, taken apart, and recounted from its stored events."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from grouping.reader import read_event
from grouping.tags import derive_tags
from tracker.models import Event, IssueHour, IssueTag, IssueUser
from tracker.models.counters import hour_of
from tracker.storage.payloads import load_payload_bytes
from tracker.storage.sql import join_rows, write_rows

_KEYS = {"tracker_issuehour": "hour", "tracker_issuetag": "tag_id"}
_COUNTS = {"tracker_issuehour": "events", "tracker_issuetag": "times_seen"}


@dataclass(slots=True)
class Tally:
    """What some events add up to."""

    events: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    first_release_id: int | None = None
    last_release_id: int | None = None
    level: int = 0
    hours: Counter[int] = field(default_factory=Counter)
    tags: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    """Times seen and last seen by (key, value)."""
    user_ids: set[int] = field(default_factory=set)

    def add(self, event: Event, tags: dict[str, str]) -> None:
        """Add an event; they come in the order in which they happened."""
        at = event.occurred_at
        self.events += 1
        self.first_at, self.last_at = self.first_at or at, at
        self.first_release_id = self.first_release_id or event.release_id
        self.last_release_id = event.release_id or self.last_release_id
        self.level = event.level
        self.hours[hour_of(at)] += 1
        if event.user_id:
            self.user_ids.add(event.user_id)
        for tag in tags.items():
            self.tags[tag] = (self.tags.get(tag, (0, at))[0] + 1, at)


def tally_of(events: QuerySet[Event]) -> Tally:
    """Recount stored events one by one, in little memory; their tags are derived from their payloads again."""
    tally = Tally()
    for event in events.order_by("occurred_at", "id").iterator(chunk_size=200):
        tally.add(event, derive_tags(read_event(load_payload_bytes(event))))
    return tally


def write_tally(tally: Tally, issue_id: int, project_id: int) -> None:
    """Add what was tallied to an issue's rows."""
    hours = [(issue_id, hour, events) for hour, events in sorted(tally.hours.items())]
    write_rows(
        "tracker_issuehour",
        (("issue_id", "bigint"), ("hour", "integer"), ("events", "bigint")),
        hours,
        _on_conflict("tracker_issuehour"),
    )
    columns = (("project_id", "bigint"), ("key", "text"), ("value", "text"))
    known = join_rows(
        "tracker_tag", columns, [(project_id, *tag) for tag in sorted(tally.tags)], "t.id, t.key, t.value"
    )
    write_rows(
        "tracker_issuetag",
        (("issue_id", "bigint"), ("tag_id", "bigint"), ("times_seen", "bigint"), ("last_seen_at", "time")),
        [(issue_id, id_, *tally.tags[key, value]) for id_, key, value in sorted(known)],
        _on_conflict("tracker_issuetag"),
    )
    write_rows(
        "tracker_issueuser",
        (("issue_id", "bigint"), ("event_user_id", "bigint")),
        [(issue_id, user_id) for user_id in sorted(tally.user_ids)],
        "ON CONFLICT DO NOTHING",
    )


def _on_conflict(table: str) -> str:
    key, count = _KEYS[table], _COUNTS[table]
    latest = (
        f", last_seen_at = CASE WHEN excluded.last_seen_at > {table}.last_seen_at "
        f"THEN excluded.last_seen_at ELSE {table}.last_seen_at END"
        if table == "tracker_issuetag"
        else ""
    )
    return f"ON CONFLICT (issue_id, {key}) DO UPDATE SET {count} = {table}.{count} + excluded.{count}{latest}"


def add_rows(part_ids: Sequence[int], whole_id: int) -> None:
    """Add the rows of some issues to those of another; their own stay as they are."""
    marks = ", ".join(["%s"] * len(part_ids))
    for table, columns, sums in (
        ("tracker_issuehour", "hour, events", "hour, sum(events)"),
        ("tracker_issuetag", "tag_id, times_seen, last_seen_at", "tag_id, sum(times_seen), max(last_seen_at)"),
    ):
        _execute(
            f"INSERT INTO {table} (issue_id, {columns}) SELECT %s, {sums} FROM {table} "  # noqa: S608
            f"WHERE issue_id IN ({marks}) GROUP BY {_KEYS[table]} {_on_conflict(table)}",
            [whole_id, *part_ids],
        )
    _execute(
        "INSERT INTO tracker_issueuser (issue_id, event_user_id) SELECT DISTINCT %s, event_user_id "  # noqa: S608
        f"FROM tracker_issueuser WHERE issue_id IN ({marks}) ON CONFLICT DO NOTHING",
        [whole_id, *part_ids],
    )


def take_rows(part_id: int, whole_id: int, remaining: QuerySet[Event]) -> None:
    """Take the rows of an issue out of another's; `remaining` are the events that the other keeps, with their users."""
    for table, model in (("tracker_issuehour", IssueHour), ("tracker_issuetag", IssueTag)):
        key, count = _KEYS[table], _COUNTS[table]
        left = f"whole.{count} - part.{count}"
        _execute(
            f"UPDATE {table} AS whole SET {count} = CASE WHEN {left} > 0 THEN {left} ELSE 0 END FROM {table} AS part "  # noqa: S608
            f"WHERE whole.issue_id = %s AND part.issue_id = %s AND whole.{key} = part.{key}",
            [whole_id, part_id],
        )
        rows = model._default_manager.filter(issue=whole_id, **{count: 0})
        rows._raw_delete(rows.db)
    users = IssueUser.objects.filter(
        issue=whole_id, event_user__in=IssueUser.objects.filter(issue=part_id).values("event_user")
    ).exclude(event_user__in=remaining.filter(user__isnull=False).values("user"))
    gone = list(users.values_list("event_user", flat=True))
    doomed = IssueUser.objects.filter(issue=whole_id, event_user__in=gone)
    doomed._raw_delete(doomed.db)


def _execute(statement: str, parameters: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
