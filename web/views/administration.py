"""The installation itself, for administrators; for everybody else these pages do not exist."""

from collections.abc import Callable
from functools import wraps

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, F, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from tracker.accounts.access import is_administrator
from tracker.accounts.people import create_organization, password_reset_link
from tracker.health.installation import examine
from tracker.jobs.celery import app as celery
from tracker.jobs.failed import run_again
from tracker.models import DeadLetter, FailedJob, Organization, Project, User
from tracker.outcomes.account import accounts_of, balances_of, discards_of, reasons_of
from web.forms.organizations import NewOrganizationForm
from web.responses import PageRequest, page_of, render_page

ACCOUNTED_DAYS = (1, 7, 30)
USUAL_DAYS = 7
RETRY_TASK = "ingest.tasks.retry_dead_letter"
"""Named as text: the web app does not know the ingest endpoint."""


def administrator_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view is there for administrators of the installation only."""

    @wraps(view)
    def guarded(request: PageRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not is_administrator(request.user):
            raise Http404("administrators only")
        return view(request, *args, **kwargs)

    return login_required(guarded)


@administrator_page
def health(request: PageRequest) -> HttpResponse:
    parts = examine(timezone.now())
    return render_page(request, "administration/health.html", {"parts": parts}, parts=("parts",))


@administrator_page
def dead_letter_list(request: PageRequest) -> HttpResponse:
    entries = DeadLetter.objects.select_related("project__organization").defer("body").order_by("-failed_at", "-id")
    context = {"page": page_of(request, entries), "total": DeadLetter.objects.count()}
    return render(request, "administration/dead_letters.html", context)


@administrator_page
@require_POST
def dead_letter_change(request: PageRequest, entry_id: int) -> HttpResponse:
    """`action` is `retry` or `delete`."""
    entry = get_object_or_404(DeadLetter.objects.defer("body"), pk=entry_id)
    action = request.POST.get("action")
    if action == "delete":
        entry.delete()
        messages.success(request, "The entry is deleted.")
    elif action == "retry":
        words = "The entry goes through the spool again; it leaves this list when it has."
        _hand_over(request, lambda: celery.send_task(RETRY_TASK, args=[entry.pk]), words)
    return redirect("dead_letter_list")


def _hand_over(request: PageRequest, send: Callable[[], object], words: str) -> None:
    """Send something to the workers, and say so, or that they cannot be reached."""
    try:
        send()
    except (OperationalError, OSError) as error:
        messages.error(request, f"The workers cannot be reached: {error}")
    else:
        messages.success(request, words)


@administrator_page
def accounting(request: PageRequest) -> HttpResponse:
    page = page_of(request, Project.objects.select_related("organization").order_by("name", "id"))
    projects = page.rows
    days = next((days for days in ACCOUNTED_DAYS if str(days) == request.GET.get("days")), USUAL_DAYS)
    now = timezone.now()
    context = {
        "page": page,
        "balances": balances_of(projects, now, days=days),
        "reasons": reasons_of(projects, now, days=days),
        "discards": discards_of(projects, now, days=days),
        "waiting": accounts_of(projects).waiting,
        "days": days,
        "all_days": ACCOUNTED_DAYS,
    }
    return render(request, "administration/accounting.html", context)


@administrator_page
def job_list(request: PageRequest) -> HttpResponse:
    """What failed in the workers, and whether it went well since."""
    jobs = FailedJob.objects.filter(times__gt=0).order_by(F("resolved_at").desc(nulls_first=True), "-last_at", "-id")
    return render(request, "administration/jobs.html", {"page": page_of(request, jobs)})


@administrator_page
@require_POST
def job_change(request: PageRequest, job_id: int) -> HttpResponse:
    """`action` is `run` or `dismiss`."""
    job = get_object_or_404(FailedJob, pk=job_id)
    action = request.POST.get("action")
    if action == "dismiss":
        job.delete()
    elif action == "run" and job.arguments is not None:
        words = "The job runs again; it is marked here when it went well."
        _hand_over(request, lambda: run_again(job), words)
    return redirect("job_list")


@administrator_page
def organization_list(request: PageRequest) -> HttpResponse:
    """All of them; POST makes one, whose owner one becomes."""
    form = NewOrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organization = create_organization(form.cleaned_data["name"], request.user)
        messages.success(request, f"There is a new organization: {organization.name}.")
        return redirect("project_list", organization.slug)
    organizations = Organization.objects.annotate(
        member_count=Count("memberships", distinct=True), project_count=Count("projects", distinct=True)
    ).order_by("name", "id")
    context = {"page": page_of(request, organizations), "form": form}
    return render(request, "administration/organizations.html", context)


@administrator_page
def user_list(request: PageRequest) -> HttpResponse:
    return _show_users(request)


def _show_users(request: PageRequest, **shown_once: object) -> HttpResponse:
    has_two_factor = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP))
    users = User.objects.annotate(organization_count=Count("memberships"), has_two_factor=has_two_factor)
    page = page_of(request, users.order_by("email"))
    return render(request, "administration/users.html", {"page": page, **shown_once})


@administrator_page
@require_POST
def user_change(request: PageRequest, user_id: int) -> HttpResponse:
    """`action` is `reset_password`, `reset_two_factor`, `deactivate` or `activate`; nobody deactivates themselves."""
    user = get_object_or_404(User, pk=user_id)
    action = request.POST.get("action")
    if action == "reset_password":
        return _show_users(request, reset_link=password_reset_link(user), reset_user=user)
    if action == "reset_two_factor":
        Authenticator.objects.filter(user=user).delete()
        messages.success(request, f"{user} signs in with the password alone now.")
    elif action in ("activate", "deactivate") and user != request.user:
        user.is_active = action == "activate"
        user.save(update_fields=["is_active"])
        messages.success(request, f"{user} {'may sign in again' if user.is_active else 'can no longer sign in'}.")
    return redirect("user_list")
