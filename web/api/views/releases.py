"""Releases, of an organization (one version in several projects) or of one project."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from django.db.models import Max, QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.counters.stats import release_series
from tracker.models import Project, Release
from tracker.releases import registry
from tracker.releases.commits import set_commits
from tracker.releases.health import health_of
from web.api.base import RELEASE_READ, RELEASE_WRITE, OrganizationView, ProjectView, Shape
from web.api.errors import NOT_FOUND
from web.api.pagination import offset_response
from web.api.release_inputs import ReleaseChange, ReleaseInput, commits_in
from web.api.shapes.releases import health_shape, release_shapes


class ReleasesView(OrganizationView):
    """Releases of the projects that the address, or `?project=`, names."""

    def searched_projects(self, request: Request) -> list[Project]:
        return self.asked_projects(request)

    def rows(self, projects: Sequence[Project]) -> QuerySet[Release]:
        return Release.objects.filter(project__in=projects).select_related("project__organization")

    def shapes(self, families: Sequence[Sequence[Release]]) -> list[Shape]:
        """With `?health=1`, also how each does in each of its projects."""
        if self.request.query_params.get("health", "") not in {"1", "true"}:
            return release_shapes(families)
        releases = [release for family in families for release in family]
        healths = health_of(releases, self.now, self.request.query_params.get("environment", ""))
        series = release_series(releases, now=self.now)
        return release_shapes(families, {id_: health_shape(health, series[id_]) for id_, health in healths.items()})

    def write(self, family: Sequence[Release], wanted: Mapping[str, Any]) -> None:
        """Write what a body says of the release. Raises ValidationError where it cannot be meant."""
        if wanted.get("dateReleased"):
            registry.finalize(family, now=self.now, released_at=wanted["dateReleased"])
        if wanted.get("status") == "archived":
            registry.archive(family)
        elif wanted.get("status") == "open":
            registry.restore(family)
        if commits := commits_in(wanted):
            set_commits(family, commits, now=self.now)


class ReleaseList(ReleasesView):
    """The releases, the newest first, and a new one."""

    scopes = {"GET": RELEASE_READ, "POST": RELEASE_WRITE}
    inputs = {"POST": ReleaseInput}

    def answer_page(self, request: Request) -> Response:
        rows = self.rows(self.searched_projects(request))
        if text := request.query_params.get("query", "").strip():
            rows = rows.filter(version__icontains=text)
        if request.query_params.get("status") in {"open", "archived"}:
            rows = rows.filter(is_archived=request.query_params["status"] == "archived")
        versions: QuerySet[Any, Any] = rows.values("version").annotate(newest=Max("created_at"), last=Max("id"))
        versions = versions.order_by("-newest", "-last")
        return offset_response(request, versions, lambda found: self._shapes(rows, [row["version"] for row in found]))

    def _shapes(self, rows: QuerySet[Release], versions: list[str]) -> list[Shape]:
        families: dict[str, list[Release]] = {version: [] for version in versions}
        for release in rows.filter(version__in=versions).order_by("project__slug"):
            families[release.version].append(release)
        return self.shapes(list(families.values()))

    def create(self, projects: Sequence[Project], wanted: Mapping[str, Any]) -> Response:
        existing = set(self.rows(projects).filter(version=wanted["version"].strip()).values_list("project", flat=True))
        try:
            family = registry.create_release(
                projects,
                wanted["version"],
                now=self.now,
                url=wanted.get("url") or "",
                ref=wanted.get("ref") or "",
                started_at=wanted.get("dateStarted"),
                released_at=wanted.get("dateReleased"),
            )
            self.write(family, {**wanted, "dateReleased": None})
        except ValueError as error:
            raise ValidationError({"version": [str(error)]}) from error
        return Response(release_shapes([family])[0], status=208 if len(existing) == len(projects) else 201)


class OrganizationReleases(ReleaseList):
    """Releases of an organization."""

    def get(self, request: Request, organization: str) -> Response:
        return self.answer_page(request)

    def post(self, request: Request, organization: str) -> Response:
        wanted = self.read(request)
        named = wanted.get("projects") or self._projects_with(wanted["version"])
        by_name = {name: project for project in self.projects() for name in (project.slug, str(project.pk))}
        if not named or any(name not in by_name for name in named):
            raise ValidationError({"projects": ["Invalid project ids or slugs"]})
        return self.create(list({by_name[name].pk: by_name[name] for name in named}.values()), wanted)

    def _projects_with(self, version: str) -> list[str]:
        """Who names no project means a release that is known: `sentry-cli releases archive` writes so."""
        return list(self.rows(self.projects()).filter(version=version).values_list("project__slug", flat=True))


class ProjectReleases(ReleaseList, ProjectView):
    """Releases of one project."""

    def searched_projects(self, request: Request) -> list[Project]:
        return [self.project]

    def get(self, request: Request, organization: str, project: str) -> Response:
        return self.answer_page(request)

    def post(self, request: Request, organization: str, project: str) -> Response:
        return self.create([self.project], self.read(request))


class ReleaseView(ReleasesView):
    """The address names a version; any character but a line break may be in it.

    Its slashes may stand there as they are, or escaped once more than addresses are (`%252F`).
    """

    scopes = {"GET": RELEASE_READ, "PUT": RELEASE_WRITE, "POST": RELEASE_WRITE, "DELETE": RELEASE_WRITE}

    @property
    def family(self) -> list[Release]:
        """The release in each of the projects. Raises NotFound."""
        if not hasattr(self, "_family"):
            projects = [self.project] if isinstance(self, ProjectView) else self.asked_projects(self.request)
            rows = self.rows(projects).order_by("project__slug")
            named: str = self.kwargs["version"]
            self._family = list(rows.filter(version=named)) or list(rows.filter(version=unquote(named)))
        if not self._family:
            raise NotFound(NOT_FOUND)
        return self._family

    def shape(self) -> Shape:
        return self.shapes([self.family])[0]


class ReleaseDetail(ReleaseView):
    """One release."""

    inputs = {"PUT": ReleaseChange}

    def get(self, request: Request, **names: str) -> Response:
        return Response(self.shape())

    def put(self, request: Request, **names: str) -> Response:
        wanted = self.read(request)
        try:
            registry.create_release(
                [release.project for release in self.family],
                self.family[0].version,
                now=self.now,
                url=wanted.get("url") or "",
                ref=wanted.get("ref") or "",
                started_at=wanted.get("dateStarted"),
            )
            self.write(self.family, wanted)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        del self._family
        return Response(self.shape())

    def delete(self, request: Request, **names: str) -> Response:
        for release in self.family:
            registry.delete_release(release)
        return Response(status=204)


class ProjectReleaseDetail(ReleaseDetail, ProjectView):
    """One release of a project."""


class Repositories(OrganizationView):
    """No repository is connected: tools that ask send the commits themselves."""

    scopes = {"GET": RELEASE_READ}

    def get(self, request: Request, organization: str) -> Response:
        return Response([])
