"""Client keys of a project: their DSNs, whether they may send, and how much."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tracker.accounts.access import Power
from tracker.issues.deletion import delete_project_or_queue
from tracker.models import Project, ProjectKey, RateLimit
from tracker.projects.registry import create_key, delete_key, dsn_of, limit_key, raise_version, set_key_active
from web.forms.projects import (
    LIMITED_CATEGORIES,
    DeletionForm,
    KeyForm,
    ProjectForm,
    RateLimitForm,
    RetentionForm,
    ScrubbingForm,
)
from web.guards import project_page, require
from web.responses import PageRequest, page_of


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
        messages.success(request, delete_project_or_queue(project))
        return redirect("project_list", project.organization.slug)
    return render(request, "settings/delete_project.html", {"project": project, "form": form})


def _draft_of(project: Project) -> Project:
    """A copy for a form to write on, so that refused values do not show in the page's frame."""
    return Project.objects.select_related("organization").get(pk=project.pk)


WINDOW_WORDS = {60: "a minute", 3600: "an hour", 86400: "a day"}


@dataclass(slots=True, frozen=True)
class LimitRow:
    """A rate limit as the page says it."""

    category: str
    limit: int
    window: str


@dataclass(slots=True, frozen=True)
class KeyRow:
    key: ProjectKey
    dsn: str
    limits: list[LimitRow]


@project_page
def key_list(request: PageRequest, project: Project) -> HttpResponse:
    form = KeyForm(request.POST or None, initial={"label": ""})
    if request.method == "POST":
        require(request, project.organization, Power.CONFIGURE)
        if form.is_valid():
            create_key(project, form.cleaned_data["label"])
            messages.success(request, "The key is created.")
            return redirect("key_list", project.organization.slug, project.slug)
    return _show(request, project, form, RateLimitForm())


def _show(request: PageRequest, project: Project, form: KeyForm, limit_form: RateLimitForm) -> HttpResponse:
    keys = project.keys.select_related("project").prefetch_related("rate_limits").order_by("id")
    context = {
        "project": project,
        "page": page_of(request, keys).map(lambda rows: [_row(key) for key in rows]),
        "form": form,
        "limit_form": limit_form,
    }
    return render(request, "settings/keys.html", context)


def _row(key: ProjectKey) -> KeyRow:
    return KeyRow(key, dsn_of(key), [_say(limit) for limit in key.rate_limits.all()])


def _say(limit: RateLimit) -> LimitRow:
    window = WINDOW_WORDS.get(limit.window_seconds, f"{limit.window_seconds} seconds")
    return LimitRow(LIMITED_CATEGORIES.get(limit.category, limit.category), limit.limit, window)


@project_page(needs=Power.CONFIGURE)
@require_POST
def key_change(request: PageRequest, project: Project, key_id: int) -> HttpResponse:
    """`action` is `rename`, `enable`, `disable`, `limit` or `delete`."""
    key = get_object_or_404(ProjectKey.objects.select_related("project"), project=project, pk=key_id)
    action = request.POST.get("action")
    if action in ("enable", "disable"):
        set_key_active(key, action == "enable")
        messages.success(request, f"“{key.label}” may {'send again' if action == 'enable' else 'no longer send'}.")
    elif action == "rename" and (form := KeyForm(request.POST, instance=key)).is_valid():
        form.save()
    elif action == "delete":
        delete_key(key)
        messages.success(request, f"“{key.label}” is deleted. What came in with it stays.")
    elif action == "limit":
        limit_form = RateLimitForm(request.POST)
        if not limit_form.is_valid():
            return _show(request, project, KeyForm(initial={"label": ""}), limit_form)
        values = limit_form.cleaned_data
        limit_key(key, values["category"], values["limit"], values["window_seconds"])
        messages.success(request, "The limit is active within ten seconds.")
    return redirect("key_list", project.organization.slug, project.slug)
