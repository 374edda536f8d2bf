"""The hand-over from door to worker: one message while none waits, and nothing depends on it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings

from ingest.tasks import digest_spool, sweep_at_start
from tests.conftest import World
from tests.ingest.digest_world import entry, event
from tracker.jobs.celery import app
from tracker.jobs.heartbeat import open_heartbeat
from tracker.jobs.wakeup import Nudger, send_nudge, take_nudge
from tracker.models import Event
from tracker.spool import open_spool

QUEUE = "celery"


@contextmanager
def broker() -> Iterator[Any]:
    with app.connection_for_write() as connection:
        yield connection.default_channel


def waiting_messages() -> int:
    with broker() as channel:
        count: int = channel.queue_declare(QUEUE).message_count
        return count


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def empty_broker() -> Iterator[None]:
    take_nudge()
    with broker() as channel:
        channel.queue_declare(QUEUE)
        channel.queue_purge(QUEUE)
    yield
    take_nudge()
    with broker() as channel:
        channel.queue_purge(QUEUE)


def test_no_second_nudge_is_sent_while_one_waits() -> None:
    for _ in range(5):
        send_nudge()
    assert waiting_messages() == 1


def test_a_digest_that_begins_lets_the_next_nudge_through() -> None:
    send_nudge()
    take_nudge()
    send_nudge()
    assert waiting_messages() == 2


def test_the_door_nudges_without_waiting_and_many_nudges_become_one() -> None:
    nudger = Nudger(send_nudge)
    for _ in range(1000):
        nudger.nudge()
    wait_until(lambda: waiting_messages() > 0)
    time.sleep(0.1)
    assert waiting_messages() == 1


def test_a_nudge_that_could_not_be_sent_is_sent_when_the_broker_is_back_although_no_other_event_comes() -> None:
    failures = iter([ConnectionError("the broker is away")])

    def send() -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        send_nudge()

    Nudger(send).nudge()
    wait_until(lambda: waiting_messages() == 1)


def test_a_worker_that_starts_sweeps_although_a_lost_nudge_left_its_flag_up() -> None:
    send_nudge()
    with broker() as channel:
        channel.queue_purge(QUEUE)
    send_nudge()
    assert waiting_messages() == 0
    sweep_at_start()
    assert waiting_messages() == 1


def test_a_flag_whose_message_got_lost_falls_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tracker.jobs.wakeup", *(["tracker.jobs.redis"] if settings.REDIS_URL else [])):
        monkeypatch.setattr(f"{module}.FALLS_AFTER_SECONDS", 1)
    send_nudge()
    with broker() as channel:
        channel.queue_purge(QUEUE)
    send_nudge()
    assert waiting_messages() == 0
    time.sleep(1.1)
    send_nudge()
    assert waiting_messages() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_digests_without_any_nudge_and_shows_that_a_worker_is_there(world: World) -> None:
    open_heartbeat().forget()
    open_spool().append(entry(world, event()))
    digest_spool()
    assert (Event.objects.count(), open_spool().size()) == (1, 0)
    age = open_heartbeat().age()
    assert age is not None
    assert age < 60


def test_the_sweep_is_in_the_schedule() -> None:
    sweep = app.conf.beat_schedule["digest-spool"]
    assert sweep["task"] == digest_spool.name
    assert sweep["schedule"] <= 2
