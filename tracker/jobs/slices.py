"""Work that may take long, done a time slice at a time, so that no event ever waits for more than a moment behind it.

A row holds what is to be done from the transaction that asks for it until it is done; Celery's messages only call for
the next time slice. At most one such message waits, so that whatever else a worker has to do gets its turn in between.
A worker that dies, or a message that gets lost, costs a pause and not the work.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from tracker.jobs.backoff import MAX_PAUSE, MAX_TRIES, describe, pause_before
from tracker.jobs.celery import app
from tracker.jobs.wakeup import open_flag
from tracker.models import FailedJob

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.02
"""A time slice ends with the first step that is over after so long."""
TASK = "tracker.serve.tasks.work"
FLAG = "work-called"
EXPIRES_SECONDS = 60
IN_HAND = "A worker took it up and never said what became of it: it was killed, or the machine stopped."
"""Written before each time slice and taken back after it."""

COMMITS = {
    "sqlite": ("PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL"),
    "postgresql": ("SET synchronous_commit = off", "RESET synchronous_commit"),
}

Steps = Iterator[object]
"""Yields after each short step that changed something, or a `Resume`: a time slice may end there. The next one begins
at the last `Resume` and finds by itself what is still to be done."""


@dataclass(slots=True, frozen=True)
class Resume:
    """Yielded by a job: the arguments with which the rest of it begins."""

    arguments: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class Job:
    """Something that can be asked for; harmless when it is done again."""

    name: str
    steps: Callable[..., Steps]

    def request(self, *arguments: Any) -> None:
        """Have it done, or done again, once the caller's transaction is committed. Lists and numbers only."""
        now = timezone.now()
        with transaction.atomic():
            row, is_new = self._row(arguments, now)
            if not is_new:
                row.times = 0 if row.resolved_at else row.times
                row.error = "" if row.error == IN_HAND else row.error
                # Anyone who has it in hand cannot end it any more: what is asked for now may be news to them.
                row.arguments, row.tries, row.retry_at, row.resolved_at = [list(arguments), {}], 0, now, None
                row.save()
        transaction.on_commit(call)

    def ensure(self, *arguments: Any) -> None:
        """Have it done, unless that is being seen to already; what has failed for good gets a chance in each hour."""
        with transaction.atomic():
            row, is_new = self._row(arguments, timezone.now())
        if is_new:
            transaction.on_commit(call)
        elif row.resolved_at is not None or (row.retry_at is None and row.last_at < timezone.now() - MAX_PAUSE):
            self.request(*arguments)

    def _row(self, arguments: tuple[Any, ...], now: datetime) -> tuple[FailedJob, bool]:
        identity = sha256(f"{self.name}{json.dumps(arguments)}".encode()).hexdigest()
        values = {"task": self.name, "arguments": [list(arguments), {}], "first_at": now, "retry_at": now}
        return FailedJob.objects.select_for_update().get_or_create(identity=identity, defaults=values)


JOBS: dict[str, Job] = {}


def job(steps: Callable[..., Steps]) -> Job:
    """Make a generator a job, called by its module and name."""
    made = Job(f"{steps.__module__}.{steps.__name__}", steps)
    JOBS[made.name] = made
    return made


def call() -> None:
    """Send for a worker unless a message waits. Never raises: a sweep makes up for it."""
    try:
        flag = open_flag(FLAG)
        if flag.raise_():
            app.send_task(TASK, expires=EXPIRES_SECONDS, retry=False)
    except Exception as error:
        logger.warning("no worker could be called, the next sweep takes its place: %s", error)


def answer_call() -> None:
    """A worker is there: anyone who calls from now on sends again."""
    open_flag(FLAG).lower()


def is_due(now: datetime) -> bool:
    return _due(now).exists()


def run_slice(now: datetime) -> bool:
    """Go on with what has waited longest, for a moment; returns whether more is due. Raises database errors."""
    with _unhurried_commits():
        held = _take_up(now)
        if held is None:
            return False
        try:
            is_done = held.batch()
        except Exception as error:
            held.fail(error, now)
        else:
            if is_done:
                held.finish(now)
            else:
                held.put_back(now)
        return is_due(now)


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


def _due(now: datetime) -> QuerySet[FailedJob]:
    return FailedJob.objects.filter(
        task__in=JOBS, retry_at__lte=now, resolved_at=None, arguments__isnull=False
    ).order_by("retry_at", "pk")


def _take_up(now: datetime) -> "_Held | None":
    """The next row, planned to be taken up again after a pause should nothing be heard of this time slice."""
    for row in _due(now):
        was_lost = row.error == IN_HAND
        until = now + pause_before(row.tries) if row.tries < MAX_TRIES else None
        claimed = FailedJob.objects.filter(pk=row.pk, retry_at=row.retry_at).update(
            tries=row.tries + 1, retry_at=until, times=row.times + was_lost, last_at=now, error=IN_HAND
        )
        if claimed and until is not None:
            return _Held(row, until, "" if was_lost else row.error)
    return None


@dataclass(slots=True)
class _Held:
    row: FailedJob
    until: datetime
    error_before: str

    def batch(self) -> bool:
        """Returns whether all is done."""
        deadline = time.monotonic() + SLICE_SECONDS
        arguments = (self.row.arguments or [[]])[0]
        for step in JOBS[self.row.task].steps(*arguments):
            if isinstance(step, Resume):
                self.row.arguments = [list(step.arguments), {}]
            if time.monotonic() >= deadline:
                return False
        return True

    def put_back(self, now: datetime) -> None:
        """It goes on, behind whatever else is due."""
        self._update(retry_at=now, tries=0, error=self.error_before, arguments=self.row.arguments)

    def finish(self, now: datetime) -> None:
        """What had never failed leaves no trace."""
        self._mine().filter(times=0).delete()
        self._update(retry_at=None, resolved_at=now, error=self.error_before)

    def fail(self, error: Exception, now: datetime) -> None:
        """Count and keep the failure. Never raises: the database may be what failed, then the row says `IN_HAND`."""
        text, lines = describe(error)
        try:
            self._update(
                times=F("times") + 1,
                last_at=now,
                error=text,
                traceback=lines,
                retry_at=self.until if self.row.tries + 1 < MAX_TRIES else None,
                arguments=self.row.arguments,
            )
        except Error:
            logger.exception("the failure of %s could not be kept", self.row.task)

    def _mine(self) -> QuerySet[FailedJob]:
        """The row, unless it was asked for again, dismissed, or taken up by another worker meanwhile."""
        return FailedJob.objects.filter(pk=self.row.pk, retry_at=self.until)

    def _update(self, **values: Any) -> None:
        self._mine().update(**values)
