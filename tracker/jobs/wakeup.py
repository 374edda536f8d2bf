"""Wakes a worker for one of the queues: one Celery message, and none while one is on its way.

A wake-up only saves time. It may get lost with the process, the message or the mark; sweeps find what is due anyway.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from tracker.jobs.celery import app
from tracker.models.jobs import Queue

logger = logging.getLogger(__name__)

TASKS: dict[str, str] = {
    Queue.DIGEST: "ingest.tasks.digest_spool",
    Queue.WORK: "tracker.serve.tasks.work",
    Queue.DELIVER: "tracker.serve.tasks.deliver",
}
MARK_SECONDS = 5
"""A mark is void then: its message got lost, or waits in a queue in which one more does no harm."""
EXPIRES_SECONDS = 60
PAUSE_SECONDS = 0.002
REST_AFTER_FAILURE_SECONDS = 1.0


class WakeUpMark(Protocol):
    """Says that a wake-up is on its way: set by its sender, cleared by the worker that takes it."""

    def set(self) -> bool:
        """Set it; False where it was set already."""

    def clear(self) -> None:
        """The next `set` is true again."""


class FileMark:
    """A file that is there or not. For one machine."""

    def __init__(self, name: str) -> None:
        for folder in (settings.SPOOL_DIR, settings.BROKER_DIR):
            folder.mkdir(parents=True, exist_ok=True)
        self._path: Path = settings.SPOOL_DIR / name

    def set(self) -> bool:
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return self._renew_void()
        return True

    def clear(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _renew_void(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if time.time() - self._path.stat().st_mtime > MARK_SECONDS:
                self._path.touch()
                return True
        return False


@cache
def open_mark(queue: str) -> WakeUpMark:
    """The installation's mark for a queue, loaded so that one machine never pays for the Redis client's memory."""
    mark: WakeUpMark = import_string(settings.WAKE_UP_BACKEND)(f"wake-up-{queue}")
    return mark


def send_wake_up(queue: str) -> None:
    """Send the message unless one is on its way. Raises whatever broker and mark raise."""
    mark = open_mark(queue)
    if mark.set():
        try:
            app.send_task(TASKS[queue], expires=EXPIRES_SECONDS, retry=False)
        except BaseException:
            mark.clear()
            raise


def wake(queue: str) -> None:
    """Send the message unless one is on its way. Never raises: a sweep makes up for it."""
    try:
        send_wake_up(queue)
    except Exception as error:
        logger.warning("no worker could be woken, the next sweep takes its place: %s", error)


def take_wake_up(queue: str) -> None:
    """A worker is awake: whatever comes from now on wakes again."""
    open_mark(queue).clear()


class WakeUpSender:
    """Sends from a thread of its own, so that no request waits for a broker; what comes while it sends is one more."""

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._pid = 0

    def request(self) -> None:
        """Ask for a wake-up; costs a microsecond and raises nothing."""
        if self._pid != os.getpid():
            self._start()
        if not self._wanted.is_set():
            self._wanted.set()

    def _start(self) -> None:
        with self._starting:
            if self._pid == os.getpid():
                return
            self._wanted = threading.Event()
            threading.Thread(target=self._run, name="wake-up", daemon=True).start()
            self._pid = os.getpid()

    def _run(self) -> None:
        wanted = self._wanted
        is_failing = False
        while True:
            wanted.wait()
            wanted.clear()
            try:
                self._send()
                is_failing = False
                time.sleep(PAUSE_SECONDS)
            except Exception as error:
                if not is_failing:
                    logger.warning("no wake-up could be sent, it is tried again: %s", error)
                is_failing = True
                time.sleep(REST_AFTER_FAILURE_SECONDS)
                # What was wanted still is; without this, an event would wait for the sweep or for the next event.
                wanted.set()


request_digest = WakeUpSender(partial(send_wake_up, Queue.DIGEST)).request
"""For the ingest endpoint: wakes a worker for the spool, from another thread."""
