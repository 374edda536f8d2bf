"""What is answered in the event loop is answered as in a thread, and what would wait is left to one untouched."""

import asyncio
import gzip
import io
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.receive.keys import KeyInfo
from ingest.receive.request import Request, Response, find_route
from ingest.receive.windows import Limit
from ingest.receive.windows_redis import RedisWindows
from ingest.server.quick import Appends, MustWait, QuickEndpoint
from tests.ingest.endpoint_setup import EVENT_ID, KEY, OTHER_KEY, EndpointWorld, envelope_of, event_envelope
from tests.ingest.hostility import hostile_request
from tests.ingest.memory_spool import MemorySpool
from tracker.spool import Entry, Offer, SpoolFailure, SpoolFull

AUTH = {"HTTP_X_SENTRY_AUTH": f"Sentry sentry_key={KEY}"}


def request_of(method: str, path: str, body: bytes, query: str, headers: dict[str, str]) -> Request | None:
    route = find_route(path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(len(body)),
        **headers,
    }
    return Request(route, environ, 1_700_000_000.0) if route else None


def quickly(world: EndpointWorld, *requests: Request) -> list[Response]:
    """The responses of the quick endpoint to simultaneous requests. Raises MustWait."""

    async def ask() -> list[Response]:
        appends = Appends(world.spool)
        try:
            quick = QuickEndpoint(world.endpoint, appends)
            return await asyncio.gather(*(quick.respond(request) for request in requests))
        finally:
            appends.close()

    return asyncio.run(ask())


def event_request(body: bytes, **headers: str) -> Request:
    request = request_of("POST", "/api/7/envelope/", body, "", AUTH | headers)
    assert request is not None
    return request


def warm_world() -> EndpointWorld:
    world = EndpointWorld()
    for key in (KEY, OTHER_KEY, "f" * 32):
        world.receiver.keyring.find(key)
    return world


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**62))
def test_whatever_comes_has_the_same_answer_entries_and_counts_as_in_a_thread(seed: int) -> None:
    hostile = hostile_request(seed)
    parts = (hostile.method, hostile.path, hostile.body, hostile.query, hostile.headers)
    slow, quick = request_of(*parts), request_of(*parts)
    if slow is None or quick is None:
        return
    in_thread, in_loop = warm_world(), warm_world()
    try:
        (answer,) = quickly(in_loop, quick)
    except MustWait:
        assert not in_loop.spool.entries
        assert not in_loop.counts()
        return
    expected = in_thread.endpoint.respond(slow)
    assert answer.status == expected.status
    assert answer.headers == expected.headers
    if b'"id"' not in answer.body:
        # An event that came without an id has been given one by chance.
        assert answer.body == expected.body
    assert len(in_loop.spool.entries) == len(in_thread.spool.entries)
    assert in_loop.counts() == in_thread.counts()
    assert len(in_loop.wake_ups) == len(in_thread.wake_ups)


def test_requests_that_come_together_are_stored_together() -> None:
    world = warm_world()
    groups: list[int] = []

    class Watched(MemorySpool):
        def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
            groups.append(len(offers))
            return super().append_all(offers)

    world.spool = world.receiver.spool = Watched()
    answers = quickly(world, *(event_request(event_envelope()) for _ in range(40)))
    assert [answer.status for answer in answers] == [200] * 40
    assert len(world.spool.entries) == 40
    assert groups == [40]


def test_a_cold_key_is_left_to_a_thread() -> None:
    with pytest.raises(MustWait):
        quickly(EndpointWorld(), event_request(event_envelope()))


def test_an_unknown_key_that_was_looked_up_is_refused_at_once() -> None:
    (answer,) = quickly(
        warm_world(), event_request(event_envelope(), HTTP_X_SENTRY_AUTH="Sentry sentry_key=" + "f" * 32)
    )
    assert answer.status == 403


@pytest.mark.parametrize("size", [300_000, 2_000_000])
def test_a_large_event_and_a_bomb_are_left_to_a_thread(size: int) -> None:
    event = event_envelope(EVENT_ID, extra="x" * size)
    for request in (event_request(event), event_request(gzip.compress(event), HTTP_CONTENT_ENCODING="gzip")):
        with pytest.raises(MustWait):
            quickly(warm_world(), request)


def test_limits_that_redis_counts_are_left_to_a_thread() -> None:
    world = EndpointWorld()
    world.keys[KEY] = KeyInfo(11, KEY, 7, True, (Limit(1, "key", "error", 10, 60),))
    world.receiver.windows = RedisWindows.__new__(RedisWindows)
    world.receiver.keyring.find(KEY)
    with pytest.raises(MustWait):
        quickly(world, event_request(event_envelope()))
    assert not world.spool.entries


def test_limits_of_one_machine_are_counted_at_once() -> None:
    world = EndpointWorld()
    world.keys[KEY] = KeyInfo(11, KEY, 7, True, (Limit(1, "key", "error", 2, 60),))
    world.receiver.keyring.find(KEY)
    answers = quickly(world, *(event_request(event_envelope()) for _ in range(3)))
    assert [answer.status for answer in answers] == [200, 200, 429]


def test_a_full_spool_refuses_and_counts_each_that_found_no_room() -> None:
    world = warm_world()
    world.spool.max_bytes = len(event_envelope()) * 2
    answers = quickly(world, *(event_request(event_envelope()) for _ in range(3)))
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert world.counts()[(7, 11, "error", "rate_limited", "spool_full")] == 1


def test_a_spool_that_is_away_is_a_503_for_all() -> None:
    world = warm_world()
    world.spool.is_away = True
    answers = quickly(world, *(event_request(event_envelope()) for _ in range(3)))
    assert [answer.status for answer in answers] == [503] * 3
    assert not world.wake_ups


def test_a_broken_spool_is_a_500_for_its_group_and_nothing_for_the_next() -> None:
    world = warm_world()

    class Broken(MemorySpool):
        def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
            raise ValueError("a defect")

    world.receiver.spool = Broken()
    appends = Appends(world.receiver.spool)

    async def ask() -> list[Response]:
        quick = QuickEndpoint(world.endpoint, appends)
        first = await asyncio.gather(*(quick.respond(event_request(event_envelope())) for _ in range(2)))
        return [*first, await quick.respond(event_request(event_envelope()))]

    assert [answer.status for answer in asyncio.run(ask())] == [500] * 3
    appends.close()


def test_what_comes_during_a_write_is_in_the_next() -> None:
    may_write = threading.Event()
    groups: list[int] = []

    class Slow(MemorySpool):
        def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
            groups.append(len(offers))
            may_write.wait(5)
            return super().append_all(offers)

    spool = Slow(max_bytes=1_000)
    appends = Appends(spool)

    async def ask() -> list[SpoolFailure | None]:
        first = appends.append(Offer(Entry(1, 1, 1.0, "identity", b"a")))
        await asyncio.sleep(0.05)
        rest = [appends.append(Offer(Entry(1, 1, 1.0, "identity", b"b" * size))) for size in (10, 2_000, 20)]
        await asyncio.sleep(0.05)
        may_write.set()
        return await asyncio.gather(first, *rest)

    outcomes = asyncio.run(ask())
    assert groups == [1, 3]
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), SpoolFull, type(None)]
    appends.close()


def test_an_event_without_envelope_is_answered_at_once_as_well() -> None:
    request = request_of("POST", "/api/7/store/", b'{"message":"hello"}', "", AUTH)
    assert request is not None
    world = warm_world()
    (answer,) = quickly(world, request)
    assert answer.status == 200
    assert len(world.spool.entries) == 1


def test_a_preflight_needs_nothing() -> None:
    request = request_of("OPTIONS", "/api/7/envelope/", b"", "", {})
    assert request is not None
    (answer,) = quickly(EndpointWorld(), request)
    assert answer.status == 200


def test_refused_items_are_counted_once() -> None:
    world = warm_world()
    body = envelope_of(({"type": "event"}, b"no json"), ({"type": "session"}, b"{}"))
    (answer,) = quickly(world, event_request(body))
    assert answer.status == 200
    assert [quantity for row, quantity in world.counts().items() if row[3] == "invalid"] == [1]
