"""What is due is sent once, by the process that comes first, whichever others are gone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from tests.servers import RealRedis
from tracker.jobs.celery import app
from tracker.serve.schedule import NoTurns, SharedScheduler, Turns
from tracker.serve.turns_redis import RedisTurns

QUEUE = "celery"


@pytest.fixture(autouse=True)
def empty_broker() -> Iterator[None]:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    purge()
    yield
    purge()


def purge() -> None:
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        channel.queue_declare(QUEUE)
        channel.queue_purge(QUEUE)


def waiting_messages() -> int:
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        return int(channel.queue_declare(QUEUE).message_count)


def scheduler_with(turns: Turns) -> SharedScheduler:
    scheduler = SharedScheduler(app)
    scheduler.turns = turns
    return scheduler


def send_all(scheduler: SharedScheduler) -> None:
    for entry in scheduler.schedule.values():
        scheduler.apply_entry(entry)


def test_a_process_alone_sends_what_is_due() -> None:
    scheduler = scheduler_with(NoTurns())
    send_all(scheduler)
    assert waiting_messages() == len(settings.CELERY_BEAT_SCHEDULE)


def test_of_two_processes_one_sends_each(tmp_path_factory: pytest.TempPathFactory) -> None:
    redis = RealRedis(tmp_path_factory.mktemp("redis"))
    redis.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "REDIS_URL", redis.url)
            one, other = scheduler_with(RedisTurns()), scheduler_with(RedisTurns())
        send_all(one)
        send_all(other)
        assert waiting_messages() == len(settings.CELERY_BEAT_SCHEDULE)
        redis.kill()
        send_all(one)
        assert one.is_failing
        redis.start()
        forget_turns(redis)
        send_all(one)
        assert not one.is_failing
    finally:
        redis.stop()


def forget_turns(server: RealRedis) -> None:
    """As if the next interval had begun."""
    with Redis.from_url(server.url) as client:
        client.flushall()
