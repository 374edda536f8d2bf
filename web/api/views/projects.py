"""Projects."""

from typing import Any

from django.core.validators import validate_slug
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access import membership_of, projects_of
from tracker.configuration import raise_version
from tracker.deletion import delete_project_or_hand_over
from tracker.models import Project
from tracker.projects import RESERVED_SLUGS, create_project
from web.api.base import PROJECT_READ, PROJECT_WRITE, ApiView, OrganizationView, ProjectView
from web.api.pagination import offset_response
from web.api.shapes.accounts import project_detail, project_summary
from web.api.views.organizations import OrganizationProjects, TeamView


class ProjectInput(serializers.Serializer[dict[str, str]]):
    name = serializers.CharField(max_length=50)
    slug = serializers.CharField(max_length=50, required=False, allow_blank=True, allow_null=True)
    platform = serializers.CharField(max_length=50, required=False, allow_blank=True, allow_null=True)


class ProjectChange(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=100, required=False)
    slug = serializers.CharField(max_length=50, required=False, validators=[validate_slug])
    platform = serializers.CharField(max_length=50, required=False, allow_blank=True, allow_null=True)
    scrubIPAddresses = serializers.BooleanField(required=False, source="scrub_ip_addresses")
    sensitiveFields = serializers.ListField(
        child=serializers.CharField(max_length=100), max_length=100, required=False, source="scrub_fields"
    )
    retentionDays = serializers.IntegerField(min_value=0, max_value=36_500, required=False, source="retention_days")
    retentionEvents = serializers.IntegerField(min_value=0, max_value=10**12, required=False, source="retention_events")


class Projects(ApiView):
    """Every project that the caller may see."""

    scopes = {"GET": PROJECT_READ}

    def get(self, request: Request) -> Response:
        projects = projects_of(self.me).filter(organization__in=self.organizations())
        return offset_response(request, projects, lambda found: [project_summary(project) for project in found])


def created(view: OrganizationView, request: Request) -> Response:
    wanted = view.read(request)
    slug = wanted.get("slug") or ""
    if slug and view.organization.projects.filter(slug=slug).exists():
        return Response({"detail": "A project with this slug already exists."}, status=409)
    project = create_project(view.organization, wanted["name"], slug=slug, platform=wanted.get("platform") or "")
    return Response(project_summary(project), status=201)


class OrganizationProjectList(OrganizationProjects):
    """The projects of an organization, and a new one."""

    scopes = {"GET": OrganizationProjects.scopes["GET"], "POST": PROJECT_WRITE}
    inputs = {"POST": ProjectInput}

    def post(self, request: Request, organization: str) -> Response:
        return created(self, request)


class TeamProjects(TeamView):
    """The projects of a team, and a new one."""

    scopes = {"GET": PROJECT_READ, "POST": PROJECT_WRITE}
    inputs = {"POST": ProjectInput}

    def get(self, request: Request, organization: str, team: str) -> Response:
        self.load_team(team)
        projects = self.organization.projects.select_related("organization").order_by("slug")
        return offset_response(request, projects, lambda found: [project_summary(project) for project in found])

    def post(self, request: Request, organization: str, team: str) -> Response:
        self.load_team(team)
        return created(self, request)


class ProjectDetail(ProjectView):
    """One project; deleting it deletes its events."""

    scopes = {"GET": PROJECT_READ, "PUT": PROJECT_WRITE, "DELETE": ("project:admin",)}
    inputs = {"PUT": ProjectChange}

    def get(self, request: Request, organization: str, project: str) -> Response:
        return Response(project_detail(self.project, membership_of(self.me, self.organization)))

    def put(self, request: Request, organization: str, project: str) -> Response:
        changes = self.read(request)
        if "slug" in changes:
            self._check_slug(changes["slug"])
        if "platform" in changes:
            changes["platform"] = changes["platform"] or ""
        if changes:
            Project.objects.filter(pk=self.project.pk).update(**changes)
            raise_version(self.project)
            self.project.refresh_from_db()
        return self.get(request, organization, project)

    def _check_slug(self, slug: str) -> None:
        others = self.organization.projects.exclude(pk=self.project.pk)
        if slug in RESERVED_SLUGS or slug.isdigit() or others.filter(slug=slug).exists():
            raise ValidationError({"slug": ["This slug is taken or cannot be used."]})

    def delete(self, request: Request, organization: str, project: str) -> Response:
        delete_project_or_hand_over(self.project)
        return Response(status=204)
