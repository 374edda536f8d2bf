"""Two issues, or two events, side by side: where they differ, and the rule that would have made them one."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from tracker.accounts.access import Power, projects_of
from tracker.issues.lookup import find_event_by_id
from tracker.models import Event, Issue, Organization, Suggestion
from tracker.rules.samples import newest_own_event
from tracker.rules.versions import RuleTexts, rules_of
from tracker.similar.compare import Comparison, compare
from tracker.similar.mixed import mixed_issue_report
from tracker.similar.proposals import Proposal, propose_rules
from tracker.similar.suggestions import bring_back, dismiss, dismissed_issues_of, similar_issues_of, united_by_rules
from tracker.similar.why import Why
from tracker.storage.numbers import number_in
from web.guards import find_issue, issue_page, organization_page, require
from web.responses import PageRequest, render_page

PART = "similar"
SHOWN_ON_ISSUE = 3


@issue_page
def similar_issues(request: PageRequest, issue: Issue) -> HttpResponse:
    """Similar issues and unlike messages; posting dismisses a similar issue for good, or brings it back."""
    if request.method == "POST":
        require(request, issue.project.organization, Power.TRIAGE)
        suggestion = _find_pair(issue, request.POST.get("suggestion", ""))
        if request.POST.get("action") == "bring_back":
            bring_back(suggestion)
        else:
            dismiss(suggestion, by=request.user, now=timezone.now())
        if not request.htmx:
            return redirect("similar", issue.project.organization.slug, issue.short_id)
    report = mixed_issue_report(issue)
    near = similar_issues_of(issue)
    shown = SHOWN_ON_ISSUE if request.htmx else len(near)
    texts = rules_of(issue.project)
    context = {
        "issue": issue,
        "project": issue.project,
        "organization": issue.project.organization,
        "similar": near[:shown],
        "more": len(near[shown:]),
        "united": united_by_rules(issue),
        "dismissed": dismissed_issues_of(issue),
        "report": report,
        "parting": Proposal(True, report.rule, "").added_to(texts) if report.rule else None,
        "masking": Proposal(True, report.guard_rule, "").added_to(texts) if report.guard_rule else None,
    }
    return render_page(request, "issues/similar.html", context, parts=(PART,))


def _find_pair(issue: Issue, text: str) -> Suggestion:
    found = Suggestion.objects.filter(Q(issue=issue) | Q(other=issue), pk=number_in(text) or 0).first()
    if found is None:
        raise Http404("no such suggestion")
    return found


MAX_NAME_LENGTH = 100


@dataclass(slots=True, frozen=True)
class Proposed:
    """A proposal, with both rule texts as they would be."""

    proposal: Proposal
    texts: RuleTexts


@dataclass(slots=True, frozen=True)
class Side:
    event: Event
    why: Why


@organization_page
def compare_issues(request: PageRequest, organization: Organization) -> HttpResponse:
    """`a` and `b` name an issue by its short id, then its newest event is meant, or an event by its id."""
    names = [request.GET.get(name, "").replace("\0", "").strip()[:MAX_NAME_LENGTH] for name in ("a", "b")]
    left, right = (_find(request, organization, name) for name in names)
    comparison: Comparison | None = None
    proposed: list[Proposed] = []
    if left and right:
        comparison = compare(left, right)
        if left.project_id == right.project_id:
            proposed = _proposed(left, right)
    context = {
        "organization": organization,
        "names": names,
        "left": left,
        "right": right,
        "comparison": comparison,
        "sides": [Side(left, comparison.left), Side(right, comparison.right)] if comparison and left and right else [],
        "proposed": proposed,
        "project": left.project if left else None,
        "can_be_merged": bool(left and right and left.project_id == right.project_id and left.issue != right.issue),
    }
    return render_page(request, "issues/compare.html", context)


def _find(request: PageRequest, organization: Organization, name: str) -> Event | None:
    issue = find_issue(request.user, organization.slug, name)
    if issue is not None:
        return newest_own_event(issue)
    return find_event_by_id(list(projects_of(request.user).filter(organization=organization)), name)


def _proposed(left: Event, right: Event) -> list[Proposed]:
    texts = rules_of(left.project)
    return [Proposed(proposal, proposal.added_to(texts)) for proposal in propose_rules(left, right, texts)]
