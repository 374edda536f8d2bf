"""Tells a worker that something lies in the spool: one Celery message, and none while one is waiting.

A nudge only saves time. It may get lost with the process, the message or the flag; beat sweeps every two seconds.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

from tracker.config.celery import app
from tracker.flags import open_flag

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
    """Called when a digest begins: what is appended from now on nudges anew."""
    open_flag(FLAG).lower()


nudge = Nudger(send_nudge).nudge
