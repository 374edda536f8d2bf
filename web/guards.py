"""Who may see this page: what someone may not see does not exist for them (404); what they may not do is 403.

    @organization_page
    def issue_list(request: PageRequest, organization: Organization) -> HttpResponse: ...

    @project_page(needs=Power.CONFIGURE)
    def project_settings(request: PageRequest, project: Project) -> HttpResponse: ...

The names in the URL patterns are `organization_slug`, `project_slug` and `short_id`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from tracker.access import Power, find_organization, find_project, has_power
from tracker.models import Issue, Organization, Project
from web.htmx import PageRequest

P = ParamSpec("P")
View: TypeAlias = Callable[..., HttpResponse]


def require(request: PageRequest, organization: Organization, power: Power) -> None:
    """Raise PermissionDenied unless the person has the power in the organization."""
    if not has_power(request.user, organization, power):
        raise PermissionDenied


def organization_or_404(request: PageRequest, slug: str) -> Organization:
    organization = find_organization(request.user, slug)
    if organization is None:
        raise Http404("no such organization")
    return organization


def organization_page(
    view: Callable[Concatenate[PageRequest, Organization, P], HttpResponse] | None = None, *, needs: Power = Power.READ
) -> View:
    """The view gets the organization that the URL names."""

    def guard(view: Callable[Concatenate[PageRequest, Organization, P], HttpResponse]) -> View:
        @wraps(view)
        def guarded(request: PageRequest, organization_slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            organization = organization_or_404(request, organization_slug)
            require(request, organization, needs)
            return view(request, organization, *args, **kwargs)

        return login_required(guarded)

    return guard if view is None else guard(view)


def project_page(
    view: Callable[Concatenate[PageRequest, Project, P], HttpResponse] | None = None, *, needs: Power = Power.READ
) -> View:
    """The view gets the project that the URL names, its organization loaded."""

    def guard(view: Callable[Concatenate[PageRequest, Project, P], HttpResponse]) -> View:
        @wraps(view)
        def guarded(
            request: PageRequest, organization_slug: str, project_slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            project = find_project(request.user, organization_slug, project_slug)
            if project is None:
                raise Http404("no such project")
            require(request, project.organization, needs)
            return view(request, project, *args, **kwargs)

        return login_required(guarded)

    return guard if view is None else guard(view)


def find_issue(organization: Organization, short_id: str) -> Issue | None:
    """The issue of a short id such as `SHOP-42`, upper or lower case; its project and organization are loaded."""
    slug, _, number = short_id.rpartition("-")
    if not slug or not number.isdecimal() or len(number) > 9:
        return None
    issues = Issue.objects.filter(project__organization=organization, project__slug__iexact=slug, number=int(number))
    related = ("project__organization", "assigned_to", "first_release", "last_release", "merged_into")
    return issues.select_related(*related).first()


def issue_page(
    view: Callable[Concatenate[PageRequest, Issue, P], HttpResponse] | None = None, *, needs: Power = Power.READ
) -> View:
    """The view gets the issue that the URL names."""

    def guard(view: Callable[Concatenate[PageRequest, Issue, P], HttpResponse]) -> View:
        @wraps(view)
        def guarded(
            request: PageRequest, organization_slug: str, short_id: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            organization = organization_or_404(request, organization_slug)
            issue = find_issue(organization, short_id)
            if issue is None:
                raise Http404("no such issue")
            require(request, organization, needs)
            return view(request, issue, *args, **kwargs)

        return login_required(guarded)

    return guard if view is None else guard(view)
