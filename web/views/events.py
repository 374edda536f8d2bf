"""The events of one issue: their list, the way from one to the next, and one as raw JSON."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpResponse

from tracker.models import Event, Issue
from tracker.record.payloads import load_payload_bytes
from tracker.search.lists import find_events
from web.guards import issue_page
from web.htmx import PageRequest, render_page


@dataclass(slots=True, frozen=True)
class Neighbours:
    """Ids of the events beside one; empty at an end."""

    older: str
    newer: str


def find_event(issue: Issue, event_id: str) -> Event | None:
    """The issue's event of that id (with or without dashes), its `latest` or its `oldest`."""
    events = Event.objects.filter(issue=issue).select_related("release", "environment", "user", "project")
    if event_id in ("latest", "oldest"):
        direction = "-" if event_id == "latest" else ""
        return events.order_by(f"{direction}occurred_at", f"{direction}id").first()
    try:
        identity = bytes.fromhex(event_id.replace("-", ""))
    except ValueError:
        return None
    return events.filter(project=issue.project_id, event_id=identity).first()


def neighbours_of(event: Event) -> Neighbours:
    """The events that happened next before and after: two steps in the index by issue and time."""
    beside = Event.objects.filter(issue=event.issue_id).values_list("event_id", flat=True)
    before = Q(occurred_at__lt=event.occurred_at) | Q(occurred_at=event.occurred_at, id__lt=event.id)
    after = Q(occurred_at__gt=event.occurred_at) | Q(occurred_at=event.occurred_at, id__gt=event.id)
    older = beside.filter(before, occurred_at__lte=event.occurred_at).order_by("-occurred_at", "-id").first()
    newer = beside.filter(after, occurred_at__gte=event.occurred_at).order_by("occurred_at", "id").first()
    return Neighbours(older=bytes(older or b"").hex(), newer=bytes(newer or b"").hex())


@issue_page
def event_list(request: PageRequest, issue: Issue) -> HttpResponse:
    page = find_events(issue, cursor=request.GET.get("cursor", ""))
    context = {
        "issue": issue,
        "organization": issue.project.organization,
        "page": page,
        "rows": [(bytes(event.event_id).hex(), event) for event in page.events],
    }
    return render_page(request, "issues/events.html", context)


@issue_page
def event_json(request: PageRequest, issue: Issue, event_id: str) -> HttpResponse:
    """The payload as it was stored, to be looked at or kept."""
    event = find_event(issue, event_id)
    if event is None:
        raise Http404("no such event")
    name = bytes(event.event_id).hex()
    headers = {"Content-Disposition": f'inline; filename="{name}.json"'}
    return HttpResponse(load_payload_bytes(event), content_type="application/json", headers=headers)
