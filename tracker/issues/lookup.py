"""Issues and events by their names: short id, event id, or the place beside another event."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from tracker.models import Event, Issue, Project
from tracker.models.issues import MAX_NUMBER
from tracker.storage.numbers import number_in

_EVENT_ID = re.compile(r"[0-9a-f]{32}")
_SHORT_ID = re.compile(r"([A-Z0-9][A-Z0-9_-]*)-([1-9][0-9]*)")


@dataclass(slots=True, frozen=True)
class Neighbours:
    """Ids of the events beside one, 32 hex digits; empty at an end."""

    older: str
    newer: str


def find_event(issue: Issue, named: str) -> Event | None:
    """The issue's event of that id (with or without dashes), its `latest` or its `oldest`."""
    events = Event.objects.filter(issue=issue).select_related("project", "release", "environment", "user")
    if named in ("latest", "oldest"):
        direction = "-" if named == "latest" else ""
        return events.order_by(f"{direction}occurred_at", f"{direction}id").first()
    try:
        identity = bytes.fromhex(named.replace("-", ""))
    except ValueError:
        return None
    return events.filter(project=issue.project_id, event_id=identity).first()


def neighbours_of(event: Event) -> Neighbours:
    """The events that happened next before and after, within the issue: two steps in the index."""
    beside = Event.objects.filter(issue=event.issue_id).values_list("event_id", flat=True)
    before = Q(occurred_at__lt=event.occurred_at) | Q(occurred_at=event.occurred_at, id__lt=event.id)
    after = Q(occurred_at__gt=event.occurred_at) | Q(occurred_at=event.occurred_at, id__gt=event.id)
    older = beside.filter(before, occurred_at__lte=event.occurred_at).order_by("-occurred_at", "-id").first()
    newer = beside.filter(after, occurred_at__gte=event.occurred_at).order_by("occurred_at", "id").first()
    return Neighbours(older=bytes(older or b"").hex(), newer=bytes(newer or b"").hex())


def find_by_short_id(projects: Sequence[Project], text: str) -> Issue | None:
    """The issue of a short id like `SHOP-42`; where it was merged into another, that one."""
    match = _SHORT_ID.fullmatch(text.strip().upper())
    number = number_in(match[2], MAX_NUMBER) if match else None
    ids = [project.pk for project in projects if match and project.short_prefix == match[1]]
    if number is None or not ids:
        return None
    return _shown(Issue.objects.filter(project__in=ids, number=number).order_by("id").first())


def find_event_by_id(projects: Sequence[Project], event_id: str) -> Event | None:
    """The event of that id (32 hex digits, dashes allowed) in any of the projects; `issue` and `project` are loaded."""
    plain = event_id.strip().lower().replace("-", "")
    if not _EVENT_ID.fullmatch(plain):
        return None
    found = Event.objects.filter(project__in=[project.pk for project in projects], event_id=bytes.fromhex(plain))
    return found.select_related("issue", "project__organization", "release", "environment", "user").first()


def jump(projects: Sequence[Project], text: str) -> Issue | None:
    """The one issue that a short id or an event's id names, for a search that should go straight there."""
    if issue := find_by_short_id(projects, text):
        return issue
    event = find_event_by_id(projects, text)
    return _shown(event.issue) if event else None


def _shown(issue: Issue | None) -> Issue | None:
    while issue is not None and issue.merged_into is not None:
        issue = issue.merged_into
    return issue
