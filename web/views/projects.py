"""Projects: the list, a new one, and the page that brings its first event."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from tracker.accounts.access import Power, projects_of
from tracker.models import Event, Issue, Organization, Project
from tracker.projects.registry import create_project, dsn_of, key_of
from tracker.search.overview import overviews_of, recent_refusals
from web.forms.projects import NewProjectForm
from web.guards import organization_page, project_page
from web.responses import PageRequest, page_of
from web.snippets import PLATFORM_BY_SLUG, PLATFORMS, find_platform, steps_for


@organization_page
def project_list(request: PageRequest, organization: Organization) -> HttpResponse:
    projects = projects_of(request.user).filter(organization=organization)
    page = page_of(request, projects).map(lambda rows: overviews_of(rows, timezone.now()))
    return render(request, "projects/list.html", {"page": page, "organization": organization})


@organization_page(needs=Power.CONFIGURE)
def project_new(request: PageRequest, organization: Organization) -> HttpResponse:
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = create_project(organization, form.cleaned_data["name"], platform=form.cleaned_data["platform"])
        return redirect("project_start", organization.slug, project.slug)
    context = {"form": form, "platforms": PLATFORMS, "organization": organization}
    return render(request, "projects/new.html", context)


@project_page
def project_start(request: PageRequest, project: Project) -> HttpResponse:
    """DSN, code for the platform (`?platform=` shows another), and a part that waits for the first event."""
    platform = PLATFORM_BY_SLUG.get(request.GET.get("platform", "")) or find_platform(project.platform)
    key = key_of(project)
    return render(
        request,
        "projects/start.html",
        {
            "project": project,
            "platforms": PLATFORMS,
            "platform": platform,
            "dsn": dsn_of(key) if key else "",
            "steps": steps_for(platform, key) if key else [],
            "store_path": f"{urlsplit(settings.BASE_URL).path}/api/{project.pk}/store/",
            "public_key": key.public_key if key else "",
            "is_waiting": not project.events.exists(),
        },
    )


@never_cache
@project_page
def project_waiting(request: PageRequest, project: Project) -> HttpResponse:
    """Sends the browser on to the issue of `?event=<id>`, or else of the project's first event, once it is recorded."""
    issue = _issue_that_came(project, request.GET.get("event", ""))
    if issue is not None:
        return HttpResponseClientRedirect(reverse("issue", args=[project.organization.slug, issue.short_id]))
    refusals = recent_refusals(project, timezone.now())
    return render(request, "projects/start.html#refusals", {"refusals": refusals, "project": project})


def _issue_that_came(project: Project, event_id: str) -> Issue | None:
    events = Event.objects.filter(project=project).select_related("issue__project")
    if event_id:
        try:
            events = events.filter(event_id=UUID(event_id).bytes)
        except ValueError:
            return None
    event = events.first() if event_id else events.order_by("event_id").first()
    return event.issue if event else None
