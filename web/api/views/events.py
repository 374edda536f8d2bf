"""Why an event is in its issue, and where two events differ: the same as on the event's page."""

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.issues.comments import comment_counts
from tracker.issues.lookup import find_event, find_event_by_id, neighbours_of
from tracker.models import Event, Issue, Organization
from tracker.releases.commits import paths_of, suspects_of
from tracker.rules.samples import read_stored
from tracker.search.lists import find_events
from tracker.similar.compare import compare
from tracker.similar.why import explain
from tracker.storage.numbers import number_in
from tracker.storage.payloads import load_payload_bytes
from web.api.base import EVENT_READ, IssueView, OrganizationView, ProjectView
from web.api.errors import NOT_FOUND
from web.api.pagination import limit_of, page_response
from web.api.shapes.events import event_detail, event_id_of, event_summary, event_with_issue
from web.api.shapes.releases import committer_shapes

RECOMMENDED = ("recommended", "helpful")
"""What newer tools ask for: the latest serves."""


def detail_response(event: Event, issue: Issue) -> Response:
    beside = neighbours_of(event)
    comments = comment_counts([issue])[issue.pk]
    shape = event_with_issue(
        event, issue, comments=comments, previous_id=beside.older or None, next_id=beside.newer or None
    )
    return Response(shape)


class IssueEvents(IssueView):
    """The events of an issue, the newest first; with `full=true`, each with its entries."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        page = find_events(
            self.issue,
            cursor=request.query_params.get("cursor", ""),
            limit=limit_of(request),
            with_payload=True,
        )
        if request.query_params.get("full", "") in {"1", "true"}:
            rows = [event_detail(event, self.issue, previous_id=None, next_id=None) for event in page.events]
        else:
            rows = [event_summary(event, self.issue) for event in page.events]
        return page_response(request, rows, previous=page.previous_cursor, next_=page.next_cursor)


class IssueEvent(IssueView):
    """One event of an issue: `latest`, `oldest`, `recommended`, or by its id."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, event: str, organization: str = "") -> Response:
        return detail_response(self.find(event), self.issue)

    def find(self, named: str) -> Event:
        found = find_event(self.issue, "latest" if named in RECOMMENDED else named)
        if found is None:
            raise NotFound(NOT_FOUND)
        return found


class IssueEventJson(IssueEvent):
    """One event as its SDK sent it, after scrubbing."""

    def get(self, request: Request, issue: str, event: str, organization: str = "") -> HttpResponse:  # type: ignore[override]
        return HttpResponse(load_payload_bytes(self.find(event)), content_type="application/json")


class ProjectEvents(ProjectView):
    """The events of a project, the last received first."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, organization: str, project: str) -> Response:
        limit = limit_of(request)
        events: QuerySet[Event] = Event.objects.filter(project=self.project).select_related("issue", "release")
        before = number_in(request.query_params.get("cursor", "").removeprefix("before:"))
        if before is not None:
            events = events.filter(id__lt=before)
        found = list(events.order_by("-id")[: limit + 1])
        page = found[:limit]
        rows = [event_summary(event, event.issue) for event in page]
        next_cursor = f"before:{page[-1].pk}" if len(found) > limit else None
        return page_response(request, rows, previous=None, next_=next_cursor)


class ProjectEvent(ProjectView):
    """One event of a project, by its id."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, organization: str, project: str, event: str) -> Response:
        found = self.find(event)
        return detail_response(found, found.issue)

    def find(self, named: str) -> Event:
        found = find_event_by_id([self.project], named)
        if found is None:
            raise NotFound(NOT_FOUND)
        return found


class ProjectEventJson(ProjectEvent):
    """One event as its SDK sent it, after scrubbing."""

    def get(self, request: Request, organization: str, project: str, event: str) -> HttpResponse:  # type: ignore[override]
        return HttpResponse(load_payload_bytes(self.find(event)), content_type="application/json")


class ProjectEventCommitters(ProjectEvent):
    """The commits that may have caused an event, each with its author."""

    def get(self, request: Request, organization: str, project: str, event: str) -> Response:
        found = self.find(event)
        return Response({"committers": committer_shapes(suspects_of(found.issue, found, paths_of(read_stored(found))))})


class EventById(OrganizationView):
    """Where an event is, by its id alone."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, organization: str, event: str) -> Response:
        found = find_event_by_id(self.projects(), event)
        if found is None:
            raise NotFound(NOT_FOUND)
        beside = neighbours_of(found)
        return Response(
            {
                "organizationSlug": self.organization.slug,
                "projectSlug": found.project.slug,
                "groupId": str(found.issue_id),
                "eventId": event_id_of(found),
                "event": event_detail(
                    found, found.issue, previous_id=beside.older or None, next_id=beside.newer or None
                ),
            }
        )


COMPARE_WITH = OpenApiParameter("compareWith", str, description="The id of another event: say where the two part.")


class IssueEventGroupingInfo(IssueEvent):
    """Which layer decided, what of the event counted or did not and why; with `compareWith`, beside another event."""

    scopes = {"GET": EVENT_READ}
    parameters = (COMPARE_WITH,)

    def get(self, request: Request, issue: str, event: str, organization: str = "") -> Response:
        return grouping_response(request, self.find(event), self.issue.project.organization)


class ProjectEventGroupingInfo(ProjectEvent):
    """Which layer decided, what of the event counted or did not and why; with `compareWith`, beside another event."""

    scopes = {"GET": EVENT_READ}
    parameters = (COMPARE_WITH,)

    def get(self, request: Request, organization: str, project: str, event: str) -> Response:
        return grouping_response(request, self.find(event), self.organization)


def grouping_response(request: Request, event: Event, organization: Organization) -> Response:
    """Beside another event of the organization, where one is asked for."""
    named = request.query_params.get("compareWith", "")
    if not named:
        return Response(explain(event).as_json())
    other = find_event_by_id(list(organization.projects.all()), named)
    if other is None:
        raise NotFound(NOT_FOUND)
    return Response(compare(event, other).as_json())
