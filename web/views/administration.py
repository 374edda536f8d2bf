"""The installation itself, for administrators; for everybody else these pages do not exist."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tracker.accounts.people import create_organization, password_reset_link
from tracker.health.installation import examine
from tracker.jobs.failures import run_again
from tracker.jobs.kinds import request as request_job
from tracker.models import DeadLetter, Job, JobStatus, Organization, Project, User
from tracker.outcomes.account import accounts_of, balances_of, discards_of, reasons_of
from web.forms.organizations import NewOrganizationForm
from web.guards import administrator_page
from web.responses import PageRequest, page_of, render_page

ACCOUNTED_DAYS = (1, 7, 30)
USUAL_DAYS = 7
RETRY_KIND = "retry-dead-letter"
"""Named as text: the web app does not know the ingest endpoint."""

JOB_ORDER: dict[str, tuple[str, ...]] = {
    JobStatus.WAITING: ("run_at", "pk"),
    JobStatus.RUNNING: ("run_at", "pk"),
    JobStatus.FAILED: ("-updated_at", "-pk"),
    JobStatus.DONE: ("-finished_at", "-pk"),
}


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
        request_job(RETRY_KIND, entry.pk)
        messages.success(request, "The entry goes through the spool again; it leaves this list when it has.")
    return redirect("dead_letter_list")


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
    """Jobs of one status: what failed, unless `?status=` says otherwise."""
    asked = request.GET.get("status")
    status = JobStatus(asked) if asked in JobStatus.values else JobStatus.FAILED
    counts = dict(Job.objects.order_by().values_list("status").annotate(Count("pk")))
    context = {
        "page": page_of(request, Job.objects.filter(status=status).order_by(*JOB_ORDER[status])),
        "status": status,
        "counts": [(each, counts.get(each, 0)) for each in JobStatus],
    }
    return render(request, "administration/jobs.html", context)


@administrator_page
@require_POST
def job_change(request: PageRequest, job_id: int) -> HttpResponse:
    """`action` is `run` or `dismiss`."""
    job = get_object_or_404(Job, pk=job_id)
    action = request.POST.get("action")
    if action == "dismiss":
        job.delete()
        messages.success(request, "The job is dismissed.")
    elif action == "run" and job.payload is not None:
        run_again(job)
        messages.success(request, "The job runs again.")
    return redirect(f"{reverse('job_list')}?status={job.status}")


@administrator_page
def organization_list(request: PageRequest) -> HttpResponse:
    """All of them; POST makes one, whose owner one becomes."""
    form = NewOrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organization = create_organization(form.cleaned_data["name"], request.user)
        messages.success(request, f"{organization.name} is created.")
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
