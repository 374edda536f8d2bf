"""Deleting what a request may have no time for: a little at once, the rest in a worker."""

from collections.abc import Sequence

from tracker.lifecycle.actions import delete_issues
from tracker.lifecycle.done import subject
from tracker.models import Issue
from tracker.tasks import delete_issues_by_id

MOST_ISSUES_AT_ONCE = 20
MOST_EVENTS_AT_ONCE = 5_000


def delete_or_hand_over(issues: Sequence[Issue]) -> str:
    """Delete issues with all their events; answers a sentence. It cannot be undone."""
    events = sum(issue.times_seen for issue in issues)
    if len(issues) <= MOST_ISSUES_AT_ONCE and events <= MOST_EVENTS_AT_ONCE:
        return delete_issues(issues)
    delete_issues_by_id.delay([issue.pk for issue in issues])
    return f"{subject(issues)} being deleted, and the list is rid of them when all their events are gone."
