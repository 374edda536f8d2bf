"""Background work is a row from when it is asked for until it is done, whatever becomes of messages and workers."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tracker.jobs import slices
from tracker.jobs.backoff import WORK_BACKOFF
from tracker.jobs.celery import app
from tracker.jobs.claims import LOST
from tracker.jobs.failures import run_again
from tracker.jobs.kinds import KINDS, JobKind, Resume, Steps, request
from tracker.jobs.slices import is_due, run_slice
from tracker.jobs.wakeup import take_wake_up, wake
from tracker.models import Job, JobStatus, Queue
from tracker.serve.tasks import work

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """As a worker ends that is killed: nothing of what would come after the step happens."""


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
    KINDS["counting"] = JobKind("counting", made.steps)
    yield made
    del KINDS["counting"]


def only_row() -> Job:
    return Job.objects.get()


def test_what_is_asked_for_is_done_slice_by_slice(counting: Counting) -> None:
    KINDS["counting"].request(1)
    assert [run_slice(timezone.now()) for _ in range(4)] == [True, True, True, False]
    assert counting.done == [10, 11, 12]
    assert counting.begun_with == [0, 1, 2, 3]
    row = only_row()
    assert (row.status, row.failures, row.attempts, row.locked_until) == (JobStatus.DONE, 0, 0, None)


def test_jobs_take_turns(counting: Counting) -> None:
    for number in (1, 2):
        KINDS["counting"].request(number)
    while run_slice(timezone.now()):
        pass
    assert counting.done == [10, 20, 11, 21, 12, 22]


def test_a_request_that_is_rolled_back_asks_for_nothing(counting: Counting) -> None:
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        KINDS["counting"].request(1)
        raise ValueError("no")
    assert not is_due(timezone.now())


def test_a_job_whose_worker_is_killed_goes_on_after_a_pause_and_is_shown(counting: Counting) -> None:
    KINDS["counting"].request(1)
    now = timezone.now()
    run_slice(now)
    counting.trouble = Killed()
    with pytest.raises(Killed):
        run_slice(now)
    counting.trouble = None
    row = only_row()
    assert (row.status, row.attempts, row.locked_until) == (JobStatus.RUNNING, 1, now + WORK_BACKOFF.pause(1))
    assert not is_due(now + WORK_BACKOFF.pause(1) - timedelta(seconds=1))
    now += WORK_BACKOFF.pause(1)
    while run_slice(now):
        pass
    assert counting.done == [10, 11, 12]
    row = only_row()
    assert (row.status, row.failures, row.finished_at, row.last_error) == (JobStatus.DONE, 1, now, LOST)


def test_a_job_that_kills_every_worker_is_given_up_and_shown(counting: Counting) -> None:
    KINDS["counting"].request(1)
    counting.trouble = Killed()
    now = timezone.now()
    for attempt in range(1, WORK_BACKOFF.max_attempts + 1):
        with pytest.raises(Killed):
            run_slice(now)
        now += WORK_BACKOFF.pause(attempt)
    assert not run_slice(now)
    row = only_row()
    assert (row.status, row.failures, row.last_error) == (JobStatus.FAILED, WORK_BACKOFF.max_attempts, LOST)
    assert not is_due(now + timedelta(days=1))


def test_a_job_that_fails_is_tried_later_and_later_and_then_only_shown(counting: Counting) -> None:
    KINDS["counting"].request(1)
    counting.trouble = ValueError("broken\0")
    now = timezone.now()
    for attempt in range(1, WORK_BACKOFF.max_attempts + 1):
        assert not is_due(now - timedelta(seconds=1))
        assert not run_slice(now)
        row = only_row()
        assert (row.failures, row.attempts, row.last_error) == (attempt, attempt, "ValueError: broken")
        assert "raise self.trouble" in row.traceback
        now += WORK_BACKOFF.pause(attempt)
    assert row.status == JobStatus.FAILED
    assert not is_due(now + timedelta(days=1))


def test_a_job_that_failed_is_run_again_by_an_administrator_and_then_went_well(counting: Counting) -> None:
    KINDS["counting"].request(1)
    counting.trouble = ValueError("broken")
    run_slice(timezone.now())
    counting.trouble = None
    run_again(only_row())
    while run_slice(timezone.now()):
        pass
    row = only_row()
    assert (row.status, row.failures, row.last_error) == (JobStatus.DONE, 1, "ValueError: broken")


def test_progress_makes_earlier_attempts_forgotten(counting: Counting) -> None:
    KINDS["counting"].request(1)
    counting.trouble = ValueError("broken")
    now = timezone.now()
    run_slice(now)
    counting.trouble = None
    run_slice(now + WORK_BACKOFF.pause(1))
    assert only_row().attempts == 0


def test_what_is_asked_for_anew_while_a_worker_ends_it_is_done_anew(counting: Counting) -> None:
    """The worker has looked for the last time, and what is asked for now came after."""

    def steps(number: int) -> Steps:
        counting.done.append(number)
        if len(counting.done) == 1:
            KINDS["counting"].request(number)
        yield from ()

    KINDS["counting"] = JobKind("counting", steps)
    KINDS["counting"].request(1)
    for _ in range(3):
        run_slice(timezone.now())
    assert counting.done == [1, 1]
    assert only_row().status == JobStatus.DONE


def test_what_is_seen_to_already_is_not_begun_anew_by_a_schedule(counting: Counting) -> None:
    KINDS["counting"].ensure(1)
    run_slice(timezone.now())
    KINDS["counting"].ensure(1)
    while run_slice(timezone.now()):
        pass
    assert counting.done == [10, 11, 12]


def test_a_schedule_gives_what_failed_for_good_another_chance_after_an_hour(counting: Counting) -> None:
    KINDS["counting"].ensure(1)
    long_ago = timezone.now() - WORK_BACKOFF.longest - timedelta(seconds=1)
    for updated_at, expected in ((timezone.now(), False), (long_ago, True)):
        Job.objects.update(failures=3, status=JobStatus.FAILED, updated_at=updated_at)
        KINDS["counting"].ensure(1)
        assert is_due(timezone.now()) == expected


def test_a_job_of_a_kind_that_only_another_version_knows_waits_for_that_one(counting: Counting) -> None:
    request("of-the-future", 1)
    assert not run_slice(timezone.now())
    assert only_row().status == JobStatus.WAITING


def test_a_job_that_is_asked_for_while_a_killed_worker_had_it_waits_for_no_lock(counting: Counting) -> None:
    KINDS["counting"].request(1)
    counting.trouble = Killed()
    with pytest.raises(Killed):
        run_slice(timezone.now())
    counting.trouble = None
    KINDS["counting"].request(1)
    assert is_due(timezone.now())


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time there")
@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_worker_is_just_claiming_is_passed_over(counting: Counting) -> None:
    for number in (1, 2):
        KINDS["counting"].request(number)
    is_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Job.objects.select_for_update().order_by("run_at", "pk").first()
            is_locked.set()
            may_end.wait(60)
        connection.close()

    holding = threading.Thread(target=hold)
    holding.start()
    assert is_locked.wait(60)
    run_slice(timezone.now())
    may_end.set()
    holding.join(60)
    assert counting.done == [20]


def test_at_most_one_message_waits_however_much_is_asked_for(counting: Counting) -> None:
    """The wait of an event behind background work is one time slice, not one for each job."""
    take_wake_up(Queue.WORK)
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_declare("celery")
        channel.queue_purge("celery")
        for number in range(20):
            KINDS["counting"].request(number)
            wake(Queue.WORK)
        assert channel.queue_declare("celery").message_count == 1
        channel.queue_purge("celery")
        work()
        assert len(counting.done) == 1
        assert channel.queue_declare("celery").message_count == 1
        channel.queue_purge("celery")
    take_wake_up(Queue.WORK)


@pytest.mark.django_db(transaction=True)
def test_commits_wait_for_the_disk_again_after_a_time_slice(counting: Counting) -> None:
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
    KINDS["counting"] = JobKind("counting", steps)
    KINDS["counting"].request(1)
    run_slice(timezone.now())
    assert seen != [before]
    assert durability() == before
