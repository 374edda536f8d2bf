"""Why an event is in its issue, and where two events part: the same as on the event's page."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.groups.compare import compare
from tracker.groups.why import explain
from tracker.models import Event, Organization
from tracker.search.lists import find_event_by_id
from web.api.base import EVENT_READ
from web.api.errors import NOT_FOUND
from web.api.views.events import IssueEvent, ProjectEvent

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
