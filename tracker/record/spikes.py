"""A runaway issue keeps its exact count and a sample of its events, so that it does not eat the others' room."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tracker.models.counters import hour_of
from tracker.record.digested import Digested
from tracker.record.projects import ProjectRow
from tracker.storage.sql import join_rows

SAMPLE = 100
"""Of the events of an issue beyond its project's bound for an hour, one in so many is stored; all are counted."""


def find_uncalled_for(
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
    uncalled_for: set[int] = set()
    for position, issue_id in enumerate(issue_ids):
        if issue_id not in bounds:
            continue
        number = seen[issue_id] = seen.get(issue_id, 0) + 1
        if number > bounds[issue_id] and number % SAMPLE:
            uncalled_for.add(position)
    return uncalled_for
