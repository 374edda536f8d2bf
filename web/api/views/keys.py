"""The keys of a project."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.configuration import delete_key, limit_key, set_key_active
from tracker.models import ProjectKey, RateLimit
from tracker.projects import create_key
from web.api.base import PROJECT_READ, PROJECT_WRITE, ProjectView
from web.api.errors import NOT_FOUND
from web.api.pagination import offset_response
from web.api.shapes.accounts import key_shape
from web.api.shapes.common import Shape

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
