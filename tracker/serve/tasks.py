"""Celery tasks of the domain: load, one call. Their messages only wake; what is to be done stands in rows."""

import logging
from datetime import datetime

from celery import Task, shared_task
from celery.signals import task_failure, task_success, worker_shutdown
from django.db import Error, InterfaceError, OperationalError
from django.utils import timezone

from tracker.deletion.jobs import apply_retention
from tracker.deliver import mail, notices
from tracker.deliver.loop import deliverer, is_any_due
from tracker.issues.actions import bring_back_archived
from tracker.jobs.failures import note_task_failure, note_task_success
from tracker.jobs.slices import is_due, run_slice
from tracker.jobs.wakeup import TASKS, take_wake_up, wake
from tracker.models import Queue
from tracker.similar.suggestions import compare_issues, is_any_new

logger = logging.getLogger(__name__)

MESSAGE_MODULES = (mail, notices)
"""Imported, so that this process can deliver what they define."""
STOP_SECONDS = 5.0

_going_well: set[str] = set()
"""Tasks that went well in this process and have not failed since, so that only the first success asks the database."""


@task_failure.connect
def keep_failure(sender: "Task[..., object]", exception: BaseException, **_: object) -> None:
    """Failures of every package's tasks are kept and shown to administrators; their schedule starts them again."""
    _going_well.discard(sender.name)
    note_task_failure(_kind_of(sender.name), _queue_of(sender.name), exception, timezone.now())


@task_success.connect
def keep_success(sender: "Task[..., object]", **_: object) -> None:
    """A task that went well since is one failure less."""
    if sender.name not in _going_well:
        _note_success(sender.name, timezone.now())


def _note_success(task: str, now: datetime) -> None:
    try:
        note_task_success(_kind_of(task), now)
    except Error as away:
        logger.warning("that %s went well could not be kept: %s", task, away)
    else:
        _going_well.add(task)


def _kind_of(task: str) -> str:
    """`digest-spool` of `ingest.tasks.digest_spool`."""
    return task.rpartition(".")[2].replace("_", "-")


def _queue_of(task: str) -> Queue:
    return next((Queue(queue) for queue, name in TASKS.items() if name == task), Queue.WORK)


@shared_task
def sweep_jobs() -> None:
    """Wake workers for what waits without a wake-up: its pause is over, or its message got lost."""
    now = timezone.now()
    if is_due(now):
        wake(Queue.WORK)
    if is_any_due(now):
        wake(Queue.DELIVER)


@shared_task
def work() -> None:
    """Take a time slice of the work that waits; what remains wakes again, behind what others have to do."""
    take_wake_up(Queue.WORK)
    try:
        if run_slice(timezone.now()):
            wake(Queue.WORK)
    except (OperationalError, InterfaceError) as away:
        logger.warning("the database takes nothing, work waits for the next sweep: %s", away)


@shared_task
def deliver() -> None:
    """Wake the threads that deliver, which wait for other machines while this one goes on."""
    take_wake_up(Queue.DELIVER)
    deliverer.wake()


@worker_shutdown.connect
def finish_deliveries(**_: object) -> None:
    """What is being sent gets a moment to end, so that nobody gets it twice."""
    deliverer.stop(STOP_SECONDS)


@shared_task
def start_retention() -> None:
    """Ensure that what is past its time goes."""
    apply_retention.ensure()


@shared_task
def suggest_duplicates() -> None:
    """Ensure that new issues are compared with the others."""
    if is_any_new():
        compare_issues.ensure()


@shared_task
def reopen_archived() -> None:
    """Bring back archived issues whose date has come."""
    bring_back_archived(timezone.now())
