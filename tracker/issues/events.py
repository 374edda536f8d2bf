"""One event of an issue, and the ones beside it: look-ups in the index by issue and time."""

from dataclasses import dataclass

from django.db.models import Q

from tracker.models import Event, Issue


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
