"""What is like an issue, and whether it holds several problems: a part of its page, and a page of its own."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from tracker.access import Power
from tracker.groups.mixed import mixture_of
from tracker.groups.proposals import Proposal
from tracker.groups.rules import rules_of
from tracker.groups.suggestions import bring_back, dismiss, dismissed_duplicates, near_duplicates, united_by_rules
from tracker.models import Issue, Suggestion
from web.guards import issue_page, require
from web.htmx import PageRequest, render_page

PART = "near"
SHOWN_ON_ISSUE = 3


@issue_page
def near_issues(request: PageRequest, issue: Issue) -> HttpResponse:
    """Near-duplicates and unlike messages; posting dismisses a near-duplicate for good, or brings it back."""
    if request.method == "POST":
        require(request, issue.project.organization, Power.TRIAGE)
        suggestion = _find(issue, request.POST.get("suggestion", ""))
        if request.POST.get("action") == "bring_back":
            bring_back(suggestion)
        else:
            dismiss(suggestion, by=request.user, now=timezone.now())
        if not request.htmx:
            return redirect("near", issue.project.organization.slug, issue.short_id)
    mixture = mixture_of(issue)
    near = near_duplicates(issue)
    shown = SHOWN_ON_ISSUE if request.htmx else len(near)
    texts = rules_of(issue.project)
    context = {
        "issue": issue,
        "project": issue.project,
        "organization": issue.project.organization,
        "near": near[:shown],
        "more": len(near[shown:]),
        "united": united_by_rules(issue),
        "dismissed": dismissed_duplicates(issue),
        "mixture": mixture,
        "parting": Proposal(True, mixture.rule, "").added_to(texts) if mixture.rule else None,
        "masking": Proposal(True, mixture.guard_rule, "").added_to(texts) if mixture.guard_rule else None,
    }
    return render_page(request, "issues/near.html", context, parts=(PART,))


def _find(issue: Issue, text: str) -> Suggestion:
    if not text.isdecimal() or len(text) > 18:
        raise Http404("no such suggestion")
    found = Suggestion.objects.filter(Q(issue=issue) | Q(other=issue), pk=int(text)).first()
    if found is None:
        raise Http404("no such suggestion")
    return found
