"""What the children of `serve` do."""

import atexit
import multiprocessing
import warnings
from importlib import import_module
from typing import Any

from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging
from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from tracker.config.celery import app

WSGI = "tracker.config.wsgi"


def load_all() -> None:
    """Import what children need, so that they share the memory of it."""
    import_module(WSGI)
    _ = get_resolver().url_patterns
    app.loader.import_default_modules()
    app.finalize()
    connections.close_all()


def run_web() -> None:
    """Serve until SIGTERM: one process with threads, forked from this one."""
    multiprocessing.set_start_method("fork", force=True)
    Server(
        f"{WSGI}:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.WEB_THREADS,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=False,
        workers_kill_timeout=10,
    ).serve()


def run_worker(*, with_beat: bool) -> None:
    """Work until SIGTERM, one task at a time; `with_beat` also sends what is due."""
    # The log is set up by Django's settings; Celery would add its own.
    setup_logging.connect(_leave_logging_alone)
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


def _leave_logging_alone(**_: object) -> None:
    return
