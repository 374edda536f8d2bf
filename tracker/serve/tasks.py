"""Celery tasks of the domain: load, one call."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from celery.signals import task_failure, task_success
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from tracker.deletion.jobs import apply_retention
from tracker.issues.actions import bring_back_archived
from tracker.jobs.failed import JOB_HEADER, note_failure, note_success, retry_due
from tracker.jobs.slices import answer_call, call, is_due, run_slice
from tracker.similar.suggestions import compare_issues, is_any_new

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 30
"""The pause where not even a row could be kept of a failure, so that the message itself must wait."""


@task_failure.connect
def keep_failure(
    sender: "Task[..., object]", exception: BaseException, args: Sequence[Any], kwargs: dict[str, Any], **_: object
) -> None:
    """Failures of every package's tasks are kept, tried again and shown to the administrator."""
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
