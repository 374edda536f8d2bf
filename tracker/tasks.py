"""Celery tasks of the domain: load, one call."""

from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from celery.signals import task_failure, task_success
from django.conf import settings
from django.utils import timezone

from tracker.groups.suggestions import compare_new_issues
from tracker.jobs import JOB_HEADER, note_failure, note_success, retry_due
from tracker.lifecycle.actions import bring_back_archived, delete_issues
from tracker.models import Issue, Organization, Project
from tracker.removal import remove_organization, remove_project
from tracker.retention import sweep

AGAIN_SECONDS = 30
"""The pause where not even a row could be kept of a failure, so that the message itself must wait."""


@task_failure.connect
def keep_failure(
    sender: "Task[..., object]", exception: BaseException, args: Sequence[Any], kwargs: dict[str, Any], **_: object
) -> None:
    """Failures of every room's tasks are kept, tried again and shown to the administrator."""
    is_periodic = sender.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    if note_failure(sender.name, args, kwargs, exception, timezone.now()) is None and not is_periodic:
        sender.apply_async(tuple(args), kwargs, countdown=AGAIN_SECONDS)


@task_success.connect
def keep_success(sender: "Task[..., object]", **_: object) -> None:
    """A retry that went well is one failure less."""
    job_id = getattr(sender.request, JOB_HEADER, None)
    if job_id is not None:
        note_success(job_id, timezone.now())


@shared_task
def retry_failed_jobs() -> None:
    """Start anew what failed, when its pause is over."""
    retry_due(timezone.now())


@shared_task
def apply_retention() -> None:
    """Remove, in small bites, what is past its time; what one sweep leaves, the next one takes at once."""
    if not sweep(timezone.now()).is_finished:
        apply_retention.delay()


@shared_task
def delete_project(project_id: int) -> None:
    """Delete a project with everything in it; one that is gone already is no error."""
    project = Project.objects.filter(pk=project_id).first()
    if project is not None:
        remove_project(project)


@shared_task
def delete_organization(organization_id: int) -> None:
    """Delete an organization with all its projects; one that is gone already is no error."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is not None:
        remove_organization(organization)


@shared_task
def delete_issues_by_id(ids: list[int]) -> None:
    """Delete issues with all their events; those that are gone already are no error."""
    delete_issues(list(Issue.objects.filter(pk__in=ids).select_related("project")))


@shared_task
def reopen_archived() -> None:
    """Bring back archived issues whose date has come."""
    bring_back_archived(timezone.now())


@shared_task
def suggest_duplicates() -> None:
    """Look for near-duplicates of new issues, for a moment; what one run leaves, the next one takes."""
    compare_new_issues(timezone.now())
