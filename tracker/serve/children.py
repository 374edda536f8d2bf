"""What the children of `serve` do."""

import atexit
import gc
import signal
import warnings
from importlib import import_module
from typing import Any

from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning, WorkerShutdown
from celery.signals import setup_logging, worker_ready
from celery.worker import state
from django.db import connections
from django.urls import get_resolver

from tracker.jobs.celery import app
from tracker.serve.web import RSGI

DIGEST_GC_THRESHOLDS = (200_000, 50, 100)


def load_all() -> None:
    """Import what children need, so that they share the memory of it."""
    # Static files need not be collected.
    warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
    import_module(RSGI)
    _ = get_resolver().url_patterns
    app.loader.import_default_modules()
    app.finalize()
    connections.close_all()


def run_worker(*, with_beat: bool) -> None:
    """Work until SIGTERM, one task at a time; `with_beat` also sends what is due."""
    # Decoding makes and drops objects by the thousand, hardly ever in cycles: looking for those at every 700 of them
    # took a twelfth of the digest's time.
    gc.set_threshold(*DIGEST_GC_THRESHOLDS)
    # The log is set up by Django's settings; Celery would add its own.
    setup_logging.connect(_leave_logging_alone)
    worker_ready.connect(_stop_at_once_when_idle)
    warnings.simplefilter("ignore", SecurityWarning)
    if with_beat:
        beat: Any = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        beat.start()
        atexit.register(beat.stop)
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


def run_beat() -> None:
    """Send what is due until SIGTERM."""
    setup_logging.connect(_leave_logging_alone)
    signal.signal(signal.SIGTERM, _exit)
    beat: Any = app.Beat(scheduler_cls="celery.beat:Scheduler", quiet=True, loglevel="WARNING")
    beat.start_scheduler()


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
