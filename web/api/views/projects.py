"""The keys of a project."""

from collections.abc import Sequence
from typing import Any

from django.core.validators import validate_slug
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.accounts.access import membership_of, projects_of
from tracker.issues.deletion import delete_project_or_queue
from tracker.models import Project, ProjectKey, RateLimit
from tracker.projects.registry import (
    RESERVED_SLUGS,
    create_key,
    create_project,
    delete_key,
    limit_key,
    raise_version,
    set_key_active,
)
from web.api.base import PROJECT_READ, PROJECT_WRITE, ApiView, OrganizationView, ProjectView
from web.api.errors import NOT_FOUND
from web.api.pagination import offset_response
from web.api.shapes import Shape
from web.api.shapes.accounts import key_shape, project_detail, project_summary
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
        delete_project_or_queue(self.project)
        return Response(status=204)


LIMITED_CATEGORY = "error"


class RateLimitInput(serializers.Serializer[dict[str, int]]):
    count = serializers.IntegerField(min_value=0, max_value=10**9)
    window = serializers.IntegerField(min_value=0, max_value=31 * 86_400)


class KeyInput(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=64, required=False, allow_blank=True, allow_null=True)
    isActive = serializers.BooleanField(required=False)
    rateLimit = RateLimitInput(required=False, allow_null=True)


def shapes(keys: Sequence[ProjectKey]) -> list[Shape]:
    limits = {limit.key_id: limit for limit in RateLimit.objects.filter(key__in=keys, category=LIMITED_CATEGORY)}
    return [key_shape(key, limits.get(key.pk)) for key in keys]


def change(key: ProjectKey, wanted: dict[str, Any]) -> None:
    """Apply what a body names, and leave the rest."""
    if wanted.get("name"):
        key.label = wanted["name"]
        key.save(update_fields=["label"])
    if "isActive" in wanted:
        set_key_active(key, wanted["isActive"])
    if "rateLimit" in wanted:
        limit = wanted["rateLimit"] or {"count": 0, "window": 0}
        count = limit["count"] if limit["count"] and limit["window"] else None
        limit_key(key, LIMITED_CATEGORY, count, limit["window"])
    key.refresh_from_db()


class Keys(ProjectView):
    """The keys of a project, oldest first, and a new one."""

    scopes = {"GET": PROJECT_READ, "POST": PROJECT_WRITE}
    inputs = {"POST": KeyInput}

    def get(self, request: Request, organization: str, project: str) -> Response:
        keys = self.project.keys.order_by("id")
        if request.query_params.get("status") in {"active", "inactive"}:
            keys = keys.filter(is_active=request.query_params["status"] == "active")
        return offset_response(request, keys, shapes)

    def post(self, request: Request, organization: str, project: str) -> Response:
        wanted = self.read(request)
        key = create_key(self.project, wanted.get("name") or "Default")
        change(key, wanted)
        return Response(shapes([key])[0], status=201)


class KeyDetail(ProjectView):
    """One key, by its public part."""

    scopes = {"GET": PROJECT_READ, "PUT": PROJECT_WRITE, "DELETE": ("project:admin", "project:write")}
    inputs = {"PUT": KeyInput}

    def find(self, key: str) -> ProjectKey:
        found = self.project.keys.select_related("project").filter(public_key=key).first()
        if found is None:
            raise NotFound(NOT_FOUND)
        return found

    def get(self, request: Request, organization: str, project: str, key: str) -> Response:
        return Response(shapes([self.find(key)])[0])

    def put(self, request: Request, organization: str, project: str, key: str) -> Response:
        found = self.find(key)
        change(found, self.read(request))
        return Response(shapes([found])[0])

    def delete(self, request: Request, organization: str, project: str, key: str) -> Response:
        delete_key(self.find(key))
        return Response(status=204)
