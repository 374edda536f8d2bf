"""The worker's side of receiving: a task that empties the spool, and a job that puts a dead letter back into it."""

import logging
import time
from contextlib import closing
from dataclasses import dataclass
from functools import cache

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from ingest.digest.dead_letters import retry
from ingest.digest.loop import DatabaseAway, Digester
from ingest.digest.watchdog import Watchdog
from tracker.jobs.heartbeat import open_heartbeat
from tracker.jobs.kinds import Steps, job
from tracker.jobs.wakeup import send_wake_up, take_wake_up, wake
from tracker.models import DeadLetter, Queue
from tracker.spool import SpoolUnavailable, open_spool

logger = logging.getLogger(__name__)

RUN_SECONDS = 0.5
"""After that others get their turn, even where more comes in than can be digested."""


REST_SECONDS = 1.0
"""After an outage was met, wake-ups are passed over for as long; the next sweep is not far."""


@dataclass(slots=True)
class _Outage:
    """Whether database or spool were away at the last try; the log hears of its beginning and its end."""

    is_on: bool = False
    rests_until: float = 0.0

    def meet(self, reason: Exception) -> None:
        self.rests_until = time.monotonic() + REST_SECONDS
        if not self.is_on:
            logger.warning("nothing can be digested, sweeps go on trying: %s", reason)
        self.is_on = True

    def end(self) -> None:
        if self.is_on:
            logger.warning("the digest works again")
        self.is_on = False


_outage = _Outage()


@cache
def _digester() -> Digester:
    spool = open_spool()
    return Digester(spool, Watchdog(settings.WORKERS_DIR, spool.worker, settings.DIGEST_HARD_SECONDS))


@shared_task
def digest_spool() -> None:
    """Digest until the spool is empty; woken by the ingest endpoint, and swept by beat."""
    if time.monotonic() < _outage.rests_until:
        return
    try:
        take_wake_up(Queue.DIGEST)
        open_heartbeat().beat()
        is_empty = _digester().run(RUN_SECONDS)
        _outage.end()
        if not is_empty:
            send_wake_up(Queue.DIGEST)
    except (DatabaseAway, SpoolUnavailable) as away:
        _outage.meet(away)


@job("retry-dead-letter")
def retry_dead_letter(entry_id: int) -> Steps:
    """Send a dead letter through the spool again; one that is gone is no error. Raises what the spool raises."""
    kept = DeadLetter.objects.filter(pk=entry_id).first()
    if kept is not None:
        with closing(open_spool()) as spool:
            retry(kept, spool)
        wake(Queue.DIGEST)
    yield None


@worker_ready.connect
def sweep_at_start(**_: object) -> None:
    """What was left in the spool is not left until the first sweep, nor is readiness."""
    try:
        take_wake_up(Queue.DIGEST)
        send_wake_up(Queue.DIGEST)
    except Exception as error:
        logger.warning("no wake-up could be sent, the next sweep takes its place: %s", error)
