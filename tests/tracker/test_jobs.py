"""What fails in a worker is kept for the administrator."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.signals import task_failure

from tracker.jobs import MOST_KEPT, note_failure
from tracker.models import FailedJob
from tracker.tasks import apply_retention

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def fail(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_the_same_failure_is_one_row_that_counts() -> None:
    note_failure("a.task", fail("no"), NOW)
    note_failure("a.task", fail("no"), NOW + timedelta(hours=1))
    note_failure("a.task", fail("other"), NOW)
    assert sorted(FailedJob.objects.values_list("error", "times")) == [("ValueError: no", 2), ("ValueError: other", 1)]
    again = FailedJob.objects.get(error="ValueError: no")
    assert (again.first_at, again.last_at) == (NOW, NOW + timedelta(hours=1))
    assert "raise ValueError(text)" in again.traceback


def test_only_the_newest_are_kept() -> None:
    for number in range(MOST_KEPT + 5):
        note_failure("a.task", fail(f"{number}"), NOW + timedelta(minutes=number))
    assert FailedJob.objects.count() == MOST_KEPT
    assert not FailedJob.objects.filter(error="ValueError: 0").exists()


def test_long_and_odd_texts_are_bounded() -> None:
    note_failure("t" * 1000, fail("x" * 10_000 + "\0"), NOW)
    note_failure("t" * 1000, fail("x" * 10_000 + "\0"), NOW)
    assert FailedJob.objects.get().times == 2


def test_a_failing_task_of_any_room_is_noticed() -> None:
    task_failure.send(sender=apply_retention, exception=fail("away"), task_id="1", args=(), kwargs={})
    assert FailedJob.objects.get().task == "tracker.tasks.apply_retention"
