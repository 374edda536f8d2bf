"""Background work is a row from when it is asked for until it is done, whatever becomes of messages and workers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tracker.jobs import slices
from tracker.jobs.backoff import MAX_PAUSE, MAX_TRIES, pause_before
from tracker.jobs.celery import app
from tracker.jobs.failed import MAX_KEPT, note_failure, retry_due, run_again
from tracker.jobs.slices import IN_HAND, JOBS, Job, Resume, Steps, is_due, run_slice
from tracker.jobs.wakeup import open_flag
from tracker.models import FailedJob
from tracker.serve.tasks import work

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As a worker ends that is killed: nothing of what would come after the batch happens."""


class Counting:
    """A job of so many steps, that knows how far it came as a database does."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.begun_with: list[int] = []
        self.trouble: BaseException | None = None

    def steps(self, number: int, start: int = 0) -> Steps:
        self.begun_with.append(start)
        for step in range(start, 3):
            if self.trouble is not None:
                raise self.trouble
            self.done.append(number * 10 + step)
            yield Resume((number, step + 1))


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    made = Counting()
    JOBS["counting"] = Job("counting", made.steps)
    yield made
    del JOBS["counting"]


def only_row() -> FailedJob:
    return FailedJob.objects.get()


def test_what_is_asked_for_is_done_bite_by_bite_and_leaves_no_row(counting: Counting) -> None:
    JOBS["counting"].request(1)
    assert [run_slice(timezone.now()) for _ in range(4)] == [True, True, True, False]
    assert counting.done == [10, 11, 12]
    assert counting.begun_with == [0, 1, 2, 3]
    assert not FailedJob.objects.exists()


def test_jobs_take_turns(counting: Counting) -> None:
    for number in (1, 2):
        JOBS["counting"].request(number)
    while run_slice(timezone.now()):
        pass
    assert counting.done == [10, 20, 11, 21, 12, 22]


def test_a_request_that_is_rolled_back_asks_for_nothing(counting: Counting) -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        JOBS["counting"].request(1)
        raise ValueError("no")
    assert not is_due(timezone.now())


def test_a_job_whose_worker_is_killed_goes_on_after_a_pause_and_is_shown(counting: Counting) -> None:
    JOBS["counting"].request(1)
    now = timezone.now()
    run_slice(now)
    counting.trouble = Killed()
    with pytest.raises(Killed):
        run_slice(now)
    counting.trouble = None
    assert not is_due(now + pause_before(0) - timedelta(seconds=1))
    now += pause_before(0)
    while run_slice(now):
        pass
    assert counting.done == [10, 11, 12]
    row = only_row()
    assert (row.times, row.resolved_at) == (1, now)


def test_a_job_that_kills_every_worker_is_given_up_and_shown(counting: Counting) -> None:
    JOBS["counting"].request(1)
    counting.trouble = Killed()
    now = timezone.now()
    for tries in range(MAX_TRIES):
        with pytest.raises(Killed):
            run_slice(now)
        now += pause_before(tries)
    assert not run_slice(now)
    row = only_row()
    assert (row.times, row.error, row.retry_at, row.resolved_at) == (MAX_TRIES, IN_HAND, None, None)


def test_a_job_that_fails_is_tried_later_and_later_and_then_only_shown(counting: Counting) -> None:
    JOBS["counting"].request(1)
    counting.trouble = ValueError("broken\0")
    now = timezone.now()
    for tries in range(MAX_TRIES):
        assert not run_slice(now)
        row = only_row()
        assert (row.times, row.error) == (tries + 1, "ValueError: broken")
        assert "raise self.trouble" in row.traceback
        now += pause_before(tries)
    assert row.retry_at is None
    assert not is_due(now + timedelta(days=1))


def test_a_job_that_failed_is_run_again_by_an_administrator_and_then_went_well(counting: Counting) -> None:
    JOBS["counting"].request(1)
    counting.trouble = ValueError("broken")
    run_slice(timezone.now())
    counting.trouble = None
    run_again(only_row())
    while run_slice(timezone.now()):
        pass
    row = only_row()
    assert row.resolved_at is not None
    assert (row.times, row.error) == (1, "ValueError: broken")


def test_progress_makes_earlier_tries_forgotten(counting: Counting) -> None:
    JOBS["counting"].request(1)
    counting.trouble = ValueError("broken")
    now = timezone.now()
    run_slice(now)
    counting.trouble = None
    run_slice(now + pause_before(0))
    assert only_row().tries == 0


def test_what_is_asked_for_anew_while_a_worker_ends_it_is_done_anew(counting: Counting) -> None:
    """The worker has looked for the last time, and what is asked for now came after."""

    def steps(number: int) -> Steps:
        counting.done.append(number)
        if len(counting.done) == 1:
            JOBS["counting"].request(number)
        yield from ()

    JOBS["counting"] = Job("counting", steps)
    JOBS["counting"].request(1)
    for _ in range(3):
        run_slice(timezone.now())
    assert counting.done == [1, 1]
    assert not FailedJob.objects.exists()


def test_what_is_seen_to_already_is_not_begun_anew_by_a_schedule(counting: Counting) -> None:
    JOBS["counting"].ensure(1)
    run_slice(timezone.now())
    JOBS["counting"].ensure(1)
    while run_slice(timezone.now()):
        pass
    assert counting.done == [10, 11, 12]


def test_a_schedule_gives_what_failed_for_good_another_chance_after_an_hour(counting: Counting) -> None:
    JOBS["counting"].ensure(1)
    long_ago = timezone.now() - MAX_PAUSE - timedelta(seconds=1)
    for last_at, expected in ((timezone.now(), False), (long_ago, True)):
        FailedJob.objects.update(times=3, retry_at=None, last_at=last_at)
        JOBS["counting"].ensure(1)
        assert is_due(timezone.now()) == expected


def test_a_flood_of_failed_tasks_pushes_out_no_job_that_is_still_to_be_done(counting: Counting) -> None:
    JOBS["counting"].request(1)
    now: datetime = timezone.now()
    for number in range(MAX_KEPT + 1):
        note_failure("a.task", (number,), {}, ValueError("no"), now)
    assert FailedJob.objects.filter(task="counting").exists()


def test_the_retry_of_tasks_leaves_jobs_alone(counting: Counting) -> None:
    JOBS["counting"].request(1)
    assert retry_due(timezone.now()) == 0


def test_at_most_one_message_waits_however_much_is_asked_for(counting: Counting) -> None:
    """The wait of an event behind background work is one batch, not one for each job."""
    open_flag(slices.FLAG).lower()
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_declare("celery")
        channel.queue_purge("celery")
        for number in range(20):
            JOBS["counting"].request(number)
            slices.call()
        assert channel.queue_declare("celery").message_count == 1
        channel.queue_purge("celery")
        work()
        assert len(counting.done) == 1
        assert channel.queue_declare("celery").message_count == 1
        channel.queue_purge("celery")
    open_flag(slices.FLAG).lower()


@pytest.mark.django_db(transaction=True)
def test_commits_wait_for_the_disk_again_after_a_bite(counting: Counting) -> None:
    """The spool forgets an event once it is committed; the digest uses the same connection."""
    asked = "PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit"

    def durability() -> object:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return cursor.fetchone()

    seen = []

    def steps(number: int) -> Steps:
        seen.append(durability())
        yield from ()

    before = durability()
    JOBS["counting"] = Job("counting", steps)
    JOBS["counting"].request(1)
    run_slice(timezone.now())
    assert seen != [before]
    assert durability() == before
