"""Lists of issues, changes of many at once, and one issue."""

from collections.abc import Sequence

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.counters.stats import tag_totals
from tracker.issues.comments import comment_counts
from tracker.issues.deletion import delete_issues_or_queue
from tracker.issues.lookup import jump
from tracker.issues.triage import MAX_ISSUES, Actor, apply, named_issues
from tracker.models import Activity, Issue, Project
from tracker.search.lists import COUNTED_UP_TO, find_issues
from tracker.storage.numbers import number_in
from web.api.base import EVENT_READ, EVENT_WRITE, IssueView, OrganizationView, ProjectView, Shape
from web.api.listing import PARAMETERS, period_of, query_of, sort_of, stats_of, within_period
from web.api.pagination import limit_of, page_response
from web.api.shapes.issues import issue_detail, issue_shape
from web.api.triage import BulkTriageInput, TriageInput, command_of, merge_shape

ACTIVITIES_SHOWN = 100
ECHOED = ("status", "statusDetails", "assignedTo")


class IssueListView(OrganizationView):
    """Issues of some projects: a page of them, and changes of all that `id` or `query` name."""

    scopes = {"GET": EVENT_READ, "PUT": EVENT_WRITE, "DELETE": ("event:admin",)}
    inputs = {"PUT": BulkTriageInput}
    parameters = PARAMETERS

    def searched_projects(self, request: Request) -> list[Project]:
        return self.asked_projects(request)

    def answer_page(self, request: Request, *, is_period_a_filter: bool) -> Response:
        projects = self.searched_projects(request)
        if hit := jump(projects, request.query_params.get("query", "")):
            response = page_response(request, self._shapes(request, [hit]), previous=None, next_=None, total=1)
            response["X-Sentry-Direct-Hit"] = "1"
            return response
        query = within_period(query_of(request), request) if is_period_a_filter else query_of(request)
        page = find_issues(
            projects,
            query,
            me=self.me,
            now=self.now,
            sort=sort_of(request),
            cursor=request.query_params.get("cursor", ""),
            limit=limit_of(request),
        )
        rows = self._shapes(request, page.issues)
        total = COUNTED_UP_TO if page.total is None else page.total
        return page_response(
            request,
            rows,
            previous=page.previous_cursor,
            next_=page.next_cursor,
            total=total,
            most=COUNTED_UP_TO,
        )

    def _shapes(self, request: Request, issues: Sequence[Issue]) -> list[Shape]:
        stats, comments = stats_of(issues, period_of(request), self.now), comment_counts(issues)
        return [issue_shape(issue, stats[issue.pk], comments[issue.pk]) for issue in issues]

    def change(self, request: Request) -> Response:
        """Triage; the headers say how many issues were matched, and how many of them are different now."""
        command = command_of(self.read(request), self.now)
        result = apply(command, self._chosen(request), self.organization, Actor(self.me, self.now))
        answer: Shape = {name: sent for name, sent in dict(request.data).items() if name in ECHOED}
        if merged := merge_shape(result):
            answer["merge"] = merged
        return Response(answer, headers={"X-Matched": str(result.matched), "X-Changed": str(result.changed)})

    def remove(self, request: Request) -> Response:
        if not request.query_params.getlist("id") and not request.query_params.get("query"):
            raise ValidationError({"detail": "Say which issues by `id` or `query`."})
        delete_issues_or_queue(self._chosen(request))
        return Response(status=204)

    def _chosen(self, request: Request) -> list[Issue]:
        """The issues that the parameters name by `id`, or the first of a query. Raises DomainError for too many ids."""
        projects = self.searched_projects(request)
        texts = request.query_params.getlist("id")
        if texts:
            return named_issues(projects, [number for text in texts if (number := number_in(text)) is not None])
        return find_issues(projects, query_of(request), me=self.me, now=self.now, limit=MAX_ISSUES).issues


class OrganizationIssues(IssueListView):
    """Issues of an organization's projects."""

    def get(self, request: Request, organization: str) -> Response:
        return self.answer_page(request, is_period_a_filter=True)

    def put(self, request: Request, organization: str) -> Response:
        return self.change(request)

    def delete(self, request: Request, organization: str) -> Response:
        return self.remove(request)


class ProjectIssues(IssueListView, ProjectView):
    """Issues of one project."""

    def searched_projects(self, request: Request) -> list[Project]:
        return [self.project]

    def get(self, request: Request, organization: str, project: str) -> Response:
        return self.answer_page(request, is_period_a_filter=False)

    def put(self, request: Request, organization: str, project: str) -> Response:
        return self.change(request)

    def delete(self, request: Request, organization: str, project: str) -> Response:
        return self.remove(request)


class IssueDetail(IssueView):
    """One issue, by id or short id."""

    scopes = {"GET": EVENT_READ, "PUT": EVENT_WRITE, "DELETE": ("event:admin",)}
    inputs = {"PUT": TriageInput}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        stats = {**stats_of([self.issue], "24h", self.now)[self.issue.pk]}
        stats |= stats_of([self.issue], "30d", self.now)[self.issue.pk]
        activities = activities_of(self.issue, ACTIVITIES_SHOWN)
        comments = comment_counts([self.issue])[self.issue.pk]
        return Response(issue_detail(self.issue, stats, comments, activities, tag_totals(self.issue)))

    def put(self, request: Request, issue: str, organization: str = "") -> Response:
        command = command_of(self.read(request), self.now)
        apply(command, [self.issue], self.issue.project.organization, Actor(self.me, self.now))
        self.issue = Issue.objects.select_related(
            "project__organization", "assigned_to", "first_release", "last_release"
        ).get(pk=self.issue.pk)
        return self.get(request, issue, organization)

    def delete(self, request: Request, issue: str, organization: str = "") -> Response:
        delete_issues_or_queue([self.issue])
        return Response(status=202)


def activities_of(issue: Issue, most: int) -> list[Activity]:
    """What happened to the issue, the newest first."""
    return list(issue.activities.select_related("user").order_by("-created_at", "-id")[:most])
