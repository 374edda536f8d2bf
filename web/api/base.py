"""What every view of the API stands on: who asks, what the address names, and whether they may."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from tracker.accounts.access import SCOPES, Power, has_power, organizations_of
from tracker.issues.lookup import find_by_short_id
from tracker.models import ApiToken, Issue, Organization, Project, User
from tracker.storage.numbers import number_in
from web.api.authentication import method_of
from web.api.errors import NOT_FOUND, BoundedJson
from web.api.schema import ApiSchema

ORG_READ = ("org:read", "org:write", "org:admin", "org:ci")
ORG_WRITE = ("org:write", "org:admin")
TEAM_READ = ("team:read", "team:write", "team:admin", "org:read")
PROJECT_READ = ("project:read", "project:write", "project:admin", "org:read")
PROJECT_WRITE = ("project:write", "project:admin")
EVENT_READ = ("event:read", "event:write", "event:admin")
EVENT_WRITE = ("event:write", "event:admin")
RELEASE_READ = ("project:read", "project:releases", "project:write", "project:admin", "org:read", "org:ci")
RELEASE_WRITE = ("project:releases", "project:write", "project:admin", "org:ci")

Shape = dict[str, Any]
"""An object of a response, as Sentry documents it."""

Input = TypeVar("Input", bound=Serializer[Any])


class ApiView(APIView):
    """A view names, for each method, the scopes that suffice; the first decides which power the person needs."""

    parser_classes = (BoundedJson,)
    scopes: Mapping[str, Sequence[str]] = {}
    inputs: Mapping[str, type[Serializer[Any]]] = {}
    parameters: Sequence[Any] = ()
    schema = ApiSchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # No name holds a NUL, and PostgreSQL takes none in a text.
        if any("\0" in str(text) for text in kwargs.values()) or "%00" in request.META.get("QUERY_STRING", ""):
            raise NotFound(NOT_FOUND)

    def scopes_for(self, request: Request, otherwise: Sequence[str]) -> Sequence[str]:
        """The scopes that suffice for the request's method."""
        return self.scopes.get(method_of(request), otherwise)

    @property
    def me(self) -> User:
        user = self.request.user
        assert isinstance(user, User), "HasScope lets nobody else in"
        return user

    @property
    def now(self) -> datetime:
        """The time at which the request came in."""
        if not hasattr(self, "_now"):
            self._now = timezone.now()
        return self._now

    def read(self, request: Request) -> dict[str, Any]:
        """The body, checked. Raises ValidationError, answered with 400 and the reasons by field."""
        serializer = self.inputs[request.method or ""](data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def organizations(self) -> QuerySet[Organization]:
        """The organizations that the caller may see; those outside a token's bounds are not."""
        organizations = organizations_of(self.me)
        if isinstance(self.request.auth, ApiToken) and self.request.auth.organization_id is not None:
            organizations = organizations.filter(pk=self.request.auth.organization_id)
        return organizations

    def require(self, organization: Organization, scopes: Sequence[str]) -> None:
        """Raises PermissionDenied unless the person has the power that the scopes stand for."""
        power: Power = SCOPES[scopes[0]]
        if not has_power(self.me, organization, power):
            raise PermissionDenied


class OrganizationView(ApiView):
    """The address names an organization, by slug or id."""

    organization: Organization

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.load(kwargs)

    def load(self, kwargs: Mapping[str, str]) -> None:
        named: str = kwargs["organization"]
        found = self.organizations().filter(Q(slug=named) | Q(pk=number_in(named))).first()
        if found is None:
            raise NotFound(NOT_FOUND)
        self.organization = found
        self.require(found, self.scopes_for(self.request, ORG_READ))

    def projects(self) -> list[Project]:
        """All projects of the organization, by name."""
        projects = self.organization.projects.select_related("organization").order_by("name", "id")
        return list(projects)

    def asked_projects(self, request: Request) -> list[Project]:
        """The projects that `?project=` (slug or id, repeatable; -1 is all) asks for; without it, all."""
        asked = set(request.query_params.getlist("project")) - {"-1", ""}
        asked |= set(request.query_params.getlist("projectSlug"))
        projects = self.projects()
        if not asked:
            return projects
        found = [project for project in projects if asked & {project.slug, str(project.pk)}]
        if len(found) < len(asked):
            raise NotFound(NOT_FOUND)
        return found


class ProjectView(OrganizationView):
    """The address names a project of the organization, by slug or id."""

    project: Project

    def load(self, kwargs: Mapping[str, str]) -> None:
        super().load(kwargs)
        named: str = kwargs["project"]
        projects = self.organization.projects.select_related("organization")
        found = projects.filter(Q(slug=named) | Q(pk=number_in(named))).first()
        if found is None:
            raise NotFound(NOT_FOUND)
        self.project = found


class IssueView(ApiView):
    """The address names an issue, by id or short id, and perhaps its organization."""

    issue: Issue

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        found = self._find(kwargs.get("organization"), kwargs["issue"])
        if found is None:
            raise NotFound(NOT_FOUND)
        self.issue = found
        self.require(found.project.organization, self.scopes_for(request, EVENT_READ))

    def _find(self, organization: str | None, named: str) -> Issue | None:
        organizations = self.organizations()
        if organization is not None:
            organizations = organizations.filter(Q(slug=organization) | Q(pk=number_in(organization)))
        projects = Project.objects.filter(organization__in=organizations).select_related("organization")
        loaded = Issue.objects.select_related(
            "project__organization", "assigned_to", "first_release", "last_release", "merged_into"
        )
        number = number_in(named)
        if number is None:
            found = find_by_short_id(list(projects.filter(slug__iexact=named.rpartition("-")[0])), named)
            return loaded.get(pk=found.pk) if found else None
        issue = loaded.filter(pk=number, project__in=projects).first()
        if issue is not None and issue.merged_into_id is not None:
            return self._find(organization, str(issue.merged_into_id))
        return issue
