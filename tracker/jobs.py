"""Background work that failed: kept in a row, tried again later and later, and shown until it went well.

The row holds the retry, not the broker: a message that waits in a worker would die with it.
"""

import json
import logging
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import Error, transaction
from django.db.models import F

from tracker.config.celery import app
from tracker.models import FailedJob

logger = logging.getLogger(__name__)

MOST_KEPT = 200
LONGEST_ERROR = 300
LONGEST_TRACEBACK = 10_000
LONGEST_ARGUMENTS = 100_000

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 8
JOBS_AT_ONCE = 20
JOB_HEADER = "failed_job"
"""The message of a retry says by it which row it belongs to."""


def pause_before(tries: int) -> timedelta:
    """How long to wait before the next try, after so many: 10 s, 30 s, 90 s … an hour."""
    return min(FIRST_PAUSE * int(3**tries), LONGEST_PAUSE)


def note_failure(
    task: str, args: Sequence[Any], kwargs: dict[str, Any], error: BaseException, now: datetime
) -> FailedJob | None:
    """Count the failure and plan the next try. Never raises: the database may be what failed; then the answer is None.

    A job that had gone well since begins anew.
    """
    text = f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
    lines = "".join(traceback.format_exception(error)).replace("\0", "")[-LONGEST_TRACEBACK:]
    arguments = json.dumps([list(args), kwargs], default=str)
    values = {"arguments": json.loads(arguments) if len(arguments) <= LONGEST_ARGUMENTS else None, "first_at": now}
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
    """Start anew the jobs whose time has come; answers how many. Raises what the broker raises.

    The next try is planned before this one is sent, so that a message that gets lost costs a pause and not the job.
    """
    due = FailedJob.objects.filter(retry_at__lte=now, resolved_at=None, arguments__isnull=False).order_by("retry_at")
    started = 0
    for job in due[:JOBS_AT_ONCE]:
        tries = job.tries + 1
        retry_at = now + pause_before(tries) if tries < MOST_TRIES else None
        claimed = FailedJob.objects.filter(pk=job.pk, retry_at=job.retry_at).update(tries=tries, retry_at=retry_at)
        if claimed:
            run_again(job)
            started += 1
    return started


def run_again(job: FailedJob) -> None:
    """Hand the job to a worker. Raises ValueError where its arguments were not kept, and what the broker raises."""
    if job.arguments is None:
        raise ValueError("the arguments of this job were too long to be kept")
    args, kwargs = job.arguments
    app.send_task(job.task, args=args, kwargs=kwargs, headers={JOB_HEADER: job.pk}, retry=False)


def _forget_oldest() -> None:
    kept = FailedJob.objects.order_by(F("resolved_at").desc(nulls_first=True), "-last_at", "-pk")
    FailedJob.objects.exclude(pk__in=list(kept.values_list("pk", flat=True)[:MOST_KEPT])).delete()
