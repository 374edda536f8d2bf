"""Record a batch of digested events: one transaction, a fixed number of statements.

Order: dimensions → keys and issues → payloads and events → what these change → counters. Only events that were not
there before are counted, so that a batch that comes twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from tracker.issues.details import FirstSeenDetails, new_activity
from tracker.issues.regress import Occurrence, apply_changes, judge_batch
from tracker.models import Activity
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
from tracker.record.events import find_sampled_out, insert_events
from tracker.record.issues import Placed, lock_issues, place_events
from tracker.record.projects import IssuesMoved, check_versions, load_projects


def record_batch(batch: Sequence[Digested], now: datetime) -> list[Recorded]:
    """Store the batch in one transaction; returns in the batch's order. Repeating it changes nothing (duplicates).

    Events of a project that is gone are returned with issue id 0 and stored nowhere.
    """
    while batch:
        try:
            with transaction.atomic():
                return _record(batch, now)
        except IssuesMoved:
            continue
    return []


def _record(batch: Sequence[Digested], now: datetime) -> list[Recorded]:
    projects = load_projects(event.project_id for event in batch)
    unique = _first_of_each(event for event in batch if event.project_id in projects)
    if not unique:
        return [Recorded(event.event_id, event.project_id, 0, False, False, False) for event in batch]
    dimensions = resolve_dimensions(unique, projects, now)
    placed = place_events(unique, projects, dimensions, now)
    issues = lock_issues(placed.issue_ids)
    check_versions(projects)
    only_counted = find_sampled_out(unique, placed.issue_ids, projects, now)
    fresh = insert_events(unique, placed, issues, dimensions, leave_out=only_counted)
    counted: list[Stored] = [
        (event, issue_id)
        for position, (event, issue_id) in enumerate(zip(unique, placed.issue_ids, strict=True))
        if position in only_counted or (event.project_id, event.event_id) in fresh
    ]
    totals = sum_issues(counted, dimensions, count_new_users(counted, dimensions))
    add_to_issues(totals)
    for issue_id, added in totals.items():
        issues[issue_id].times_seen += added.events
        issues[issue_id].users_affected += added.new_users
    changes = judge_batch(issues, [_occurrence(event, issue_id) for event, issue_id in counted], now)
    apply_changes(changes, now)
    add_tags(counted, dimensions)
    add_hours(counted, dimensions)
    add_to_releases(counted, dimensions)
    add_to_projects(fresh, now)
    _note_new_issues(counted, placed.new_issue_ids, now)
    regressed = {change.issue_id for change in changes if change.is_regression}
    names = {(unique[position].project_id, unique[position].event_id) for position in only_counted}
    return _answers(batch, unique, placed, fresh, names, regressed)


def _first_of_each(batch: Iterable[Digested]) -> list[Digested]:
    """The batch without repeats of an event id."""
    by_id: dict[tuple[int, bytes], Digested] = {}
    for event in batch:
        by_id.setdefault((event.project_id, event.event_id), event)
    return list(by_id.values())


def _occurrence(event: Digested, issue_id: int) -> Occurrence:
    return Occurrence(issue_id, event.release, event.occurred_at, event.received_at)


def _note_new_issues(stored: Sequence[Stored], new_issue_ids: set[int], now: datetime) -> None:
    founding: dict[int, Digested] = {}
    for event, issue_id in stored:
        if issue_id in new_issue_ids:
            founding.setdefault(issue_id, event)
    Activity.objects.bulk_create(
        new_activity(
            FirstSeenDetails(event.release, event.event_id.hex()),
            project_id=event.project_id,
            issue_id=issue_id,
            now=now,
        )
        for issue_id, event in founding.items()
    )


def _answers(
    batch: Sequence[Digested],
    unique: Sequence[Digested],
    placed: Placed,
    fresh: set[tuple[int, bytes]],
    only_counted: set[tuple[int, bytes]],
    regressed: set[int],
) -> list[Recorded]:
    issue_of = {
        (event.project_id, event.event_id): issue_id for event, issue_id in zip(unique, placed.issue_ids, strict=True)
    }
    answers: list[Recorded] = []
    waiting = fresh | only_counted
    for event in batch:
        name = (event.project_id, event.event_id)
        issue_id = issue_of.get(name, 0)
        is_duplicate = issue_id != 0 and name not in waiting
        is_only_counted = name in waiting and name in only_counted
        waiting.discard(name)
        is_new = not is_duplicate and issue_id in placed.new_issue_ids
        is_regression = not is_duplicate and issue_id in regressed
        answers.append(
            Recorded(event.event_id, event.project_id, issue_id, is_duplicate, is_new, is_regression, is_only_counted)
        )
    return answers
