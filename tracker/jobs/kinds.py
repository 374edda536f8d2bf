"""The kinds of jobs, and how one is asked for."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone

from tracker.jobs.backoff import DELIVER_BACKOFF, WORK_BACKOFF, Backoff
from tracker.jobs.wakeup import wake
from tracker.models import Job, JobStatus, Queue

Steps = Iterator[object]
"""Yields after each short step that changed something, or a `Resume`: a time slice may end there. The next one begins
at the last `Resume` and finds by itself what is still to be done."""

BACKOFFS: dict[str, Backoff] = {Queue.WORK: WORK_BACKOFF, Queue.DELIVER: DELIVER_BACKOFF}


@dataclass(slots=True, frozen=True)
class Resume:
    """Yielded by a job: the arguments with which the rest of it begins."""

    arguments: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class JobKind:
    """Something that can be asked for; harmless when it is done again."""

    name: str
    steps: Callable[..., Steps]
    queue: Queue = Queue.WORK

    def request(self, *arguments: Any) -> None:
        """Have it done, or done again, once the caller's transaction is committed. Lists and numbers only."""
        request(self.name, *arguments, queue=self.queue)

    def ensure(self, *arguments: Any) -> None:
        """Have it done unless that is on its way already; what was given up gets a chance in each hour."""
        now = timezone.now()
        with transaction.atomic():
            row, is_new = _row(self.name, arguments, self.queue, now)
        longest = BACKOFFS[self.queue].longest
        if is_new:
            transaction.on_commit(lambda: wake(self.queue))
        elif row.status == JobStatus.DONE or (row.status == JobStatus.FAILED and row.updated_at < now - longest):
            self.request(*arguments)


KINDS: dict[str, JobKind] = {}
"""What the workers of this process can do, by name."""


def job(name: str, *, queue: Queue = Queue.WORK) -> Callable[[Callable[..., Steps]], JobKind]:
    """Make a generator a kind of job. The name stands in rows, so that it stays when code moves."""

    def register(steps: Callable[..., Steps]) -> JobKind:
        KINDS[name] = JobKind(name, steps, queue)
        return KINDS[name]

    return register


def request(kind: str, *arguments: Any, queue: Queue = Queue.WORK) -> None:
    """Ask by its name for a kind that another package does: see `JobKind.request`."""
    now = timezone.now()
    with transaction.atomic():
        row, is_new = _row(kind, arguments, queue, now)
        if not is_new:
            afresh = {"failures": 0, "last_error": "", "created_at": now} if row.status == JobStatus.DONE else {}
            restart(row, now, payload=list(arguments), **afresh)
    transaction.on_commit(lambda: wake(queue))


def restart(row: Job, now: datetime, **values: Any) -> None:
    """Let it begin again. A worker that has it cannot end it any more: it may not know what is asked for now."""
    again = {"status": JobStatus.WAITING, "attempts": 0, "run_at": now, "locked_until": None, "finished_at": None}
    Job.objects.filter(pk=row.pk).update(**again, **values)


def _row(kind: str, arguments: tuple[Any, ...], queue: Queue, now: datetime) -> tuple[Job, bool]:
    """The row of what is asked for, locked; and whether it is new."""
    values = {"kind": kind, "queue": queue, "payload": list(arguments)}
    times = {"created_at": now, "updated_at": now, "run_at": now}
    return Job.objects.select_for_update().get_or_create(identity=identity_of(kind, arguments), defaults=values | times)


def identity_of(kind: str, arguments: tuple[Any, ...]) -> str:
    return sha256(f"{kind}{json.dumps(arguments)}".encode()).hexdigest()
