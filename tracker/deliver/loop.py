"""Delivers what is due, some at once, in threads of the worker's process.

They wait for other machines nearly all the time, so that they take nothing from the digest beside them, and no receiver
that hangs keeps anybody but its own messages waiting. Nothing runs and no connection is open while nothing is due.
"""

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import Error, connection
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from tracker.deliver.attempts import deliver
from tracker.deliver.kinds import MESSAGE_KINDS
from tracker.jobs.backoff import DELIVER_BACKOFF
from tracker.jobs.claims import claim, due
from tracker.jobs.failures import fail, finish, note_loss
from tracker.jobs.kinds import KINDS
from tracker.models import Job, OutboxMessage, Queue
from tracker.models.jobs import PENDING, Claimable

logger = logging.getLogger(__name__)

MAX_THREADS = 4
MAX_PER_TARGET = 2
"""Threads that one target may hold, so that a receiver that hangs leaves some for the others."""
LOCK = timedelta(seconds=60)
"""Longer than an attempt may take."""
SHORTEST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 60.0
REST_SECONDS = 2.0
"""After the database was away."""


@dataclass(slots=True, frozen=True)
class Delivery:
    """Something claimed: `target` says where it may hang."""

    target: str
    run: Callable[[], None]


def is_any_due(now: datetime) -> bool:
    return due(_messages(()), now).exists() or due(_jobs(()), now).exists()


def claim_delivery(now: datetime, but: Collection[str] = ()) -> Delivery | None:
    """What has waited longest and goes to none of these targets. Raises database errors."""
    message = claim(_messages(but), now, lambda attempts: LOCK)
    if message is not None:
        return Delivery(message.row.target, partial(deliver, message))
    job = claim(_jobs(but), now, lambda attempts: LOCK)
    if job is None:
        return None

    def run() -> None:
        if job.was_lost and not note_loss(job, DELIVER_BACKOFF, timezone.now()):
            return
        try:
            for _ in KINDS[job.row.kind].steps(*(job.row.payload or [])):
                pass
        except Exception as error:
            fail(job, error, DELIVER_BACKOFF, timezone.now())
        else:
            finish(job, timezone.now())

    return Delivery(job.row.kind, run)


def _messages(but: Collection[str]) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(kind__in=MESSAGE_KINDS).exclude(target__in=but)


def _jobs(but: Collection[str]) -> QuerySet[Job]:
    return Job.objects.filter(queue=Queue.DELIVER, kind__in=KINDS, payload__isnull=False).exclude(kind__in=but)


def _next_at(rows: "QuerySet[Claimable]") -> datetime | None:
    """When the next of them is due; those that are locked, when their lock ends."""
    pending = rows.filter(status__in=PENDING)
    found = pending.aggregate(waiting=Min("run_at", filter=Q(locked_until=None)), locked=Min("locked_until"))
    return min((at for at in found.values() if at is not None), default=None)


class Deliverer:
    """The threads of one process."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._in_hand: Counter[str] = Counter()
        self._pid = 0
        self._is_stopping = False

    def wake(self) -> None:
        """Look now for what is due; the first call starts the threads."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid, self._is_stopping = os.getpid(), False
                threading.Thread(target=self._run, name="deliver", daemon=True).start()
        self._wanted.set()

    def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait as long for what is being delivered; what is left is due after its lock."""
        self._is_stopping = True
        self._wanted.set()
        ends_at = timezone.now() + timedelta(seconds=seconds)
        while self._in_hand.total() and timezone.now() < ends_at:
            self._wanted.wait(SHORTEST_WAIT_SECONDS)
            self._wanted.clear()

    def _run(self) -> None:
        pause = 0.0
        while True:
            self._wanted.wait(pause)
            if self._is_stopping:
                return
            self._wanted.clear()
            try:
                while self._begin_next():
                    pass
                pause = self._seconds_to_next()
            except Error as away:
                logger.warning("nothing can be delivered while the database takes nothing: %s", away)
                pause = REST_SECONDS
            finally:
                connection.close()

    def _begin_next(self) -> bool:
        """Claim something and begin it; whether there was a free thread and something due."""
        full = self._full_targets()
        if full is None or self._is_stopping:
            return False
        delivery = claim_delivery(timezone.now(), full)
        if delivery is None:
            return False
        with self._lock:
            self._in_hand[delivery.target] += 1
        threading.Thread(target=self._deliver, args=(delivery,), name="delivery", daemon=True).start()
        return True

    def _full_targets(self) -> list[str] | None:
        """Targets that have as many threads as one may have; None where no thread is free."""
        with self._lock:
            if self._in_hand.total() >= MAX_THREADS:
                return None
            return [target for target, count in self._in_hand.items() if count >= MAX_PER_TARGET]

    def _deliver(self, delivery: Delivery) -> None:
        try:
            delivery.run()
        except Exception:
            logger.exception("what came of a delivery to %s could not be kept; it is tried again", delivery.target)
        finally:
            connection.close()
            with self._lock:
                self._in_hand[delivery.target] -= 1
                self._in_hand += Counter()
            self._wanted.set()

    def _seconds_to_next(self) -> float:
        """How long nothing is due; where no thread is free, until one is."""
        full = self._full_targets()
        if full is None:
            return LONGEST_WAIT_SECONDS
        soonest = [at for at in (_next_at(_messages(full)), _next_at(_jobs(full))) if at is not None]
        if not soonest:
            return LONGEST_WAIT_SECONDS
        left = (min(soonest) - timezone.now()).total_seconds()
        return min(max(left, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)


deliverer = Deliverer()
"""Of this process."""
