"""The list of issues, and the page of one issue with one of its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString

from tracker.accounts.access import projects_of
from tracker.counters.stats import series_for, tag_shares
from tracker.issues.assignees import assignable
from tracker.issues.claims import choices_for, choices_for_all
from tracker.issues.comments import MAX_COMMENT
from tracker.issues.known_releases import NEWEST_FIRST
from tracker.issues.lookup import find_event, neighbours_of
from tracker.models import Issue, Organization, Project, Release, Status, User
from tracker.releases.commits import suspects_of
from tracker.releases.registry import deploys_since
from tracker.search.lists import SORTS, IssuePage, find_issues
from tracker.search.query import Query, QueryError, parse_query
from web.charts import bar_chart, sparkline
from web.event_page import EventPageView, event_page
from web.guards import issue_page, organization_page
from web.responses import PageRequest, render_page
from web.wording import activity_view, status_prediction, status_words

ROWS = "issue-rows"
ISSUE_PARTS = ("issue-head", "issue-event", "issue-history", "issue-numbers")
DEFAULT_QUERY = "is:unresolved"
NEW_FOR = timedelta(hours=24)
MAX_RELEASES_OFFERED = 50
MAX_MEMBERS_OFFERED = 20
MAX_ACTIVITIES = 100
DEPLOYS_NAMED = 3
SORT_NAMES = dict(zip(SORTS, ("Last seen", "First seen", "Events", "Users"), strict=True))


@dataclass(slots=True, frozen=True)
class Tab:
    name: str
    query: str


TABS = (
    Tab("Unresolved", DEFAULT_QUERY),
    Tab("New today", "is:unresolved first_seen:-24h"),
    Tab("Regressed", "is:regressed"),
    Tab("Assigned to me", "is:unresolved assigned:me"),
    Tab("Resolved", "is:resolved"),
    Tab("Archived", "is:archived"),
)


@dataclass(slots=True, frozen=True)
class Span:
    """How far back the charts look."""

    name: str
    words: str
    hours: int
    bucket_hours: int


SPANS = {span.name: span for span in (Span("24h", "24 hours", 24, 1), Span("14d", "14 days", 14 * 24, 12))}
ISSUE_SPANS = {
    span.name: span
    for span in (Span("24h", "24 hours", 24, 1), Span("14d", "14 days", 336, 6), Span("90d", "90 days", 2_160, 24))
}


@dataclass(slots=True, frozen=True)
class QueryErrorView:
    """What cannot be read in a query: the text in three pieces, the middle one to be marked."""

    message: str
    before: str
    at: str
    after: str

    @classmethod
    def of(cls, text: str, error: QueryError) -> "QueryErrorView":
        start = min(max(error.position, 0), len(text))
        end = next((place for place in range(start, len(text)) if text[place].isspace()), len(text))
        return cls(str(error), text[:start], text[start:end], text[end:])


@dataclass(slots=True, frozen=True)
class IssueRow:
    issue: Issue
    sparkline: SafeString
    is_new: bool
    status: str


@dataclass(slots=True, frozen=True)
class IssueListParams:
    """What the address asks for."""

    text: str
    query: Query
    mistake: QueryErrorView | None
    sort: str
    span: Span
    project: str
    cursor: str

    @classmethod
    def of(cls, request: PageRequest) -> "IssueListParams":
        text = request.GET.get("query", DEFAULT_QUERY).replace("\0", "").strip()
        query, mistake = Query(), None
        try:
            query = parse_query(text)
        except QueryError as error:
            mistake = QueryErrorView.of(text, error)
        sort = request.GET.get("sort", "")
        return cls(
            text=text,
            query=query,
            mistake=mistake,
            sort=sort if sort in SORTS else SORTS[0],
            span=SPANS.get(request.GET.get("span", ""), SPANS["24h"]),
            project=request.GET.get("project", ""),
            cursor=request.GET.get("cursor", ""),
        )


@organization_page
def issue_list(request: PageRequest, organization: Organization) -> HttpResponse:
    """The issues that a query finds; a poll that brings nothing new is answered with 204."""
    now = timezone.now()
    wanted = IssueListParams.of(request)
    projects = list(projects_of(request.user).filter(organization=organization))
    page = _find(request, wanted, projects, now)
    version = version_of(page.issues)
    if request.htmx and request.headers.get("X-Version") == version:
        return HttpResponse(status=204)
    context = {
        "organization": organization,
        "wanted": wanted,
        "projects": projects,
        "project": next((project for project in projects if project.slug == wanted.project), None),
        "tabs": TABS,
        "sorts": SORT_NAMES,
        "spans": SPANS.values(),
        "page": page,
        "rows": rows_of(page.issues, wanted.span, now),
        "version": version,
        "members": members_offered(organization),
        "versions": versions_of(projects),
        "choices": choices_for_all(page.issues),
        "is_waiting": not any(project.first_event_at for project in projects),
    }
    return render_page(request, "issues/list.html", context, parts=(ROWS,))


def _find(request: PageRequest, wanted: IssueListParams, projects: Sequence[Project], now: datetime) -> IssuePage:
    chosen = [project for project in projects if wanted.project in ("", project.slug)]
    if wanted.mistake or not chosen:
        return IssuePage([], None, None, 0)
    return find_issues(chosen, wanted.query, me=request.user, now=now, sort=wanted.sort, cursor=wanted.cursor)


def rows_of(issues: Sequence[Issue], span: Span, now: datetime) -> list[IssueRow]:
    series = series_for(issues, now=now, hours=span.hours, bucket_hours=span.bucket_hours)
    deploys = deploys_since({issue.project_id for issue in issues}, now - timedelta(hours=span.hours))
    return [
        IssueRow(
            issue=issue,
            sparkline=sparkline(series.get(issue.id, []), deploys[issue.project_id]),
            is_new=issue.status == Status.UNRESOLVED and now - issue.first_seen_at < NEW_FOR,
            status=status_words(issue),
        )
        for issue in issues
    ]


def version_of(issues: Sequence[Issue]) -> str:
    """Changes whenever anything that the rows show has changed."""
    state = [
        (issue.id, issue.times_seen, issue.status, issue.is_regressed, issue.assigned_to_id, str(issue.resolution))
        for issue in issues
    ]
    return blake2b(repr(state).encode(), digest_size=8).hexdigest()


@issue_page
def issue_detail(request: PageRequest, issue: Issue, event_id: str = "latest") -> HttpResponse:
    """An issue with one event: the latest, the oldest, or the one that the address names."""
    if issue.merged_into:
        messages.info(request, f"{issue.short_id} was merged into {issue.merged_into.short_id}.")
        return redirect("issue", issue.project.organization.slug, issue.merged_into.short_id)
    version = version_of([issue])
    if request.htmx and request.headers.get("X-Version") == version:
        return HttpResponse(status=204)
    event = find_event(issue, event_id)
    if event is None and event_id not in ("latest", "oldest"):
        raise Http404("no such event")
    now = timezone.now()
    shown: EventPageView | None = event_page(event, request.GET) if event else None
    context = {
        "issue": issue,
        "project": issue.project,
        "organization": issue.project.organization,
        "version": version,
        "status": status_words(issue),
        "prediction": status_prediction(issue),
        "event": event,
        "shown": shown,
        "suspects": suspects_of(issue, event, shown.in_app_paths) if event and shown else [],
        "neighbours": neighbours_of(event) if event else None,
        **_triage_context(issue),
        **_history_context(request, issue, now),
    }
    return render_page(request, "issues/issue.html", context, parts=ISSUE_PARTS)


def _triage_context(issue: Issue) -> dict[str, Any]:
    return {
        "versions": versions_of([issue.project]),
        "choices": choices_for(issue),
        "members": members_offered(issue.project.organization),
        "max_comment": MAX_COMMENT,
    }


def members_offered(organization: Organization) -> QuerySet[User]:
    """Whom an issue can be assigned to by a button; one more than there are buttons says that there are others."""
    return assignable(organization)[: MAX_MEMBERS_OFFERED + 1]


def versions_of(projects: Sequence[Project]) -> list[str]:
    """The newest releases, to be offered where one is typed."""
    releases = Release.objects.filter(project__in=projects, is_archived=False)
    newest = releases.order_by(*NEWEST_FIRST).values_list("version", flat=True)
    return list(dict.fromkeys(newest[:MAX_RELEASES_OFFERED]))


def _history_context(request: PageRequest, issue: Issue, now: datetime) -> dict[str, Any]:
    span = ISSUE_SPANS.get(request.GET.get("span", ""), ISSUE_SPANS["24h"])
    series = series_for([issue], now=now, hours=span.hours, bucket_hours=span.bucket_hours)
    points = series.get(issue.id, [])
    deploys = deploys_since([issue.project_id], points[0].at)[issue.project_id]
    activities = issue.activities.select_related("user").order_by("-created_at", "-id")[:MAX_ACTIVITIES]
    history = [activity_view(activity) for activity in activities]
    return {
        "span": span,
        "spans": ISSUE_SPANS.values(),
        "chart": bar_chart(points, bucket_hours=span.bucket_hours, deploys=deploys),
        "deploys": deploys[:DEPLOYS_NAMED],
        "points": points,
        "events_in_span": sum(point.events for point in points),
        "tags": sorted(tag_shares(issue).items(), key=lambda item: (item[1][0].share == 1, item[0])),
        "history": history,
        "regression": next((item for item in history if issue.is_regressed and item.icon == "regressed"), None),
    }
