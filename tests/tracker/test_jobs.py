"""What fails in a worker is kept, tried again later and later, and shown until it went well."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery.signals import task_failure, task_success
from django.conf import settings

from tracker.jobs.backoff import DELIVER_BACKOFF, WORK_BACKOFF
from tracker.jobs.failures import note_task_failure, note_task_success
from tracker.jobs.wakeup import TASKS
from tracker.models import Job, JobStatus, Queue
from tracker.serve.tasks import reopen_archived

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def broker() -> None:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)


def fail(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def note(kind: str = "digest-spool", text: str = "no", now: datetime = NOW) -> Job:
    note_task_failure(kind, Queue.DIGEST, fail(text), now)
    return Job.objects.get(kind=kind)


def test_a_scheduled_task_that_fails_is_one_row_that_counts() -> None:
    note()
    again = note(text="other", now=NOW + timedelta(hours=1))
    note("other")
    assert (again.failures, again.last_error, again.queue) == (2, "ValueError: other", Queue.DIGEST)
    assert (again.created_at, again.updated_at) == (NOW, NOW + timedelta(hours=1))
    assert "raise ValueError(text)" in again.traceback
    assert Job.objects.count() == 2


def test_a_scheduled_task_that_fails_on_and_on_is_shown_as_failed_until_it_went_well() -> None:
    for attempt in range(1, WORK_BACKOFF.max_attempts + 1):
        expected = JobStatus.FAILED if attempt == WORK_BACKOFF.max_attempts else JobStatus.WAITING
        assert note().status == expected
    note_task_success("digest-spool", NOW)
    row = Job.objects.get()
    assert (row.status, row.finished_at, row.attempts) == (JobStatus.DONE, NOW, 0)
    row = note(now=NOW + timedelta(days=2))
    assert (row.status, row.failures, row.finished_at) == (JobStatus.WAITING, 1, None)
    assert row.created_at == NOW + timedelta(days=2)


def test_long_and_odd_texts_are_bounded() -> None:
    assert note(text="x" * 10_000 + "\0\ud800").failures == 1


def test_a_task_of_any_package_that_fails_is_noticed_and_that_it_went_well_since() -> None:
    sent: dict[str, Any] = {"sender": reopen_archived, "task_id": "1", "args": (), "kwargs": {}}
    task_failure.send(exception=fail("away"), **sent)
    row = Job.objects.get()
    assert (row.kind, row.queue, row.status, row.payload) == ("reopen-archived", Queue.WORK, JobStatus.WAITING, None)
    task_success.send(sender=reopen_archived)
    assert Job.objects.get().status == JobStatus.DONE


def test_a_failure_of_the_digest_stands_in_its_queue() -> None:
    class Task:
        name = TASKS[Queue.DIGEST]

    task_failure.send(sender=Task, exception=fail("away"), task_id="1", args=(), kwargs={})
    row = Job.objects.get()
    assert (row.kind, row.queue) == ("digest-spool", Queue.DIGEST)


def test_pauses_of_work_grow_to_an_hour() -> None:
    pauses = [WORK_BACKOFF.pause(attempt).total_seconds() for attempt in range(1, WORK_BACKOFF.max_attempts)]
    assert pauses == [10, 30, 90, 270, 810, 2430, 3600]
    assert WORK_BACKOFF.pause(10**9) == timedelta(hours=1)


def test_deliveries_are_tried_after_1_2_4_seconds_and_for_a_day() -> None:
    pauses = [DELIVER_BACKOFF.pause(attempt) for attempt in range(1, DELIVER_BACKOFF.max_attempts)]
    assert [pause.total_seconds() for pause in pauses[:4]] == [1, 2, 4, 8]
    assert timedelta(hours=24) <= sum(pauses, timedelta()) < timedelta(hours=25)
