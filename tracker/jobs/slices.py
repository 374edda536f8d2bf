"""Work that may take long, done a time slice at a time, so that no event ever waits for more than a moment behind it.

A row holds what is to be done from the transaction that asks for it until it is done; Celery's messages only wake for
the next time slice. At most one such message waits, so that whatever else a worker has to do gets its turn in between.
A worker that dies, or a message that gets lost, costs a pause and not the work.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import Error, connection
from django.db.models import QuerySet

from tracker.jobs.backoff import WORK_BACKOFF
from tracker.jobs.claims import Claim, claim, due
from tracker.jobs.failures import fail, finish, note_loss
from tracker.jobs.kinds import KINDS, Resume
from tracker.models import Job, Queue

SLICE_SECONDS = 0.02
"""A time slice ends with the first step that is over after so long."""

COMMITS = {
    "sqlite": ("PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL"),
    "postgresql": ("SET synchronous_commit = off", "RESET synchronous_commit"),
}


def is_due(now: datetime) -> bool:
    return due(_work(), now).exists()


def run_slice(now: datetime) -> bool:
    """Go on with what has waited longest, for a moment; returns whether more is due. Raises database errors."""
    with _unhurried_commits():
        claimed = claim(_work(), now, WORK_BACKOFF.pause)
        if claimed is None:
            return False
        if not claimed.was_lost or note_loss(claimed, WORK_BACKOFF, now):
            _go_on(claimed, now)
        return is_due(now)


def _work() -> QuerySet[Job]:
    """What this process can do; a kind that only another version knows waits for that one."""
    return Job.objects.filter(queue=Queue.WORK, kind__in=KINDS, payload__isnull=False)


def _go_on(claimed: Claim[Job], now: datetime) -> None:
    try:
        rest = _take_steps(claimed.row)
    except Exception as error:
        fail(claimed, error, WORK_BACKOFF, now)
        return
    if rest is None:
        finish(claimed, now)
    else:
        # Behind whatever else is due; that it got on makes its earlier attempts forgotten.
        claimed.release(now, payload=rest, attempts=0)


def _take_steps(row: Job) -> list[object] | None:
    """Work until the time slice is over; returns the arguments for the rest, or None where all is done."""
    deadline = time.monotonic() + SLICE_SECONDS
    for step in KINDS[row.kind].steps(*(row.payload or [])):
        if isinstance(step, Resume):
            row.payload = list(step.arguments)
        if time.monotonic() >= deadline:
            return list(row.payload or [])
    return None


@contextmanager
def _unhurried_commits() -> Iterator[None]:
    """Commits that do not wait for the disk: a power cut undoes the latest ones in their order, and they are repeated.

    Waiting for the disk is most of what a slice would take, and the next event's commit brings all before it there.
    """
    relax, insist = COMMITS[connection.vendor]
    if connection.in_atomic_block:
        yield
        return
    _execute(relax)
    try:
        yield
    finally:
        with suppress(Error):
            _execute(insist)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
