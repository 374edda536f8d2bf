"""Notices to administrators: an outbox message, which `tracker.deliver` hands out to each of them."""

from datetime import datetime, timedelta

from django.db import transaction

from tracker.jobs.wakeup import wake
from tracker.models import Job, OutboxMessage, Queue

NOTICE = "notice"
JOB_FAILED = "job-failed"
DEAD_LETTERS = "dead-letters"
MAX_KEY_LENGTH = 200


def tell_administrators(
    notice: str, key: str, facts: dict[str, object], now: datetime, *, after: timedelta = timedelta()
) -> None:
    """Write what they should know, in the caller's transaction and once for each key. Raises database errors.

    `after` leaves time for more of the same to come, and for what was only a trial to be over.
    """
    message = OutboxMessage(
        kind=NOTICE,
        target=NOTICE,
        recipient="administrators",
        payload={"notice": notice, **facts},
        dedup_key=f"{notice}:{key}"[:MAX_KEY_LENGTH],
        created_at=now,
        run_at=now + after,
    )
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    transaction.on_commit(lambda: wake(Queue.DELIVER))


def tell_of_failed_job(row: Job, error: str, now: datetime) -> None:
    """A job was given up; told once a day for each."""
    tell_administrators(JOB_FAILED, f"{row.pk}:{now:%Y-%m-%d}", {"job": row.pk, "kind": row.kind, "error": error}, now)
