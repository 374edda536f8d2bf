"""What is due again and again, sent by every worker: the first one sends it, so that no machine is missed.

Celery's scheduler knows what is due when. Who sends it is agreed on through Redis: a key for each entry, that lasts
for most of its interval. On one machine there is one worker, and nothing to agree on.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from celery.beat import ScheduleEntry, Scheduler
from django.conf import settings
from django.utils.module_loading import import_string

from tracker.jobs.celery import app

logger = logging.getLogger(__name__)

SHARE_OF_INTERVAL = 0.9
"""For which an entry counts as sent; less than all of it, so that the next time is never missed."""
MAX_SLEEP_SECONDS = 1.0


class Turns(Protocol):
    def take(self, name: str, seconds: float) -> bool:
        """Whether it is ours to send; for so many seconds it is nobody else's. Raises what Redis raises."""


class NoTurns:
    """There is nobody else."""

    def take(self, name: str, seconds: float) -> bool:
        return True


class SharedScheduler(Scheduler):
    """Sends what is due unless another process has."""

    producer: Any = None  # A connection from the app's pool does, and is made only when something is sent.
    turns: Turns = NoTurns()
    is_failing = False

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        try:
            interval = getattr(entry.schedule, "run_every", timedelta(minutes=1)).total_seconds()
            if self.turns.take(str(entry.name), interval * SHARE_OF_INTERVAL):
                options = entry.options or {}
                app.send_task(str(entry.task), args=entry.args, kwargs=entry.kwargs, retry=False, **options)
            self.is_failing = False
        except Exception as error:
            if not self.is_failing:
                logger.warning("what is due cannot be sent, it is tried again: %s", error)
            self.is_failing = True


def send_what_is_due(progress: Callable[[], None]) -> None:
    """Go on forever; `progress` is called at least every few seconds."""
    while True:
        try:
            scheduler = SharedScheduler(app)
            scheduler.turns = _open_turns()
            while True:
                pause = scheduler.tick()
                progress()
                time.sleep(min(max(pause, 0.0), MAX_SLEEP_SECONDS))
        except Exception:
            logger.exception("the schedule failed and begins again")
            time.sleep(MAX_SLEEP_SECONDS)


def start_sending_what_is_due(progress: Callable[[], None]) -> None:
    """The same in a thread."""
    threading.Thread(target=send_what_is_due, args=(progress,), name="schedule", daemon=True).start()


def _open_turns() -> Turns:
    turns: Turns = import_string(settings.SCHEDULE_TURNS_BACKEND)()
    return turns
