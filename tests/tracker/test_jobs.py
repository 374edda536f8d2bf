"""What fails in a worker is kept, tried again later and later, and shown until it went well."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.signals import task_failure
from django.conf import settings

from tracker.deletion.jobs import apply_retention
from tracker.jobs.backoff import MAX_TRIES, pause_before
from tracker.jobs.failed import MAX_ARGUMENTS_LENGTH, MAX_KEPT, note_failure, note_success, retry_due
from tracker.models import FailedJob

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


def note(*args: object, text: str = "no", now: datetime = NOW) -> FailedJob:
    job = note_failure("a.task", args, {}, fail(text), now)
    assert job is not None
    return job


def test_a_task_with_its_arguments_is_one_row_that_counts() -> None:
    note(1)
    note(1, text="other", now=NOW + timedelta(hours=1))
    note(2)
    again = FailedJob.objects.get(arguments=[[1], {}])
    assert (again.times, again.error) == (2, "ValueError: other")
    assert (again.first_at, again.last_at) == (NOW, NOW + timedelta(hours=1))
    assert "raise ValueError(text)" in again.traceback
    assert FailedJob.objects.count() == 2


def test_only_the_newest_are_kept_and_those_that_failed_longest() -> None:
    note_success(note("went well").pk, NOW)
    for number in range(MAX_KEPT):
        note(number, now=NOW - timedelta(minutes=number))
    assert FailedJob.objects.count() == MAX_KEPT
    assert not FailedJob.objects.exclude(resolved_at=None).exists()


def test_long_and_odd_texts_are_bounded() -> None:
    for _ in range(2):
        note_failure("t" * 1000, (), {}, fail("x" * 10_000 + "\0"), NOW)
    assert FailedJob.objects.get().times == 2


def test_arguments_that_are_too_long_are_not_kept_and_not_tried_again() -> None:
    job = note("x" * MAX_ARGUMENTS_LENGTH)
    assert (job.arguments, job.retry_at) == (None, None)
    assert retry_due(NOW + timedelta(days=1)) == 0


def test_a_failing_task_of_any_room_is_noticed() -> None:
    task_failure.send(sender=apply_retention, exception=fail("away"), task_id="1", args=(), kwargs={})
    assert FailedJob.objects.get().task == "tracker.deletion.jobs.apply_retention"


def test_pauses_grow_to_an_hour() -> None:
    pauses = [pause_before(tries).total_seconds() for tries in range(MAX_TRIES)]
    assert pauses == [10, 30, 90, 270, 810, 2430, 3600, 3600]


def test_a_job_is_tried_again_when_its_pause_is_over_and_no_more_after_the_last_try() -> None:
    job = note(1)
    now = NOW
    for tries in range(MAX_TRIES):
        assert retry_due(now + pause_before(tries) - timedelta(seconds=1)) == 0
        now += pause_before(tries)
        assert retry_due(now) == 1
        note(1, now=now)
    assert retry_due(now + timedelta(days=1)) == 0
    job.refresh_from_db()
    assert (job.tries, job.retry_at, job.resolved_at) == (MAX_TRIES, None, None)


def test_a_job_that_went_well_is_tried_no_more_and_begins_anew_when_it_fails_again() -> None:
    job = note(1)
    note_success(job.pk, NOW)
    assert retry_due(NOW + timedelta(days=1)) == 0
    later = NOW + timedelta(days=2)
    job = note(1, now=later)
    assert (job.times, job.tries, job.first_at, job.resolved_at) == (2, 0, later, None)
    assert job.retry_at == later + pause_before(0)
