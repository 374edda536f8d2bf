"""The rows of events: inserted once by (project, event id), with their payload folded against their issue's base."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.models.counters import hour_of
from tracker.record.digested import Digested
from tracker.record.dimensions import Dimensions
from tracker.record.issues import IssueState, Placed
from tracker.record.projects import ProjectRow
from tracker.storage.payloads import GROWS_AFTER, Base, compress_alone, load_bases
from tracker.storage.sql import Columns, join_rows, update_rows, write_rows_returning

SAMPLE = 100
"""Of the events of an issue beyond its project's bound for an hour, one in so many is stored; all are counted."""


def find_sampled_out(
    batch: Sequence[Digested], issue_ids: Sequence[int], projects: dict[int, ProjectRow], now: datetime
) -> set[int]:
    """Positions in the batch of the events that are only to be counted; one query, for issues that may be spiking."""
    in_batch = Counter(
        (issue_id, projects[event.project_id].spike_events)
        for event, issue_id in zip(batch, issue_ids, strict=True)
        if projects[event.project_id].spike_events
    )
    hour = hour_of(now)
    rows = sorted((issue_id, hour) for issue_id, _ in in_batch)
    columns = (("issue_id", "bigint"), ("hour", "integer"))
    seen = dict(join_rows("tracker_issuehour", columns, rows, "t.issue_id, t.events"))
    bounds = {issue_id: bound for (issue_id, bound), count in in_batch.items() if seen.get(issue_id, 0) + count > bound}
    sampled_out: set[int] = set()
    for position, issue_id in enumerate(issue_ids):
        if issue_id not in bounds:
            continue
        number = seen[issue_id] = seen.get(issue_id, 0) + 1
        if number > bounds[issue_id] and number % SAMPLE:
            sampled_out.add(position)
    return sampled_out


EVENT_COLUMNS: Columns = (
    ("project_id", "bigint"),
    ("event_id", "bytes"),
    ("issue_id", "bigint"),
    ("group_key_id", "bigint"),
    ("occurred_at", "time"),
    ("received_at", "time"),
    ("release_id", "bigint"),
    ("environment_id", "bigint"),
    ("user_id", "bigint"),
    ("level", "smallint"),
    ("base_id", "bigint"),
    ("payload", "bytes"),
)


@dataclass(slots=True)
class Folded:
    """A payload as it will lie in its row; its base has no id before it is inserted."""

    base_id: int | None
    payload: bytes


@dataclass(slots=True)
class _NewBase:
    issue: IssueState
    event_id: bytes
    base: Base
    alone: bytes
    followers: list[int] = field(default_factory=list)


def _fold_all(
    batch: Sequence[Digested], placed: Placed, issues: dict[int, IssueState], positions: Sequence[int]
) -> list[Folded]:
    """Fold each payload; an issue whose base is missing, no longer fits or may grow gets a new one."""
    bases = load_bases({issue.base_id for issue in issues.values() if issue.base_id is not None})
    current: dict[int, Base] = {issue.id: bases[issue.base_id] for issue in issues.values() if issue.base_id in bases}
    new_base_of: dict[int, _NewBase] = {}
    new_bases: list[_NewBase] = []
    folded = [Folded(None, b"")] * len(batch)
    # Issue by issue: a compressor's tables are then still in the processor's cache.
    for index in positions:
        event, issue_id = batch[index], placed.issue_ids[index]
        base = current.get(issue_id)
        payload = base.fold(event.payload) if base is not None else b""
        text = _text_of_next_base(base, event, payload, issues[issue_id])
        if base is None or text:
            alone = compress_alone(text)
            base = current[issue_id] = Base(0, text, len(alone))
            payload = base.fold(event.payload)
            new_base_of[issue_id] = _NewBase(issues[issue_id], event.event_id, base, alone)
            new_bases.append(new_base_of[issue_id])
        folded[index] = Folded(base.id or None, payload)
        if base.id == 0:
            new_base_of[issue_id].followers.append(index)
    _insert_bases(new_bases, folded)
    return folded


def _text_of_next_base(base: Base | None, event: Digested, folded: bytes, issue: IssueState) -> bytes:
    """What the base holds that comes with this event; empty where the issue goes on with the one that it has."""
    if base is None or not base.is_good_for(folded):
        return event.payload
    if base.id and issue.times_seen >= GROWS_AFTER:
        return base.grown(event.payload)
    return b""


def _insert_bases(new_bases: Sequence[_NewBase], folded: Sequence[Folded]) -> None:
    """Store the new bases, tell those who were folded against them, and make each issue go on with its latest."""
    columns = (("project_id", "bigint"), ("event_id", "bytes"), ("payload", "bytes"))
    rows = [(new.issue.project_id, new.event_id, new.alone) for new in new_bases]
    written = write_rows_returning("tracker_payloadbase", columns, rows, "id, project_id, event_id")
    ids = {(project, bytes(event_id)): id_ for id_, project, event_id in written}
    latest: dict[int, int] = {}
    for new in new_bases:
        base_id = latest[new.issue.id] = ids[new.issue.project_id, new.event_id]
        for index in new.followers:
            folded[index].base_id = base_id
    update_rows(
        "tracker_issue", ("id", "bigint"), (("base_id", "bigint"),), sorted(latest.items()), 'base_id = new."base_id"'
    )


def insert_events(
    batch: Sequence[Digested],
    placed: Placed,
    issues: dict[int, IssueState],
    dimensions: Dimensions,
    *,
    leave_out: set[int],
) -> set[tuple[int, bytes]]:
    """Insert the batch's events but those at the positions `leave_out`.

    Returns (project id, event id) of those that were not there before.
    """
    # Issue by issue, so that those of one issue lie side by side in the table and in its index.
    kept = sorted(set(range(len(batch))) - leave_out, key=lambda position: (placed.issue_ids[position], position))
    folded = _fold_all(batch, placed, issues, kept)
    rows: list[tuple[Any, ...]] = []
    for position in kept:
        event, stored = batch[position], folded[position]
        project = event.project_id
        rows.append(
            (
                project,
                event.event_id,
                placed.issue_ids[position],
                placed.key_ids[position],
                event.occurred_at,
                event.received_at,
                dimensions.releases.get((project, event.release)),
                dimensions.environments.get((project, event.environment)),
                dimensions.users.get((project, event.user_identity)),
                event.level,
                stored.base_id,
                stored.payload,
            )
        )
    written = write_rows_returning(
        "tracker_event", EVENT_COLUMNS, rows, "project_id, event_id", "ON CONFLICT DO NOTHING"
    )
    return {(project, bytes(event_id)) for project, event_id in written}
