"""Tells a worker that something lies in the spool: one Celery message, and none while one is waiting.

A nudge only saves time. It may get lost with the process, the message or the flag; beat sweeps every two seconds.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from tracker.jobs.celery import app

FALLS_AFTER_SECONDS = 5
"""A flag falls by itself then: its message got lost, or waits in a queue in which one more does no harm."""


class Flag(Protocol):
    """Raised by anyone who sends the message, lowered by anyone who takes it."""

    def raise_(self) -> bool:
        """Raise the flag; False where it was up already."""

    def lower(self) -> None:
        """The next `raise_` is true again."""


class FileFlag:
    """A file that is there or not. For one machine."""

    def __init__(self, name: str) -> None:
        for folder in (settings.SPOOL_DIR, settings.BROKER_DIR):
            folder.mkdir(parents=True, exist_ok=True)
        self._path: Path = settings.SPOOL_DIR / name

    def raise_(self) -> bool:
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return self._raise_fallen()
        return True

    def lower(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _raise_fallen(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if time.time() - self._path.stat().st_mtime > FALLS_AFTER_SECONDS:
                self._path.touch()
                return True
        return False


@cache
def open_flag(name: str) -> Flag:
    """The installation's flag of a name, loaded so that one machine never pays for the Redis client's memory."""
    flag: Flag = import_string(settings.WAKE_UP_BACKEND)(name)
    return flag


logger = logging.getLogger(__name__)

TASK = "ingest.tasks.digest_spool"
FLAG = "nudged"
EXPIRES_SECONDS = 60
PAUSE_SECONDS = 0.002
REST_AFTER_FAILURE_SECONDS = 1.0


class Nudger:
    """Sends from a thread of its own, so that no request waits for a broker; what comes while it sends is one more."""

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._pid = 0

    def nudge(self) -> None:
        """Ask for a nudge; costs a microsecond and raises nothing."""
        if self._pid != os.getpid():
            self._start()
        if not self._wanted.is_set():
            self._wanted.set()

    def _start(self) -> None:
        with self._starting:
            if self._pid == os.getpid():
                return
            self._wanted = threading.Event()
            threading.Thread(target=self._run, name="nudge", daemon=True).start()
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
                    logger.warning("no nudge could be sent, it is tried again: %s", error)
                is_failing = True
                time.sleep(REST_AFTER_FAILURE_SECONDS)
                # What was wanted still is; without this, an event would wait for the sweep or for the next event.
                wanted.set()


def send_nudge() -> None:
    """Send the message unless one is waiting. Raises whatever broker and flag raise."""
    flag = open_flag(FLAG)
    if flag.raise_():
        try:
            app.send_task(TASK, expires=EXPIRES_SECONDS, retry=False)
        except BaseException:
            flag.lower()
            raise


def take_nudge() -> None:
    """Called when a digest begins: what is appended from now on nudges again."""
    open_flag(FLAG).lower()


nudge = Nudger(send_nudge).nudge
