"""Organizations, their one team, their members."""

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.accounts.access import SCOPES, membership_of
from tracker.health.version import VERSION
from tracker.models import ApiToken, Environment, Member, User
from tracker.outcomes.account import Account, accounts_of
from tracker.storage.numbers import number_in
from web.api.authentication import ANY_SCOPE
from web.api.base import ORG_READ, ORG_WRITE, TEAM_READ, ApiView, OrganizationView
from web.api.errors import NOT_FOUND
from web.api.pagination import offset_response
from web.api.shapes import Shape, iso
from web.api.shapes.accounts import organization_detail, organization_shape, project_summary, team_shape, user_shape


class Root(ApiView):
    """The versions of the API and of the server, and whose token this is."""

    permission_classes = ()

    def get(self, request: Request) -> Response:
        versions = {"version": "0", "serverVersion": VERSION}
        if not isinstance(request.user, User):
            return Response({**versions, "user": None, "auth": None})
        scopes = request.auth.scopes if isinstance(request.auth, ApiToken) else list(SCOPES)
        return Response({**versions, "user": user_shape(request.user), "auth": {"scopes": scopes}})


class WhoAmI(ApiView):
    """The caller's own account."""

    scopes = {"GET": ANY_SCOPE}

    def get(self, request: Request) -> Response:
        return Response(user_shape(self.me))


class Me(WhoAmI):
    """The caller's own account, where newer tools look for it."""


class Regions(ApiView):
    """Where one's organizations are kept: all of them here."""

    scopes = {"GET": ANY_SCOPE}

    def get(self, request: Request) -> Response:
        return Response({"regions": [{"name": "here", "url": settings.BASE_URL}]})


class Accounting(OrganizationView):
    """received = stored + duplicate + filtered + rate_limited + invalid + waiting; of `?project=` or of all.

    Error events, and below `categories` the same for each category.
    """

    scopes = {"GET": ORG_READ}

    def get(self, request: Request, organization: str) -> Response:
        accounts = accounts_of(self.asked_projects(request))
        categories = {name: account_shape(account) for name, account in accounts.categories.items()}
        return Response({**account_shape(accounts.errors), "categories": categories})


def account_shape(account: Account) -> Shape:
    return {
        "received": account.received,
        **account.ends,
        "waiting": account.waiting,
        "reasons": account.reasons,
        "clientDiscards": account.discards,
        "unchecked": account.unchecked,
    }


MAX_ENVIRONMENTS = 1_000


class Organizations(ApiView):
    """The organizations of which the caller is a member."""

    scopes = {"GET": ORG_READ}

    def get(self, request: Request) -> Response:
        return offset_response(request, self.organizations(), lambda found: [organization_shape(o) for o in found])


class OrganizationInput(serializers.Serializer[dict[str, str]]):
    name = serializers.CharField(max_length=100, required=False)


class OrganizationDetail(OrganizationView):
    """One organization, with its team and projects."""

    scopes = {"GET": ORG_READ, "PUT": ORG_WRITE}
    inputs = {"PUT": OrganizationInput}

    def get(self, request: Request, organization: str) -> Response:
        member = membership_of(self.me, self.organization)
        return Response(organization_detail(self.organization, member, self.projects()))

    def put(self, request: Request, organization: str) -> Response:
        self.organization.name = self.read(request).get("name", self.organization.name)
        self.organization.save(update_fields=["name"])
        return self.get(request, organization)


class Teams(OrganizationView):
    """The teams of an organization: one, with everybody in it."""

    scopes = {"GET": TEAM_READ}

    def get(self, request: Request, organization: str) -> Response:
        return Response([team_shape(self.organization, self.projects())])


class TeamView(OrganizationView):
    """The address names the organization's team, by slug or id."""

    scopes = {"GET": TEAM_READ}

    def load_team(self, team: str) -> None:
        if team != self.organization.slug and number_in(team) != self.organization.pk:
            raise NotFound(NOT_FOUND)


class TeamDetail(TeamView):
    """One team."""

    def get(self, request: Request, organization: str, team: str) -> Response:
        self.load_team(team)
        return Response(
            team_shape(self.organization, self.projects()) | {"organization": organization_shape(self.organization)}
        )


def member_shape(member: Member) -> Shape:
    return {
        "id": str(member.pk),
        "email": member.user.email,
        "name": member.user.name or member.user.email,
        "user": user_shape(member.user),
        "role": member.role,
        "orgRole": member.role,
        "pending": False,
        "expired": False,
        "dateCreated": iso(member.created_at),
        "flags": {},
    }


class Members(OrganizationView):
    """The members of an organization."""

    scopes = {"GET": ("member:read", "member:write", "member:admin", "org:read")}

    def get(self, request: Request, organization: str) -> Response:
        members = self.organization.memberships.select_related("user").order_by("user__email")
        return offset_response(request, members, lambda found: [member_shape(member) for member in found])


class OrganizationProjects(OrganizationView):
    """The projects of an organization."""

    scopes = {"GET": ORG_READ}

    def get(self, request: Request, organization: str) -> Response:
        projects = self.organization.projects.select_related("organization").order_by("slug")
        return offset_response(request, projects, lambda found: [project_summary(project) for project in found])


class Environments(OrganizationView):
    """The names of the environments that events came from."""

    scopes = {"GET": ORG_READ}

    def get(self, request: Request, organization: str) -> Response:
        shown = Environment.objects.filter(project__in=self.asked_projects(request), is_hidden=False)
        names = shown.values_list("name", flat=True).distinct().order_by("name")[:MAX_ENVIRONMENTS]
        return Response([{"id": name, "name": name} for name in names])
