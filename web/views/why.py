"""Why an event is in its issue: what was looked at, what counted, and what tells two events apart."""

from django.http import Http404, HttpResponse

from tracker.groups.samples import newest_event
from tracker.groups.why import Comparison, compare, explain
from tracker.models import Event, Issue
from web.guards import find_issue, issue_page
from web.htmx import PageRequest, render_page
from web.views.events import find_event

PART = "event-grouping"
MOST_KEYS = 100


@issue_page
def event_grouping(request: PageRequest, issue: Issue, event_id: str) -> HttpResponse:
    """The explanation of one event's grouping; `with` names an issue whose newest event is to be compared."""
    event = find_event(issue, event_id)
    if event is None:
        raise Http404("no such event")
    other = request.GET.get("with", "").strip()[:100]
    keys = issue.keys.select_related("merged_from__project").order_by("id")[:MOST_KEYS]
    context = {
        "issue": issue,
        "organization": issue.project.organization,
        "event": event,
        "why": explain(event),
        "keys": [(bytes(key.digest).hex(), key) for key in keys],
        "other": other,
        "comparison": _comparison(request, issue, event, other),
    }
    return render_page(request, "issues/grouping.html", context, parts=(PART,))


def _comparison(request: PageRequest, issue: Issue, event: Event, short_id: str) -> Comparison | None:
    other = find_issue(request.user, issue.project.organization.slug, short_id) if short_id else None
    beside = newest_event(other) if other else None
    return compare(event, beside) if beside else None
