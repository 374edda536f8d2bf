"""Releases: the list, a new one, and the page that says what a deploy broke."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tracker.accounts.access import Power, projects_of
from tracker.models import Organization, Project, Release
from tracker.releases.comparison import compare_with_previous
from tracker.releases.health import health_of
from tracker.releases.lists import commit_authors, environments_of, find_releases, life_of
from tracker.releases.names import near_name_warning
from tracker.releases.registry import archive, create_release, delete_release, deploy, finalize, restore
from web.forms.releases import DeployForm, NewReleaseForm
from web.guards import organization_page, project_page, require
from web.responses import PageRequest

MAX_SEARCH_LENGTH = 250
MAX_COMMITS_SHOWN = 200


@organization_page
def release_list(request: PageRequest, organization: Organization) -> HttpResponse:
    """`?project=`, `?query=` (a part of the version), `?archived=1`, `?cursor=`."""
    projects = list(projects_of(request.user).filter(organization=organization))
    wanted = request.GET.get("project", "")
    text = request.GET.get("query", "").replace("\0", "").strip()[:MAX_SEARCH_LENGTH]
    page = find_releases(
        [project for project in projects if not wanted or project.slug == wanted],
        now=timezone.now(),
        text=text,
        with_archived="archived" in request.GET,
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "organization": organization,
        "projects": projects,
        "project": next((project for project in projects if project.slug == wanted), None),
        "text": text,
        "page": page,
    }
    return render(request, "releases/list.html", context)


@organization_page(needs=Power.TRIAGE)
def release_new(request: PageRequest, organization: Organization) -> HttpResponse:
    projects = list(projects_of(request.user).filter(organization=organization))
    form = NewReleaseForm(request.POST or None, projects=projects, initial={"project": request.GET.get("project")})
    if request.method == "POST" and form.is_valid():
        made = _create(form, projects, timezone.now())
        return redirect("release", organization.slug, made.project.slug, made.version)
    return render(request, "releases/new.html", {"organization": organization, "form": form, "projects": projects})


def _create(form: NewReleaseForm, projects: list[Project], now: datetime) -> Release:
    values = form.cleaned_data
    chosen = [project for project in projects if project.slug == values["project"]]
    released_at = now if values["is_finalized"] else None
    (made,) = create_release(
        chosen, values["version"], now=now, url=values["url"], ref=values["ref"], released_at=released_at
    )
    return made


@project_page
def release(request: PageRequest, project: Project, version: str) -> HttpResponse:
    """What is new, back, fixed and went on; POST with `action`: deploy, finalize, archive, restore or delete."""
    found = get_object_or_404(Release.objects.select_related("project__organization"), project=project, version=version)
    form = DeployForm(request.POST if request.POST.get("action") == "deploy" else None)
    if request.method == "POST":
        require(request, project.organization, Power.TRIAGE)
        answer = _act(request, found, form)
        if answer is not None:
            return answer
    return render(request, "releases/release.html", _page_of(found, form, timezone.now()))


def _page_of(release: Release, form: DeployForm, now: datetime) -> dict[str, object]:
    comparison = compare_with_previous(release, now)
    life = life_of(release, now)
    return {
        "organization": release.project.organization,
        "project": release.project,
        "release": release,
        "comparison": comparison,
        "health": health_of([release], now)[release.pk],
        "life": life,
        "near": near_name_warning(release),
        "deploys": release.deploys.order_by("-finished_at")[:50],
        "commits": release.commits.defer("files")[:MAX_COMMITS_SHOWN],
        "commit_count": release.commits.count(),
        "authors": commit_authors(release),
        "environments": environments_of(release),
        "form": form,
    }


ACTIONS: dict[str, tuple[Callable[[Release], None], str]] = {
    "finalize": (lambda release: finalize([release], now=timezone.now()), "is out"),
    "archive": (lambda release: archive([release]), "is archived"),
    "restore": (lambda release: restore([release]), "is back in the lists"),
}


def _act(request: PageRequest, release: Release, form: DeployForm) -> HttpResponse | None:
    """Do what the form asks for; None where it has a mistake to show."""
    organization, action = release.project.organization, request.POST.get("action", "")
    if action == "deploy":
        if not form.is_valid():
            return None
        values = form.cleaned_data
        deploy(
            release,
            values["environment"],
            now=timezone.now(),
            by=request.user,
            name=values["name"],
            url=values["url"],
        )
        messages.success(request, f"Deployed to {values['environment']}.")
    elif action == "delete":
        require(request, organization, Power.CONFIGURE)
        delete_release(release)
        messages.success(request, f"{release.version} is deleted; its events and issues stay.")
        return redirect("releases", organization.slug)
    elif action in ACTIONS:
        act, words = ACTIONS[action]
        act(release)
        messages.success(request, f"{release.version} {words}.")
    return redirect("release", organization.slug, release.project.slug, release.version)
