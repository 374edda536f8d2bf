"""What hangs on a release: its commits, its deploys, the release before it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.issues.known_releases import previous_of
from tracker.models import Commit, Deploy, Release
from tracker.releases import registry
from web.api.base import ProjectView
from web.api.pagination import offset_response
from web.api.release_inputs import DeployInput
from web.api.shapes.releases import commit_shape, deploy_shape, release_shapes
from web.api.views.releases import ProjectReleaseDetail, ReleaseDetail, ReleaseView

MEANS_NOTHING = {status.HTTP_404_NOT_FOUND, status.HTTP_405_METHOD_NOT_ALLOWED}


class ReleasePart(ReleaseView):
    """A part of a release, unless only a release can be meant whose name ends in the same word: `shop/commits`.

    Where there are both, `shop` and `shop/commits`, the slash of the longer name has to be escaped: `shop%252Fcommits`.
    """

    part: str

    def dispatch(self, request: HttpRequest, *args: Any, **names: Any) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **names)
        if answer.status_code not in MEANS_NOTHING:
            return answer
        detail = ProjectReleaseDetail if isinstance(self, ProjectView) else ReleaseDetail
        longer = detail.as_view()(request, **{**names, "version": f"{names['version']}/{self.part}"})
        return answer if longer.status_code in MEANS_NOTHING else longer


class ReleaseCommits(ReleasePart):
    """The commits of a release, the newest first."""

    part = "commits"

    def get(self, request: Request, **names: str) -> Response:
        # One version has the same commits in every project.
        commits = Commit.objects.filter(release=self.family[0]).order_by("position")
        return offset_response(request, commits, lambda found: [commit_shape(commit) for commit in found])


class ProjectReleaseCommits(ReleaseCommits, ProjectView):
    """The commits of a release of a project."""


class PreviousWithCommits(ReleasePart):
    """The release before this one, by the order of versions, whose commits are known; `{}` where there is none."""

    part = "previous-with-commits"

    def get(self, request: Request, **names: str) -> Response:
        here = self.family[0]
        has_commits = Exists(Commit.objects.filter(release=OuterRef("pk")))
        before = previous_of(self.rows([here.project]).filter(has_commits), here)
        return Response(release_shapes([[before]])[0] if before else {})


class ProjectPreviousWithCommits(PreviousWithCommits, ProjectView):
    """The same, of one project."""


class Deploys(ReleasePart):
    """Where a release was brought to, the last first, and another deploy."""

    part = "deploys"
    inputs = {"POST": DeployInput}

    def get(self, request: Request, **names: str) -> Response:
        deploys = Deploy.objects.filter(release__in=self.family).order_by("-finished_at", "-id")
        return offset_response(request, deploys, lambda found: [deploy_shape(deploy) for deploy in found])

    def post(self, request: Request, **names: str) -> Response:
        wanted = self.read(request)
        named = set(wanted.get("projects") or [])
        family = [one for one in self.family if not named or named & {one.project.slug, str(one.project.pk)}]
        if not family:
            raise ValidationError({"projects": ["The release is in none of these projects."]})
        try:
            deploys = [self._deploy(release, wanted) for release in family]
        except ValueError as error:
            raise ValidationError({"environment": [str(error)]}) from error
        return Response(deploy_shape(deploys[0]), status=201)

    def _deploy(self, release: Release, wanted: Mapping[str, Any]) -> Deploy:
        return registry.deploy(
            release,
            wanted["environment"],
            now=self.now,
            by=self.me,
            name=wanted.get("name") or "",
            url=wanted.get("url") or "",
            started_at=wanted.get("dateStarted"),
            finished_at=wanted.get("dateFinished"),
        )


class ProjectDeploys(Deploys, ProjectView):
    """The deploys of a release of a project."""
