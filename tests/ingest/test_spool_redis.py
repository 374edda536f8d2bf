"""The spool in Redis, on a real Redis that is killed and emptied under it."""

import ctypes
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.servers import RealRedis
from tracker.spool.entry import Entry, SpoolFull, SpoolUnavailable
from tracker.spool.redis import GROUP, LONE_TRIES, STREAM, WAITING_BYTES, RedisSpool
from tracker.spool.workers import WorkerFile

RECLAIM_SECONDS = 0.2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    server = RealRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: RealRedis) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def spool(server: RealRedis, client: redis.Redis) -> Iterator[RedisSpool]:
    spool = open_spool(server)
    yield spool
    spool.close()


def open_spool(server: RealRedis, max_bytes: int = 1_000_000) -> RedisSpool:
    return RedisSpool(server.url, max_bytes, reclaim_after_seconds=RECLAIM_SECONDS)


def entry(number: int, size: int = 10) -> Entry:
    return Entry(project_id=number, key_id=7, received_at=1000.5 + number, encoding="gzip", body=b"\0b" * (size // 2))


def test_what_was_appended_is_claimed_in_order_and_unchanged(spool: RedisSpool) -> None:
    appended = [entry(number) for number in range(100)]
    for each in appended:
        spool.append(each)
    assert [claimed.entry for claimed in spool.claim(1000)] == appended


def test_what_is_acknowledged_is_gone_and_its_bytes_are_free(spool: RedisSpool, client: redis.Redis) -> None:
    for number in range(5):
        spool.append(entry(number))
    spool.ack([each.id for each in spool.claim(5)])
    assert (spool.size(), spool.oldest_at(), spool.claim(5)) == (0, None, [])
    assert client.get(WAITING_BYTES) == b"0"


def test_what_is_not_acknowledged_comes_again_first_with_its_attempts_counted(spool: RedisSpool) -> None:
    for number in range(3):
        spool.append(entry(number))
    first = spool.claim(2)
    again = spool.claim(2)
    assert [(each.id, each.attempts) for each in again] == [(each.id, 2) for each in first]
    spool.ack([each.id for each in again])
    assert [(each.entry.project_id, each.attempts) for each in spool.claim(2)] == [(2, 1)]


def test_entries_of_a_dead_worker_come_to_another_one(spool: RedisSpool, server: RealRedis) -> None:
    spool.append(entry(1))
    spool.claim(1)
    heir = open_spool(server)
    assert heir.claim(1) == []
    spool.close()
    deadline = time.monotonic() + 10
    while not (claimed := heir.claim(1)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [(each.entry.project_id, each.attempts) for each in claimed] == [(1, 2)]
    heir.close()


def test_two_workers_share_what_waits(spool: RedisSpool, server: RealRedis) -> None:
    other = open_spool(server)
    for number in range(4):
        spool.append(entry(number))
    mine, others = spool.claim(2), other.claim(2)
    assert [each.entry.project_id for each in (*mine, *others)] == [0, 1, 2, 3]
    other.close()


def test_a_full_spool_refuses_and_takes_again_when_there_is_room(server: RealRedis, client: redis.Redis) -> None:
    spool = open_spool(server, max_bytes=1000)
    spool.append(entry(1, size=900))
    with pytest.raises(SpoolFull):
        spool.append(entry(2, size=200))
    spool.ack([each.id for each in spool.claim(1)])
    spool.append(entry(2, size=200))
    assert spool.size() == 1
    spool.close()


def test_large_bodies_are_claimed_a_few_at_a_time(server: RealRedis, client: redis.Redis) -> None:
    spool = open_spool(server, max_bytes=200_000_000)
    for number in range(40):
        spool.append(entry(number, size=1_000_000))
    assert len(spool.claim(40)) < 40
    spool.close()


def test_a_redis_that_was_emptied_takes_and_gives_again(spool: RedisSpool, client: redis.Redis) -> None:
    spool.append(entry(1))
    spool.claim(1)
    client.flushall()
    spool.append(entry(2))
    spool.claim(1)
    assert [each.entry.project_id for each in spool.claim(1)] == [2]


def test_a_redis_that_was_killed_loses_nothing_that_was_appended(
    spool: RedisSpool, server: RealRedis, client: redis.Redis
) -> None:
    spool.append(entry(1))
    spool.append(entry(2))
    spool.ack([each.id for each in spool.claim(1)])
    server.kill()
    with pytest.raises(SpoolUnavailable):
        spool.append(entry(3))
    with pytest.raises(SpoolUnavailable):
        spool.claim(1)
    with pytest.raises(SpoolUnavailable):
        spool.size()
    server.start()
    assert [each.entry.project_id for each in spool.claim(5)] == [2]


def test_a_pooled_connection_that_a_restart_broke_refuses_no_entry(spool: RedisSpool, server: RealRedis) -> None:
    spool.append(entry(1))
    server.kill()
    server.start()
    spool.append(entry(2))
    assert spool.size() == 2


def test_names_of_workers_that_are_long_dead_do_not_pile_up(
    spool: RedisSpool, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(entry(1))
    spool.ack([each.id for each in spool.claim(1)])
    client.xgroup_createconsumer(STREAM, GROUP, "long dead")
    monkeypatch.setattr("tracker.spool.redis.LONG_DEAD_MILLISECONDS", -1)
    time.sleep(0.25)
    spool.claim(1)
    assert "long dead" not in {consumer["name"].decode() for consumer in client.xinfo_consumers(STREAM, GROUP)}


def test_a_worker_knows_when_its_claim_has_gone_to_another(spool: RedisSpool, client: redis.Redis) -> None:
    for number in range(2):
        spool.append(entry(number))
    [first] = spool.claim(1)
    assert spool.is_held()
    client.xclaim(STREAM, GROUP, "another", 0, [first.id])
    deadline = time.monotonic() + 10
    while spool.is_held() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not spool.is_held()
    assert first.id not in {each.id for each in spool.claim(10)}
    assert spool.is_held()


def test_a_claim_is_extended_as_long_as_work_goes_on(spool: RedisSpool, server: RealRedis) -> None:
    other = open_spool(server)
    spool.append(entry(1))
    spool.claim(1)
    time.sleep(RECLAIM_SECONDS * 4)
    assert other.claim(1) == []
    assert spool.is_held()
    other.close()


def test_a_worker_that_nothing_could_interrupt_asks_whether_its_claim_is_still_its_own(
    spool: RedisSpool, client: redis.Redis
) -> None:
    spool.append(entry(1))
    [first] = spool.claim(1)
    hold_the_interpreter(RECLAIM_SECONDS * 2)
    assert spool.is_held()
    assert client.xpending_range(STREAM, GROUP, "-", "+", 1)[0]["times_delivered"] == 1
    spool.ack([first.id])


def hold_the_interpreter(seconds: float) -> None:
    """No other thread of this process runs meanwhile, as when a regular expression takes long."""
    ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))


def test_what_a_dead_worker_of_this_machine_held_is_taken_over_at_once(
    server: RealRedis, client: redis.Redis, tmp_path: Path
) -> None:
    dead, heir = (RedisSpool(server.url, 1_000_000, reclaim_after_seconds=3600, workers=tmp_path) for _ in range(2))
    file = WorkerFile(tmp_path, dead.worker)
    for number in range(3):
        dead.append(entry(number))
    dead.claim(2)
    assert [each.entry.project_id for each in heir.claim(10)] == [2]
    file.close()
    time.sleep(1.1)
    heir.ack([each.id for each in heir.claim(10)])
    assert [(each.entry.project_id, each.attempts) for each in heir.claim(10)] == [(0, 2), (1, 2)]
    heir.close()
    dead.close()


def test_who_tried_an_entry_alone_is_remembered_until_it_is_acknowledged(
    spool: RedisSpool, client: redis.Redis
) -> None:
    spool.append(entry(1))
    [first] = spool.claim(1)
    spool.begin_lone_try(first)
    [again] = spool.claim(1)
    assert again.tried_alone_by == (spool.worker,)
    spool.begin_lone_try(again)
    [again] = spool.claim(1)
    assert again.tried_alone_by == (spool.worker, spool.worker)
    spool.withdraw_lone_try(first)
    [again] = spool.claim(1)
    assert again.tried_alone_by == ()
    spool.ack([again.id])
    assert not client.exists(LONE_TRIES)


def test_what_a_slow_worker_claims_anew_is_its_own_for_as_long_again(spool: RedisSpool, server: RealRedis) -> None:
    other = open_spool(server)
    spool.append(entry(1))
    [first] = spool.claim(1)
    time.sleep(0.3)
    assert [each.id for each in spool.claim(1)] == [first.id]
    assert spool.is_held()
    assert other.claim(1) == []
    other.close()
