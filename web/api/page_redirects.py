"""Sentry's addresses of pages, in links that its tools make: each leads to the page here."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from tracker.accounts.access import find_organization, organizations_of, projects_of
from tracker.models import Issue, User
from tracker.storage.numbers import number_in


def _user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _short_id(user: User, organization: str, named: str) -> str:
    """The short id of an issue that the tool knows by its number."""
    number = number_in(named)
    if number is None:
        return named.upper()
    projects = projects_of(user).filter(organization__slug=organization)
    issue = Issue.objects.select_related("project").filter(pk=number, project__in=projects).first()
    if issue is None:
        raise Http404("no such issue")
    return issue.short_id


@login_required
def to_issues(request: HttpRequest, organization: str) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return redirect(reverse("issues", args=[organization]) + (f"?{query}" if query else ""))


@login_required
def to_issue(request: HttpRequest, organization: str, issue: str, event: str = "") -> HttpResponse:
    short_id = _short_id(_user_of(request), organization, issue)
    return redirect("event", organization, short_id, event) if event else redirect("issue", organization, short_id)


@login_required
def to_event_json(request: HttpRequest, organization: str, issue: str, event: str) -> HttpResponse:
    return redirect("event-json", organization, _short_id(_user_of(request), organization, issue), event)


@login_required
def to_tokens(request: HttpRequest, organization: str = "") -> HttpResponse:
    """Where `sentry-cli login` sends people; `:orgslug` stands there literally."""
    user = _user_of(request)
    found = find_organization(user, organization) or organizations_of(user).first()
    if found is None:
        raise Http404("no organization")
    return redirect("token_list", found.slug)


ISSUES = "organizations/<slug:organization>/issues/"

urlpatterns = [
    path(ISSUES, to_issues),
    path(f"{ISSUES}<slug:issue>/", to_issue),
    path(f"{ISSUES}<slug:issue>/events/<slug:event>/", to_issue),
    path(f"{ISSUES}<slug:issue>/events/<slug:event>/json/", to_event_json),
    path("orgredirect/organizations/<str:organization>/settings/auth-tokens/", to_tokens),
    path("settings/account/api/auth-tokens/", to_tokens),
]
