"""Who may see this page: what someone may not see does not exist for them (404); what they may not do is 403.

    @organization_page
    def issue_list(request: PageRequest, organization: Organization) -> HttpResponse: ...

    @project_page(needs=Power.CONFIGURE)
    def project_settings(request: PageRequest, project: Project) -> HttpResponse: ...

The names in the URL patterns are `organization_slug`, `project_slug` and `short_id`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar, overload

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django_htmx.http import HttpResponseClientRedirect

from tracker.accounts.access import Power, find_organization, find_project, has_power, is_administrator
from tracker.models import Issue, Organization, User
from tracker.models.issues import MAX_NUMBER
from tracker.storage.numbers import number_in
from web.responses import PageRequest

P = ParamSpec("P")
T = TypeVar("T")
View: TypeAlias = Callable[..., HttpResponse]


def require(request: PageRequest, organization: Organization, power: Power) -> None:
    """Raise PermissionDenied unless the person has the power in the organization."""
    if not has_power(request.user, organization, power):
        raise PermissionDenied


def ask_to_sign_in(request: PageRequest) -> HttpResponse:
    """On to the sign-in page and back; the whole page goes there, also where htmx only asked for a part of it."""
    page = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()
    answer = redirect_to_login(page or "/")
    return HttpResponseClientRedirect(answer.url) if request.htmx else answer


class Guard(Generic[T]):
    """A decorator for views: finds what the URL names, checks the power, and hands the found thing to the view.

    `find` gets the person and the URL's values of `names`; it returns None for what this person may not see.
    """

    def __init__(self, find: Callable[..., T | None], owner: Callable[[T], Organization], *names: str) -> None:
        self.find = find
        self.owner = owner
        self.names = names

    @overload
    def __call__(self, view: Callable[Concatenate[PageRequest, T, P], HttpResponse]) -> View: ...

    @overload
    def __call__(self, *, needs: Power) -> Callable[[Callable[Concatenate[PageRequest, T, P], HttpResponse]], View]: ...

    def __call__(self, view: View | None = None, *, needs: Power = Power.READ) -> Any:
        def guard(view: View) -> View:
            @wraps(view)
            def guarded(request: PageRequest, **values: Any) -> HttpResponse:
                if not request.user.is_authenticated:
                    return ask_to_sign_in(request)
                found = self.find(request.user, *(values.pop(name) for name in self.names))
                if found is None:
                    raise Http404
                require(request, self.owner(found), needs)
                return view(request, found, **values)

            return guarded

        return guard if view is None else guard(view)


def find_issue(user: User, organization_slug: str, short_id: str) -> Issue | None:
    """The issue of a short id such as `SHOP-42`, upper or lower case, with what its page shows loaded."""
    organization = find_organization(user, organization_slug)
    slug, _, digits = short_id.rpartition("-")
    number = number_in(digits, MAX_NUMBER)
    if organization is None or not slug or number is None:
        return None
    issues = Issue.objects.filter(project__organization=organization, project__slug__iexact=slug, number=number)
    related = ("project__organization", "assigned_to", "first_release", "last_release", "merged_into__project")
    return issues.select_related(*related).first()


organization_page = Guard(find_organization, lambda organization: organization, "organization_slug")
project_page = Guard(find_project, lambda project: project.organization, "organization_slug", "project_slug")
issue_page = Guard(find_issue, lambda issue: issue.project.organization, "organization_slug", "short_id")


def administrator_page(view: View) -> View:
    """The view is there for administrators of the installation only."""

    @wraps(view)
    def guarded(request: PageRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not is_administrator(request.user):
            raise Http404("administrators only")
        return view(request, *args, **kwargs)

    return login_required(guarded)
