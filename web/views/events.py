"""The events of one issue: their list, and one as raw JSON."""

from django.http import Http404, HttpResponse

from tracker.events import find_event
from tracker.models import Issue
from tracker.search.lists import find_events
from tracker.storage.payloads import load_payload_bytes
from web.guards import issue_page
from web.htmx import PageRequest, render_page


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
