"""Tasks that failed: kept in a row, tried again later and later, and shown until they went well.

The row holds the retry, not the broker: a message that waits in a worker would die with it. What is asked for by people
or takes long is in such a row from the beginning: see `tracker.jobs.slices`.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import Error, transaction
from django.db.models import F
from django.utils import timezone

from tracker.jobs.backoff import MAX_TRIES, describe, pause_before
from tracker.jobs.celery import app
from tracker.jobs.slices import JOBS, call
from tracker.models import FailedJob

logger = logging.getLogger(__name__)

MAX_KEPT = 200
MAX_ARGUMENTS_LENGTH = 100_000

JOBS_PER_BATCH = 20
JOB_HEADER = "failed_job"
"""The message of a retry says by it which row it belongs to."""


def note_failure(
    task: str, args: Sequence[Any], kwargs: dict[str, Any], error: BaseException, now: datetime
) -> FailedJob | None:
    """Count the failure and plan the next try. Never raises: the database may be what failed; then the answer is None.

    A job that had gone well since begins again.
    """
    text, lines = describe(error)
    arguments = json.dumps([list(args), kwargs], default=str)
    values = {"arguments": json.loads(arguments) if len(arguments) <= MAX_ARGUMENTS_LENGTH else None, "first_at": now}
    identity = sha256(f"{task}{arguments}".encode()).hexdigest()
    try:
        with transaction.atomic():
            job, _ = FailedJob.objects.select_for_update().get_or_create(
                identity=identity, defaults={"task": task[:200], **values}
            )
            is_new = job.times == 0 or job.resolved_at is not None
            if is_new:
                job.tries, job.resolved_at, job.first_at = 0, None, now
                job.retry_at = None if job.arguments is None else now + pause_before(0)
            job.times, job.last_at, job.error, job.traceback = job.times + 1, now, text, lines
            job.save()
            _forget_oldest()
    except Error:
        logger.exception("the failure of %s could not be kept", task)
        return None
    return job


def note_success(job_id: int, now: datetime) -> None:
    """A job that had failed went well."""
    FailedJob.objects.filter(pk=job_id).update(resolved_at=now, retry_at=None)


def retry_due(now: datetime) -> int:
    """Start again the tasks whose time has come; returns how many. Raises what the broker raises.

    Work in time slices is left to `tracker.jobs.slices`. The next try is planned before this one is sent, so that a
    message that gets lost costs a pause and not the task.
    """
    due = FailedJob.objects.filter(retry_at__lte=now, resolved_at=None, arguments__isnull=False)
    started = 0
    for job in due.exclude(task__in=JOBS).order_by("retry_at")[:JOBS_PER_BATCH]:
        tries = job.tries + 1
        retry_at = now + pause_before(tries) if tries < MAX_TRIES else None
        claimed = FailedJob.objects.filter(pk=job.pk, retry_at=job.retry_at).update(tries=tries, retry_at=retry_at)
        if claimed:
            run_again(job)
            started += 1
    return started


def run_again(job: FailedJob) -> None:
    """Hand the job to a worker. Raises ValueError where its arguments were not kept, and what the broker raises."""
    if job.arguments is None:
        raise ValueError("the arguments of this job were too long to be kept")
    if job.task in JOBS:
        FailedJob.objects.filter(pk=job.pk).update(retry_at=timezone.now(), resolved_at=None, tries=0)
        call()
        return
    args, kwargs = job.arguments
    app.send_task(job.task, args=args, kwargs=kwargs, headers={JOB_HEADER: job.pk}, retry=False)


def _forget_oldest() -> None:
    failed = FailedJob.objects.exclude(task__in=JOBS, resolved_at=None)
    kept = failed.order_by(F("resolved_at").desc(nulls_first=True), "-last_at", "-pk")
    failed.exclude(pk__in=list(kept.values_list("pk", flat=True)[:MAX_KEPT])).delete()
