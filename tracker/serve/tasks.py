"""Celery tasks of the domain: load, one call."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from celery.signals import task_failure, task_success
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from tracker.deletion.cascade import removal_of_issues, removal_of_organization, removal_of_project
from tracker.deletion.retention import retention_steps
from tracker.issues.actions import bring_back_archived
from tracker.jobs.failed import JOB_HEADER, note_failure, note_success, retry_due
from tracker.jobs.slices import Steps, answer_call, call, is_due, job, run_slice
from tracker.models import Issue, Organization, Project
from tracker.similar.suggestions import comparison, is_any_new

logger = logging.getLogger(__name__)

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
    """Start again what failed, when its pause is over, and call for the work that waits."""
    now = timezone.now()
    retry_due(now)
    if is_due(now):
        call()


@shared_task
def work() -> None:
    """Take a time slice of the work that waits; what remains is called for again, behind what others have to do."""
    answer_call()
    try:
        if run_slice(timezone.now()):
            call()
    except (OperationalError, InterfaceError) as away:
        logger.warning("the database takes nothing, work waits for the next sweep: %s", away)


@shared_task
def start_retention() -> None:
    """Ensure that what is past its time goes."""
    apply_retention.ensure()


@shared_task
def suggest_duplicates() -> None:
    """Ensure that new issues are compared with the others."""
    if is_any_new():
        compare_issues.ensure()


@shared_task
def reopen_archived() -> None:
    """Bring back archived issues whose date has come."""
    bring_back_archived(timezone.now())


@job
def apply_retention(project_id: int = 0, step: int = 0, issue_id: int = 0) -> Steps:
    """Remove what is past its time."""
    yield from retention_steps(timezone.now(), project_id, step, issue_id)


@job
def compare_issues() -> Steps:
    """Look for similar issues of new issues."""
    yield from comparison(timezone.now())


@job
def delete_project(project_id: int) -> Steps:
    """Delete a project with everything in it; one that is gone already is no error."""
    project = Project.objects.filter(pk=project_id).first()
    if project is not None:
        yield from removal_of_project(project)


@job
def delete_organization(organization_id: int) -> Steps:
    """Delete an organization with all its projects; one that is gone already is no error."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is not None:
        yield from removal_of_organization(organization)


@job
def delete_issues_by_id(ids: list[int]) -> Steps:
    """Delete issues with all their events; those that are gone already are no error."""
    yield from removal_of_issues(Issue.objects.filter(pk__in=ids))
