"""Two issues, or two events, side by side: where they part, and the rule that would have made them one."""

from dataclasses import dataclass

from django.http import HttpResponse

from tracker.access import projects_of
from tracker.groups.compare import Comparison, compare
from tracker.groups.proposals import Proposal, propose_rules
from tracker.groups.rules import RuleTexts, rules_of
from tracker.groups.samples import newest_own_event
from tracker.groups.why import Why
from tracker.models import Event, Organization
from tracker.search.lists import find_event_by_id
from web.guards import find_issue, organization_page
from web.htmx import PageRequest, render_page

LONGEST_NAME = 100


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
    names = [request.GET.get(name, "").replace("\0", "").strip()[:LONGEST_NAME] for name in ("a", "b")]
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
