"""A project's grouping rules: two texts, their mistakes by line and column, and what a draft would change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tracker.access import Power
from tracker.groups.rules import rules_of, save_rules
from tracker.models import Project
from web.forms.projects import GroupingRulesForm
from web.guards import project_page, require
from web.htmx import PageRequest

VERSIONS_SHOWN = 10


@project_page
def grouping_rules(request: PageRequest, project: Project) -> HttpResponse:
    texts = rules_of(project)
    form = GroupingRulesForm(
        request.POST or None,
        initial={"fingerprint_rules": texts.fingerprint_rules, "stacktrace_rules": texts.stacktrace_rules},
    )
    if request.method == "POST":
        require(request, project.organization, Power.CONFIGURE)
        if form.is_valid():
            draft = (form.cleaned_data["fingerprint_rules"], form.cleaned_data["stacktrace_rules"])
            saved = save_rules(project, *draft, by=request.user, now=timezone.now())
            messages.success(request, f"Version {saved.version} is in force for events that come from now on.")
            return redirect("grouping_rules", project.organization.slug, project.slug)
    versions = project.grouping_rules.select_related("author").order_by("-version")[:VERSIONS_SHOWN]
    context = {"project": project, "form": form, "texts": texts, "versions": versions}
    return render(request, "settings/grouping.html", context)


@project_page
@require_POST
def grouping_preview(request: PageRequest, project: Project) -> HttpResponse:
    """What the draft would make of stored events; a mistake in it is shown in place of that."""
    form = GroupingRulesForm(request.POST)
    context = {"project": project, "form": form}
    return render(request, "settings/grouping.html#preview", context)
