"""A project's settings: its name, what is kept of it and for how long, and its end."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tracker.access import Power
from tracker.configuration import raise_version
from tracker.deletion import delete_project_or_hand_over
from tracker.models import Project
from web.forms.deletion import DeletionForm
from web.forms.projects import ProjectForm, RetentionForm, ScrubbingForm
from web.guards import project_page, require
from web.htmx import PageRequest


@project_page
def project_settings(request: PageRequest, project: Project) -> HttpResponse:
    form = ProjectForm(request.POST or None, instance=_draft_of(project))
    if request.method == "POST":
        require(request, project.organization, Power.CONFIGURE)
        if form.is_valid():
            saved = form.save()
            messages.success(request, "Saved.")
            return redirect("project_settings", project.organization.slug, saved.slug)
    return render(request, "settings/project.html", {"project": project, "form": form})


@project_page
def project_storage(request: PageRequest, project: Project) -> HttpResponse:
    """Two forms on one page: how long (`form=retention`), and what never (`form=scrubbing`)."""
    sent = request.POST.get("form") if request.method == "POST" else None
    retention = RetentionForm(request.POST if sent == "retention" else None, instance=_draft_of(project))
    scrubbing = ScrubbingForm(request.POST if sent == "scrubbing" else None, instance=_draft_of(project))
    form = {"retention": retention, "scrubbing": scrubbing}.get(sent or "")
    if form is not None:
        require(request, project.organization, Power.CONFIGURE)
        if form.is_valid():
            form.save()
            raise_version(project)
            messages.success(request, "Saved.")
            return redirect("project_storage", project.organization.slug, project.slug)
    context = {"project": project, "retention": retention, "scrubbing": scrubbing}
    return render(request, "settings/storage.html", context)


@project_page(needs=Power.CONFIGURE)
def project_delete(request: PageRequest, project: Project) -> HttpResponse:
    form = DeletionForm(request.POST or None, slug=project.slug)
    if request.method == "POST" and form.is_valid():
        messages.success(request, delete_project_or_hand_over(project))
        return redirect("project_list", project.organization.slug)
    return render(request, "settings/delete_project.html", {"project": project, "form": form})


def _draft_of(project: Project) -> Project:
    """A copy for a form to write on, so that refused values do not show in the page's frame."""
    return Project.objects.select_related("organization").get(pk=project.pk)
