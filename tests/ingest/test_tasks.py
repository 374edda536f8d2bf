"""The hand-over from the ingest endpoint to a worker: one message while none waits, and nothing depends on it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.conf import settings

from ingest.tasks import digest_spool, sweep_at_start
from tests.conftest import World
from tests.ingest.digest_setup import entry, event
from tracker.jobs.celery import app
from tracker.jobs.heartbeat import open_heartbeat
from tracker.jobs.wakeup import WakeUpSender, send_wake_up, take_wake_up
from tracker.models import Event, Queue
from tracker.spool import open_spool

QUEUE = "celery"
send_digest = partial(send_wake_up, Queue.DIGEST)


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
    take_wake_up(Queue.DIGEST)
    with broker() as channel:
        channel.queue_declare(QUEUE)
        channel.queue_purge(QUEUE)
    yield
    take_wake_up(Queue.DIGEST)
    with broker() as channel:
        channel.queue_purge(QUEUE)


def test_no_second_wake_up_is_sent_while_one_waits() -> None:
    for _ in range(5):
        send_digest()
    assert waiting_messages() == 1


def test_a_digest_that_begins_lets_the_next_wake_up_through() -> None:
    send_digest()
    take_wake_up(Queue.DIGEST)
    send_digest()
    assert waiting_messages() == 2


def test_a_wake_up_is_asked_for_without_waiting_and_many_become_one() -> None:
    sender = WakeUpSender(send_digest)
    for _ in range(1000):
        sender.request()
    wait_until(lambda: waiting_messages() > 0)
    time.sleep(0.1)
    assert waiting_messages() == 1


def test_a_wake_up_that_could_not_be_sent_is_sent_when_the_broker_is_back_although_no_other_event_comes() -> None:
    failures = iter([ConnectionError("the broker is away")])

    def send() -> None:
        if (failure := next(failures, None)) is not None:
            raise failure
        send_digest()

    WakeUpSender(send).request()
    wait_until(lambda: waiting_messages() == 1)


def test_a_worker_that_starts_sweeps_although_a_lost_wake_up_left_its_mark() -> None:
    send_digest()
    with broker() as channel:
        channel.queue_purge(QUEUE)
    send_digest()
    assert waiting_messages() == 0
    sweep_at_start()
    assert waiting_messages() == 1


def test_a_mark_whose_message_got_lost_is_void_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("tracker.jobs.wakeup", *(["tracker.jobs.redis"] if settings.REDIS_URL else [])):
        monkeypatch.setattr(f"{module}.MARK_SECONDS", 1)
    send_digest()
    with broker() as channel:
        channel.queue_purge(QUEUE)
    send_digest()
    assert waiting_messages() == 0
    time.sleep(1.1)
    send_digest()
    assert waiting_messages() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_digests_without_any_wake_up_and_shows_that_a_worker_is_there(world: World) -> None:
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
