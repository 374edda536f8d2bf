"""Stored events as samples of their issues: the newest few of every key, read again."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import QuerySet

from grouping.event import Event as ReadEvent
from grouping.reader import read_event
from tracker.models import Event, Issue
from tracker.storage.payloads import load_payload_bytes

MAX_SAMPLED = 100
"""Newest events of an issue among which each key's are looked for."""


def read_stored(event: Event) -> ReadEvent:
    """A stored event as it was grouped: its payload, read again."""
    return read_event(load_payload_bytes(event), event_id=bytes(event.event_id).hex())


def newest_of_each_key(issue: Issue, per_key: int, most: int) -> list[Event]:
    """At most `per_key` of the newest events of each of the issue's keys, at most `most` in all."""
    taken: Counter[int | None] = Counter()
    ids: list[int] = []
    rows = Event.objects.filter(issue=issue).order_by("-occurred_at", "-id").values_list("id", "group_key_id")
    for id_, key_id in rows[:MAX_SAMPLED]:
        if taken[key_id] < per_key and len(ids) < most:
            taken[key_id] += 1
            ids.append(id_)
    return list(Event.objects.filter(id__in=ids).order_by("-occurred_at", "-id"))


def sample_issue(issue: Issue, per_key: int, most: int) -> Iterator[tuple[Event, ReadEvent]]:
    for event in newest_of_each_key(issue, per_key, most):
        yield event, read_stored(event)


def newest_event(issue: Issue) -> Event | None:
    """The issue's newest event, `issue` and `project` loaded."""
    return _newest(Event.objects.filter(issue=issue))


def newest_own_event(issue: Issue) -> Event | None:
    """The newest event that the issue's own keys have brought in, also after it was merged into another."""
    if issue.merged_into is not None:
        return _newest(Event.objects.filter(issue=issue.merged_into, group_key__merged_from=issue))
    return _newest(Event.objects.filter(issue=issue, group_key__merged_from=None)) or newest_event(issue)


def _newest(events: QuerySet[Event]) -> Event | None:
    return events.select_related("issue__project", "project").order_by("-occurred_at", "-id").first()
