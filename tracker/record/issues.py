"""Which issue does each event of a batch belong to? Keys are looked up in order; issues are made where none is known.

Source: the grouping specification, "Layers and lookup". A hit on any key attaches; every other key of the event is then
registered for the same issue, unless it belongs to one already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from grouping.group import CONFIG, Key
from tracker.models import Issue, Project
from tracker.record.digested import Digested
from tracker.record.dimensions import Dimensions
from tracker.record.disagreements import propose
from tracker.record.projects import ProjectRow
from tracker.storage.memory import Remembered
from tracker.storage.sql import Columns, join_rows, write_rows_returning

GUARD = 8
"""Issues that keys with the same base may make, before further ones attach to the oldest (specification 3.7.4)."""

KeyName = tuple[int, bytes, str]
"""(project id, digest, kind)."""

KEY_COLUMNS: Columns = (("project_id", "bigint"), ("digest", "bytes"), ("kind", "text"), ("config", "text"))

_remembered: Remembered[tuple[int, KeyName], tuple[int, int]] = Remembered(60_000)
"""(project version, key) → (group key id, issue id)."""


def forget_keys() -> None:
    """Drop everything remembered (tests, and after a failed batch)."""
    _remembered.clear()


@dataclass(slots=True)
class Placed:
    """Where each event of the batch belongs, in the batch's order."""

    issue_ids: list[int] = field(default_factory=list)
    key_ids: list[int] = field(default_factory=list)
    new_issue_ids: set[int] = field(default_factory=set)


def _name(project_id: int, key: Key) -> KeyName:
    return (project_id, key.digest, key.kind)


class Lookup:
    """What is known of the batch's keys: (group key id, issue id) by name."""

    def __init__(self, projects: dict[int, ProjectRow]) -> None:
        self.projects = projects
        self.known: dict[KeyName, tuple[int, int]] = {}
        self.legacy: dict[int, list[Key]] = {}
        """Keys under earlier rules, by `id(event)`, of the events that have no other known key."""

    def load(self, names: Iterable[KeyName]) -> None:
        """Find these keys, in memory or by one query."""
        missing: list[KeyName] = []
        for name in names:
            if name in self.known:
                continue
            hit = _remembered.get((self.projects[name[0]].version, name))
            if hit is None:
                missing.append(name)
            else:
                self.known[name] = hit
        self.load_from_database(missing)

    def load_from_database(self, names: Sequence[KeyName]) -> None:
        rows = [(*name, CONFIG) for name in sorted(set(names))]
        for project, digest, kind, id_, issue in join_rows(
            "tracker_groupkey", KEY_COLUMNS, rows, "t.project_id, t.digest, t.kind, t.id, t.issue_id"
        ):
            self.known[(project, bytes(digest), kind)] = (id_, issue)

    def first_hit(self, event: Digested) -> tuple[int, int] | None:
        """The (group key id, issue id) of the first of the event's keys that is known; legacy keys come last."""
        key = self.first_known(event)
        return self.known[_name(event.project_id, key)] if key else None

    def first_known(self, event: Digested) -> Key | None:
        keys: list[Key] = [*event.grouping.keys, *self.legacy.get(id(event), [])]
        for key in keys:
            if _name(event.project_id, key) in self.known:
                return key
        return None

    def issues_of(self, event: Digested) -> set[int]:
        """The issues to which the event's keys belong: one, unless the keys disagree."""
        hits = (self.known.get(_name(event.project_id, key)) for key in event.grouping.keys)
        return {hit[1] for hit in hits if hit is not None}

    def remember(self) -> None:
        pairs = [((self.projects[name[0]].version, name), hit) for name, hit in self.known.items()]
        transaction.on_commit(lambda: _remembered.put_all(pairs))


def place_events(
    batch: Sequence[Digested], projects: dict[int, ProjectRow], dimensions: Dimensions, now: datetime
) -> Placed:
    """Find or make the issue of every event, in a fixed number of statements."""
    lookup = Lookup(projects)
    lookup.load(_name(event.project_id, key) for event in batch for key in event.grouping.keys)
    unknown = [event for event in batch if lookup.first_hit(event) is None]
    new_issue_ids: set[int] = set()
    if unknown:
        lookup.legacy = {id(event): event.legacy_keys() for event in unknown}
        lookup.load(_name(event.project_id, key) for event in unknown for key in lookup.legacy[id(event)])
        unmatched = [event for event in unknown if lookup.first_hit(event) is None]
        if unmatched:
            _lock_projects({event.project_id for event in unmatched})
            # What another worker made while we waited for the lock.
            lookup.load_from_database(
                [_name(event.project_id, key) for event in unmatched for key in event.grouping.keys]
            )
            new_issue_ids = _make_issues(unmatched, lookup, dimensions, now)
    _register_other_keys(batch, lookup, now)
    lookup.remember()
    propose((lookup.issues_of(event) for event in batch), now)
    placed = Placed(new_issue_ids=new_issue_ids)
    for event in batch:
        hit = lookup.first_hit(event)
        if hit is None:  # cannot be: every event was placed above
            raise RuntimeError(f"event {event.event_id.hex()} has no issue")
        placed.key_ids.append(hit[0])
        placed.issue_ids.append(hit[1])
    return placed


def _lock_projects(ids: set[int]) -> None:
    """Only one worker at a time makes issues of a project, so that two never make the same one."""
    list(Project.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id").values_list("id", flat=True))


def _make_issues(unmatched: Sequence[Digested], lookup: Lookup, dimensions: Dimensions, now: datetime) -> set[int]:
    """Make an issue for each group of events that share a key, unless the guard gives them an older one."""
    guard = Guard(unmatched)
    first_events: list[Digested] = []
    target_issue_of: dict[KeyName, Digested | int] = {}
    """The first event of the issue to be made, or the id of the older issue, for every key of the unmatched."""
    origins: dict[KeyName, str] = {}
    for event in unmatched:
        if lookup.first_hit(event) is not None:
            continue
        names = [_name(event.project_id, key) for key in event.grouping.keys]
        origin = "ingest"
        target = next((target_issue_of[name] for name in names if name in target_issue_of), None)
        if target is None:
            target = guard.target_issue_for(event)
            origin = "ingest" if target is None else "guard"
        if target is None:
            target = event
            first_events.append(event)
            guard.count(event)
        for name in names:
            target_issue_of.setdefault(name, target)
            origins.setdefault(name, origin)
    issue_of = _insert_issues(first_events, dimensions)
    rows: dict[KeyName, tuple[Any, ...]] = {}
    for event in unmatched:
        for key in event.grouping.keys:
            name = _name(event.project_id, key)
            if name in target_issue_of and name not in lookup.known:
                target = target_issue_of[name]
                issue_id = target if isinstance(target, int) else issue_of[id(target)]
                rows.setdefault(name, (*name, CONFIG, issue_id, key.base, origins[name], now))
    _insert_keys(list(rows.values()), lookup)
    return set(issue_of.values())


class Guard:
    """Bounds how many issues an unknown kind of variable text can make (specification 3.7.4)."""

    def __init__(self, unmatched: Sequence[Digested]) -> None:
        bases = sorted({base for event in unmatched if (base := _base(event)) is not None})
        columns = (("project_id", "bigint"), ("base", "bytes"))
        select = "t.project_id, t.base, min(t.issue_id), count(DISTINCT t.issue_id)"
        self._oldest: dict[tuple[int, bytes], Digested | int] = {}
        self._count: dict[tuple[int, bytes], int] = {}
        for project, base, oldest, count in join_rows(
            "tracker_groupkey", columns, bases, select, "GROUP BY t.project_id, t.base"
        ):
            self._oldest[project, bytes(base)] = oldest
            self._count[project, bytes(base)] = count

    def target_issue_for(self, event: Digested) -> Digested | int | None:
        """The oldest issue of the event's base once there are enough; None where the event may have its own."""
        base = _base(event)
        if base is None or self._count.get(base, 0) < GUARD:
            return None
        return self._oldest[base]

    def count(self, first_event: Digested) -> None:
        """Note that an issue is going to be made for this event."""
        base = _base(first_event)
        if base is not None:
            self._oldest.setdefault(base, first_event)
            self._count[base] = self._count.get(base, 0) + 1


def _base(event: Digested) -> tuple[int, bytes] | None:
    primary = event.grouping.keys[0]
    return None if primary.base is None else (event.project_id, primary.base)


def _insert_issues(first_events: Sequence[Digested], dimensions: Dimensions) -> dict[int, int]:
    """New issues, one for each first event; returns ids by `id(event)`. Counters start at 0 and are added later."""
    by_project: dict[int, list[Digested]] = {}
    for event in first_events:
        by_project.setdefault(event.project_id, []).append(event)
    rows: list[tuple[Any, ...]] = []
    first_event_of: dict[tuple[int, int], Digested] = {}
    for project_id, events in sorted(by_project.items()):
        first = _take_numbers(project_id, len(events))
        for number, event in enumerate(events, first):
            first_event_of[project_id, number] = event
            release = dimensions.releases.get((project_id, event.release))
            rows.append(_issue_row(event, number, release))
    written = write_rows_returning("tracker_issue", ISSUE_COLUMNS, rows, "id, project_id, number")
    return {id(first_event_of[project, number]): id_ for id_, project, number in written}


ISSUE_COLUMNS: Columns = (
    ("project_id", "bigint"),
    ("number", "integer"),
    ("title", "text"),
    ("type", "text"),
    ("value", "text"),
    ("culprit", "text"),
    ("platform", "text"),
    ("logger", "text"),
    ("level", "smallint"),
    ("is_unhandled", "boolean"),
    ("status", "smallint"),
    ("is_regressed", "boolean"),
    ("first_seen_at", "time"),
    ("last_seen_at", "time"),
    ("times_seen", "bigint"),
    ("users_affected", "bigint"),
    ("expected_since_resolved", "bigint"),
    ("first_release_id", "bigint"),
    ("last_release_id", "bigint"),
)


def _issue_row(event: Digested, number: int, release: int | None) -> tuple[Any, ...]:
    return (
        event.project_id,
        number,
        event.title,
        event.type,
        event.value,
        event.culprit,
        event.platform,
        event.logger,
        event.level,
        event.is_unhandled,
        0,
        False,
        event.occurred_at,
        event.occurred_at,
        0,
        0,
        0,
        release,
        release,
    )


def _take_numbers(project_id: int, count: int) -> int:
    """Reserve `count` issue numbers of a project; returns the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tracker_project SET last_issue_number = last_issue_number + %s WHERE id = %s "
            "RETURNING last_issue_number",
            [count, project_id],
        )
        (last,) = cursor.fetchone()
    return int(last) - count + 1


def _insert_keys(rows: Sequence[tuple[Any, ...]], lookup: Lookup) -> None:
    columns = (*KEY_COLUMNS, ("issue_id", "bigint"), ("base", "bytes"), ("origin", "text"), ("created_at", "time"))
    ordered = sorted(rows, key=lambda row: row[:3])
    for id_, project, digest, kind, issue in write_rows_returning(
        "tracker_groupkey", columns, ordered, "id, project_id, digest, kind, issue_id", "ON CONFLICT DO NOTHING"
    ):
        lookup.known[(project, bytes(digest), kind)] = (id_, issue)


def _register_other_keys(batch: Sequence[Digested], lookup: Lookup, now: datetime) -> None:
    """Give every key of an event that has an issue now to this issue, unless the key belongs to one already."""
    rows: dict[KeyName, tuple[Any, ...]] = {}
    for event in batch:
        found: Key | None = None
        for key in event.grouping.keys:
            name = _name(event.project_id, key)
            if name in lookup.known or name in rows:
                continue
            found = found or lookup.first_known(event)
            if found is not None:
                issue_id = lookup.known[_name(event.project_id, found)][1]
                rows[name] = (*name, CONFIG, issue_id, key.base, _origin(event, found, key), now)
    if rows:
        _insert_keys(list(rows.values()), lookup)


def _origin(event: Digested, found: Key, key: Key) -> str:
    """How a key came to its issue: on its own, by another key of the event that comes after it, by earlier rules."""
    keys = event.grouping.keys
    if found not in keys:
        return "legacy"
    return "ingest" if keys.index(found) < keys.index(key) else found.kind


@dataclass(slots=True)
class IssueState:
    """What the recorder must know of an issue, read under its lock; its totals grow with the batch."""

    id: int
    project_id: int
    status: int
    base_id: int | None
    resolution: dict[str, Any] | None
    archival: dict[str, Any] | None
    times_seen: int
    users_affected: int


def lock_issues(ids: Iterable[int]) -> dict[int, IssueState]:
    """Lock the issues, in the order of their ids so that workers never wait in a circle, and read their state."""
    rows = (
        Issue.objects.select_for_update(no_key=True)
        .filter(id__in=set(ids))
        .order_by("id")
        .values_list("id", "project_id", "status", "base_id", "resolution", "archival", "times_seen", "users_affected")
    )
    return {row[0]: IssueState(*row) for row in rows}
