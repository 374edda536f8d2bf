"""What the children of `serve` do."""

import gc
import logging
import signal
import time
import warnings
from importlib import import_module
from typing import Any

from celery.exceptions import SecurityWarning, WorkerShutdown
from celery.signals import setup_logging, task_postrun, task_prerun, worker_ready
from celery.worker import state
from django.db import connections
from django.urls import get_resolver

from tracker.jobs.celery import app
from tracker.serve.schedule import send_what_is_due, start_sending_what_is_due
from tracker.serve.watches import Pulse
from tracker.serve.web import RSGI
from tracker.storage.connections import limit_database
from tracker.storage.limits import WORK

logger = logging.getLogger(__name__)

DIGEST_GC_THRESHOLDS = (200_000, 50, 100)
MAX_TASK_SECONDS = 600.0
"""Longer than any statement may take; a task that computes for long is a time slice, or ended by its own hard limit."""
MAX_SCHEDULE_SECONDS = 120.0


def load_all() -> None:
    """Import what children need, so that they share the memory of it."""
    # Static files need not be collected.
    warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
    import_module(RSGI)
    _ = get_resolver().url_patterns
    app.loader.import_default_modules()
    app.finalize()
    connections.close_all()


def run_worker(pulse: Pulse) -> None:
    """Work until SIGTERM, one task at a time; what is due is sent, too."""
    # Decoding makes and drops objects by the thousand, hardly ever in cycles: looking for those at every 700 of them
    # took a twelfth of the digest's time.
    gc.set_threshold(*DIGEST_GC_THRESHOLDS)
    limit_database(WORK)
    # The log is set up by Django's settings; Celery would add its own.
    setup_logging.connect(_leave_logging_alone)
    worker_ready.connect(_stop_at_once_when_idle)
    warnings.simplefilter("ignore", SecurityWarning)
    progress = Progress()
    task_prerun.connect(progress.note_task)
    task_postrun.connect(progress.note_no_task)
    pulse.start(progress.is_stuck)
    start_sending_what_is_due(progress.note_schedule)
    worker = app.Worker(
        pool="solo",
        concurrency=1,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel="WARNING",
    )
    worker.start()


def run_beat(pulse: Pulse) -> None:
    """Send what is due until SIGTERM."""
    signal.signal(signal.SIGTERM, _exit)
    progress = Progress()
    pulse.start(progress.is_stuck)
    send_what_is_due(progress.note_schedule)


class Progress:
    """Whether a worker's work goes on, as seen by a thread: one that is stuck says so and is started again."""

    def __init__(self) -> None:
        self._task = ""
        self._task_since = self._scheduled_at = time.monotonic()

    def note_task(self, sender: Any = None, **_: object) -> None:
        self._task_since, self._task = time.monotonic(), str(getattr(sender, "name", sender))

    def note_no_task(self, **_: object) -> None:
        self._task = ""

    def note_schedule(self) -> None:
        self._scheduled_at = time.monotonic()

    def is_stuck(self) -> bool:
        now = time.monotonic()
        if self._task and now - self._task_since > MAX_TASK_SECONDS:
            logger.error("%s has been running for %.0f s and is given up", self._task, now - self._task_since)
            return True
        if now - self._scheduled_at > MAX_SCHEDULE_SECONDS:
            logger.error("nothing that is due has been sent for %.0f s", now - self._scheduled_at)
            return True
        return False


def _exit(number: int, frame: object) -> None:
    raise SystemExit(0)


def _leave_logging_alone(**_: object) -> None:
    return


def _stop_at_once_when_idle(**_: object) -> None:
    """Celery looks whether it is to stop only when its poll of seconds is over; a task that runs is waited for."""

    def stop(number: int, frame: object) -> None:
        state.should_stop = 0  # type: ignore[assignment]  # Their stub knows only its first value.
        if not state.active_requests:
            raise WorkerShutdown(0)

    signal.signal(signal.SIGTERM, stop)
