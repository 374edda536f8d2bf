"""What becomes of a claimed job, and of the scheduled tasks that fail: kept in its row and shown to administrators."""

import logging
from datetime import datetime
from typing import Any

from django.db import Error, transaction
from django.utils import timezone

from tracker.jobs.backoff import WORK_BACKOFF, Backoff, describe
from tracker.jobs.claims import LOST, Claim
from tracker.jobs.kinds import identity_of, restart
from tracker.jobs.notices import tell_of_failed_job
from tracker.jobs.wakeup import wake
from tracker.models import Job, JobStatus, Queue

logger = logging.getLogger(__name__)


def finish(claimed: Claim[Job], now: datetime) -> None:
    """All of it is done."""
    claimed.update(status=JobStatus.DONE, locked_until=None, finished_at=now, updated_at=now, attempts=0)


def fail(claimed: Claim[Job], error: Exception, backoff: Backoff, now: datetime) -> None:
    """Keep the failure and plan the next attempt, if there is one. Never raises.

    The database may be what failed: then nothing more is heard of the claim, and it is lost like that of a dead worker.
    """
    text, lines = describe(error)
    try:
        _end_attempt(claimed, text, lines, backoff, now)
    except Error:
        logger.exception("the failure of %s could not be kept", claimed.row.kind)


def note_loss(claimed: Claim[Job], backoff: Backoff, now: datetime) -> bool:
    """Count the attempt of which nothing was heard as a failure; whether there are attempts left."""
    row = claimed.row
    row.failures += 1
    if backoff.is_over(row.attempts - 1):
        told = {"failures": row.failures, "attempts": row.attempts - 1, "last_error": LOST, "updated_at": now}
        _give_up(claimed, now, **told)
        return False
    return claimed.update(failures=row.failures, last_error=LOST)


def _end_attempt(claimed: Claim[Job], text: str, lines: str, backoff: Backoff, now: datetime) -> None:
    row = claimed.row
    told = {"failures": row.failures + 1, "last_error": text, "traceback": lines, "updated_at": now}
    with transaction.atomic():
        if backoff.is_over(row.attempts):
            _give_up(claimed, now, payload=row.payload, **told)
        else:
            claimed.release(now + backoff.pause(row.attempts), payload=row.payload, **told)


def _give_up(claimed: Claim[Job], now: datetime, **told: Any) -> None:
    with transaction.atomic():
        if claimed.give_up(**told):
            tell_of_failed_job(claimed.row, told["last_error"], now)


def run_again(row: Job) -> None:
    """Have a job run again now, whatever became of it. Raises ValueError where its schedule does that by itself."""
    if row.payload is None:
        raise ValueError("this runs by its schedule")
    restart(row, timezone.now())
    wake(row.queue)


def note_task_failure(kind: str, queue: Queue, error: BaseException, now: datetime) -> None:
    """Count the failure of a task that its schedule starts again by itself. Never raises."""
    text, lines = describe(error)
    try:
        with transaction.atomic():
            row, _ = Job.objects.select_for_update().get_or_create(
                identity=identity_of(kind, ()), defaults={"kind": kind, "created_at": now}
            )
            if row.status == JobStatus.DONE:
                row.created_at, row.attempts, row.failures, row.finished_at = now, 0, 0, None
            row.queue, row.attempts, row.failures = queue, row.attempts + 1, row.failures + 1
            row.status = JobStatus.FAILED if WORK_BACKOFF.is_over(row.attempts) else JobStatus.WAITING
            row.updated_at, row.run_at, row.last_error, row.traceback = now, now, text, lines
            row.save()
            if row.status == JobStatus.FAILED:
                tell_of_failed_job(row, text, now)
    except Error:
        logger.exception("the failure of %s could not be kept", kind)


def note_task_success(kind: str, now: datetime) -> None:
    """A task that its schedule starts went well. Raises database errors."""
    Job.objects.filter(identity=identity_of(kind, ())).exclude(status=JobStatus.DONE).update(
        status=JobStatus.DONE, finished_at=now, attempts=0
    )
