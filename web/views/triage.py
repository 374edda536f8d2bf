"""What people do to issues, from the list and from an issue's page: one address, with JavaScript and without."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tracker.accounts.access import Power
from tracker.errors import DomainError, Refusal
from tracker.issues.deletion import delete_issues_or_queue
from tracker.issues.merge import followed
from tracker.issues.results import ActionResult, TriageResult
from tracker.issues.triage import MAX_ISSUES, Actor, TriageCommand, apply, named_issues
from tracker.issues.undo import undo
from tracker.models import Activity, Issue, Organization
from web.forms.triage import DELETE, command_in, numbers_in, verb_of
from web.guards import issue_page, organization_page
from web.responses import PageRequest, confirm, refuse, respond_with_toasts
from web.wording import refusal_words, result_words

CHANGED = "issues-changed"
"""The browser event after which the parts of a page that show issues fetch themselves again."""

Place = TypeVar("Place", Organization, Issue)


def confirmed(act: Callable[[PageRequest, Place], None]) -> Callable[[PageRequest, Place], HttpResponse]:
    """A view that does what `act` does and responds with toasts: what was confirmed, or why it was refused."""

    @wraps(act)
    def view(request: PageRequest, place: Place, /) -> HttpResponse:
        try:
            act(request, place)
        except DomainError as error:
            refuse(request, refusal_words(error))
        return respond(request)

    return view


@organization_page(needs=Power.TRIAGE)
@require_POST
@confirmed
def triage(request: PageRequest, organization: Organization) -> None:
    """Do to the chosen issues what the button says."""
    now = timezone.now()
    is_deletion = verb_of(request.POST) == DELETE
    command = None if is_deletion else command_in(request.POST, now)
    if command is None and not is_deletion:
        raise Http404("no such action")
    issues = named_issues(organization.projects.all(), numbers_in(request.POST.getlist("issue")))
    if not issues:
        raise DomainError(Refusal.NO_ISSUES_CHOSEN)
    if command is None:
        result: ActionResult | TriageResult = delete_issues_or_queue(issues)
    else:
        result = apply(command, issues, organization, Actor(request.user, now))
    said = result_words(result)
    confirm(request, said.sentence, said.consequence, result.activity_ids)


@organization_page(needs=Power.TRIAGE)
@require_POST
@confirmed
def undo_triage(request: PageRequest, organization: Organization) -> None:
    """Take back what the activities did that a toast has named."""
    ids = numbers_in([request.POST.get("activities", "")])[:MAX_ISSUES]
    known = Activity.objects.filter(id__in=ids, project__organization=organization).values_list("id", flat=True)
    said = result_words(undo(list(known), by=request.user, now=timezone.now()))
    confirm(request, said.sentence, said.consequence)


@issue_page(needs=Power.TRIAGE)
@require_POST
@confirmed
def comment_on_issue(request: PageRequest, issue: Issue) -> None:
    """On the issue into which it was merged, where it was."""
    command = TriageCommand(comment=request.POST.get("text", ""))
    apply(command, [followed(issue)], issue.project.organization, Actor(request.user, timezone.now()))


def respond(request: PageRequest) -> HttpResponse:
    """Toasts for htmx; without it, back to the page on which the button was."""
    if request.htmx:
        return respond_with_toasts(request, trigger=CHANGED)
    back = request.POST.get("next", "") or request.headers.get("Referer", "")
    is_safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if is_safe else "/")
