"""Record a batch of digested events: one transaction, a fixed number of statements.

Order: dimensions → keys and issues → payloads and events → what these change → counters. Only events that were not
there before are counted, so that a batch that comes twice changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tracker.lifecycle.regress import Occurrence, apply_changes, judge_batch
from tracker.models import Activity, ActivityKind
from tracker.record.counters import (
    Stored,
    add_hours,
    add_tags,
    add_to_issues,
    add_to_projects,
    add_to_releases,
    count_new_users,
    sum_issues,
)
from tracker.record.digested import Digested, Recorded
from tracker.record.dimensions import resolve_dimensions
from tracker.record.events import insert_events
from tracker.record.issues import lock_issues, place_events
from tracker.record.projects import load_projects


def record_batch(batch: Sequence[Digested], now: datetime) -> list[Recorded]:
    """Store the batch in one transaction; answers in the batch's order. Repeating it changes nothing (duplicates).

    Events of a project that is gone are answered with issue id 0 and stored nowhere.
    """
    if not batch:
        return []
    with transaction.atomic():
        projects = load_projects(event.project_id for event in batch)
        unique = _first_of_each(event for event in batch if event.project_id in projects)
        if not unique:
            return [Recorded(event.event_id, event.project_id, 0, False, False, False) for event in batch]
        dimensions = resolve_dimensions(unique, projects, now)
        placed = place_events(unique, projects, dimensions, now)
        issues = lock_issues(placed.issue_ids)
        fresh = insert_events(unique, placed, issues, dimensions)
        stored: list[Stored] = [
            (event, issue_id)
            for event, issue_id in zip(unique, placed.issue_ids, strict=True)
            if (event.project_id, event.event_id) in fresh
        ]
        totals = sum_issues(stored, dimensions, count_new_users(stored, dimensions))
        add_to_issues(totals)
        regressed = _judge(stored, placed.new_issue_ids, now)
        add_tags(stored, dimensions)
        add_hours(stored, dimensions)
        add_to_releases(stored, dimensions)
        add_to_projects(stored, now)
        _note_new_issues(stored, placed.new_issue_ids, now)
    return _answers(batch, unique, placed.issue_ids, fresh, placed.new_issue_ids, regressed)
