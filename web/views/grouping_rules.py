"""A project's grouping rules: two texts, their mistakes by line and column, and what a draft would change."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from grouping.rules import parse_rules
from tracker.accounts.access import Power
from tracker.models import Issue, Project
from tracker.rules.preview import Change, Part, Preview, preview
from tracker.rules.versions import rules_for, rules_of, save_rules
from web.forms.projects import GroupingRulesForm
from web.guards import project_page, require
from web.responses import PageRequest

VERSIONS_SHOWN = 10
CHANGES_SHOWN = 30
PARTS_SHOWN = 8


@dataclass(slots=True, frozen=True)
class ChangeRow:
    """One change as the page shows it: today's issues, and what they would be."""

    change: Change
    issues: list[Issue]
    parts: list[tuple[Part, str]]
    """What they would be, each with the short id under which its example is found."""


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
            _save(request, project, form)
            return redirect("grouping_rules", project.organization.slug, project.slug)
    return render(request, "settings/grouping.html", _context(project, form))


def _context(project: Project, form: GroupingRulesForm) -> dict[str, object]:
    versions = project.grouping_rules.select_related("author").order_by("-version")[:VERSIONS_SHOWN]
    return {"project": project, "form": form, "versions": versions, "in_force": rules_for(project).version}


def _save(request: PageRequest, project: Project, form: GroupingRulesForm) -> None:
    values = form.cleaned_data
    saved = save_rules(
        project,
        values["fingerprint_rules"],
        values["stacktrace_rules"],
        by=request.user,
        now=timezone.now(),
        splits_existing_issues=values["splits_existing_issues"],
    )
    messages.success(request, f"Version {saved.version} is active for events that come from now on.")


@project_page(needs=Power.TRIAGE)
@require_POST
def grouping_preview(request: PageRequest, project: Project) -> HttpResponse:
    """What the draft would make of stored events; a mistake in it is shown in place of that.

    For htmx the preview alone, else the page of the rules with the draft in its fields.
    """
    form = GroupingRulesForm(request.POST)
    context = _context(project, form) | {"is_draft": True}
    if form.is_valid():
        draft = parse_rules(form.cleaned_data["fingerprint_rules"], form.cleaned_data["stacktrace_rules"])
        found = preview(project, draft)
        context |= {"found": found, "rows": _rows_of(found)}
    return render(request, f"settings/grouping{'_preview' if request.htmx else ''}.html", context)


def _rows_of(found: Preview) -> list[ChangeRow]:
    return [
        ChangeRow(
            change,
            [found.issues[id_] for id_ in change.issue_ids],
            [(part, found.issues[part.issue_id].short_id) for part in change.parts[:PARTS_SHOWN]],
        )
        for change in found.changes[:CHANGES_SHOWN]
    ]
