"""Whose key? Four ways, which must agree; and a keyring that outlives the database's absences."""

import gzip
import io
import os
import threading
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from ingest.errors import Unavailable
from ingest.receive.body import SMALL_BODY
from ingest.receive.keys import FRESH_SECONDS, RETRY_SECONDS, KeyInfo, Keyring, KeysUnavailable, load_key
from ingest.receive.windows import Limit
from tests.conftest import World
from tests.ingest.endpoint_setup import DISABLED_KEY, EVENT_ID, KEY, OTHER_KEY, EndpointWorld, Reply, event_envelope
from tracker.models import ProjectKey, RateLimit

DSN = f"https://{KEY}@errors.example.com/7"
EVENT = b'{"type":"event"}\n{"message":"hello"}'


def knock(body: bytes = b"", query: str = "", path: str = "/api/7/envelope/", **headers: Any) -> Reply:
    return EndpointWorld().request("POST", path, body or event_envelope(), query, **headers)


def with_dsn(dsn: str) -> bytes:
    return b'{"event_id":"%s","dsn":"%s"}\n' % (EVENT_ID.encode(), dsn.encode()) + EVENT


@pytest.mark.parametrize(
    "header",
    [
        f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=sentry.python/2.0, sentry_secret=abc",
        f"Sentry sentry_version=7,sentry_client=x,sentry_key={KEY}",
        f"sentry sentry_secret=sentry_key, sentry_key={KEY}",
        f"Sentry sentry_timestamp=1, sentry_key = {KEY}",
        f'Sentry sentry_key="{KEY}"',
        f"sentry_key={KEY}",
        f"Sentry sentry_key={KEY[:8]}-{KEY[8:]}",
    ],
)
def test_the_sentry_header_names_the_key_in_any_order(header: str) -> None:
    assert knock(HTTP_X_SENTRY_AUTH=header).json == {"id": EVENT_ID}


@pytest.mark.parametrize(
    "query", [f"sentry_key={KEY}", f"sentry_version=7&sentry_client=a%2F1&sentry_key={KEY}", f"glitchtip_key={KEY}"]
)
def test_the_query_string_names_the_key(query: str) -> None:
    assert knock(query=query).status == 200


@pytest.mark.parametrize("scheme", ["Sentry", "sentry", "SENTRY"])
def test_the_authorization_header_names_the_key(scheme: str) -> None:
    assert knock(HTTP_AUTHORIZATION=f"{scheme} sentry_key={KEY}").status == 200


@pytest.mark.parametrize("other", ["Bearer abc", "Basic c2VudHJ5X2tleT14", f"Bearer sentry_key={OTHER_KEY}"])
def test_an_authorization_for_someone_else_means_nothing(other: str) -> None:
    assert knock(HTTP_AUTHORIZATION=other, query=f"sentry_key={KEY}").status == 200
    assert knock(HTTP_AUTHORIZATION=other).status == 403


@pytest.mark.parametrize(
    "dsn",
    [
        DSN,
        f"http://{KEY}:secret@localhost:8000/7",
        f"https://{KEY}:@example.com/errors/7",
        f"https://{KEY}@[::1]:8000/a/b/7/",
        f"https://{KEY}@example.com//7",
    ],
)
def test_the_dsn_of_a_tunnelled_envelope_is_enough(dsn: str) -> None:
    assert knock(with_dsn(dsn)).json == {"id": EVENT_ID}


@pytest.mark.parametrize(
    ("body", "query", "headers"),
    [
        (b"", f"sentry_key={KEY}", {"HTTP_X_SENTRY_AUTH": f"Sentry sentry_key={OTHER_KEY}"}),
        (b"", f"sentry_key={OTHER_KEY}", {"HTTP_AUTHORIZATION": f"Sentry sentry_key={KEY}"}),
        (with_dsn(DSN.replace(KEY, OTHER_KEY)), f"sentry_key={KEY}", {}),
        (with_dsn(DSN.replace("/7", "/8")), f"sentry_key={KEY}", {}),
        (with_dsn(DSN.replace("/7", "/8")), "", {}),
        (with_dsn("nonsense"), f"sentry_key={KEY}", {}),
        (with_dsn("https://example.com/7"), f"sentry_key={KEY}", {}),
    ],
)
def test_ways_that_disagree_are_refused(body: bytes, query: str, headers: dict[str, str]) -> None:
    reply = knock(body, query, **headers)
    assert reply.status == 403
    assert reply.json["detail"]


def test_a_request_without_any_key_is_told_so() -> None:
    reply = knock()
    assert reply.status == 403
    assert "no key" in reply.json["detail"]


@pytest.mark.parametrize("key", ["f" * 32, "x", "f" * 33, "../../etc", "'; DROP TABLE x; --", "%00", "é"])
def test_an_unknown_key_is_refused(key: str) -> None:
    assert knock(query=f"sentry_key={key}").status == 403
    assert knock(HTTP_X_SENTRY_AUTH=f"Sentry sentry_key={key}").status == 403


def test_a_disabled_key_is_told_that_it_is_disabled() -> None:
    assert "disabled" in knock(query=f"sentry_key={DISABLED_KEY}").json["detail"]


def test_the_key_of_another_project_is_refused() -> None:
    reply = knock(query=f"sentry_key={OTHER_KEY}")
    assert reply.status == 403
    assert "project 7" in reply.json["detail"]


def light_brotli(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=1))


@pytest.mark.parametrize(
    ("encoding", "encode"), [("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress), ("br", light_brotli)]
)
def test_a_tunnelled_body_is_read_only_when_its_dsn_is_known(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    large = b'{"type":"attachment"}\n' + os.urandom(2_000_000).replace(b"\n", b"x")
    for dsn, status in ((DSN, 200), (DSN.replace(KEY, "f" * 32), 403), (DSN.replace("/7", "/8"), 403)):
        body = encode(b'{"dsn":"%s"}\n' % dsn.encode() + large)
        source = io.BytesIO(body)
        environ: dict[str, Any] = {"wsgi.input": source, "HTTP_CONTENT_ENCODING": encoding}
        reply = knock(body, **environ)
        assert reply.status == status
        if status == 403 and "unknown" in reply.json["detail"]:
            assert source.tell() <= SMALL_BODY


def test_an_unknown_key_is_refused_before_the_body_is_read() -> None:
    source = io.BytesIO(event_envelope())
    environ: dict[str, Any] = {"wsgi.input": source}
    assert knock(query="sentry_key=" + "f" * 32, **environ).status == 403
    assert source.tell() == 0


def test_the_old_store_address_takes_the_project_from_the_key() -> None:
    world = EndpointWorld()
    reply = world.request("POST", "/api/store/", b'{"message":"x"}', f"sentry_key={OTHER_KEY}")
    assert reply.status == 200
    assert [(entry.project_id, entry.key_id) for entry in world.spool.entries.values()] == [(8, 12)]


class Source:
    """Where keys are kept; counts questions, and can go away."""

    def __init__(self) -> None:
        self.keys = {KEY: KeyInfo(11, KEY, 7, True)}
        self.asked: list[str] = []
        self.is_away = False

    def load(self, public_key: str) -> KeyInfo | None:
        self.asked.append(public_key)
        if self.is_away:
            raise KeysUnavailable
        return self.keys.get(public_key)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_looked_up_once_and_again_when_it_is_stale() -> None:
    source, clock = Source(), Clock()
    ring = Keyring(source.load, clock=clock)
    for _ in range(3):
        assert ring.find(KEY) is source.keys[KEY]
    assert source.asked == [KEY]
    source.keys[KEY] = KeyInfo(11, KEY, 7, False)
    clock.now += FRESH_SECONDS
    found = ring.find(KEY)
    assert found is not None
    assert not found.is_active
    assert source.asked == [KEY, KEY]


def test_an_unknown_key_is_remembered_and_noticed_when_it_is_made() -> None:
    source, clock = Source(), Clock()
    ring = Keyring(source.load, clock=clock)
    assert ring.find("new") is ring.find("new") is None
    assert source.asked == ["new"]
    source.keys["new"] = KeyInfo(12, "new", 7, True)
    clock.now += FRESH_SECONDS
    assert ring.find("new") is source.keys["new"]


def test_a_deleted_key_is_forgotten() -> None:
    source, clock = Source(), Clock()
    ring = Keyring(source.load, clock=clock)
    ring.find(KEY)
    del source.keys[KEY]
    clock.now += FRESH_SECONDS
    assert ring.find(KEY) is None


def test_a_flood_of_wrong_keys_neither_evicts_a_good_one_nor_grows() -> None:
    source = Source()
    ring = Keyring(source.load, clock=Clock(), keys_limit=10)
    ring.find(KEY)
    for number in range(1000):
        ring.find(f"wrong{number}")
    source.is_away = True
    assert ring.find(KEY) is source.keys[KEY]
    assert len(ring._unknown) <= 10


def test_known_keys_go_on_while_the_database_is_away_and_unknown_ones_are_asked_to_come_again() -> None:
    source, clock = Source(), Clock()
    ring = Keyring(source.load, clock=clock)
    ring.find(KEY)
    source.is_away = True
    clock.now += 3600
    for _ in range(5):
        assert ring.find(KEY) is source.keys[KEY]
    assert source.asked == [KEY, KEY], "the absent database is not asked for every request"
    with pytest.raises(Unavailable) as refused:
        ring.find("new")
    assert dict(refused.value.headers)["Retry-After"]
    source.is_away = False
    clock.now += RETRY_SECONDS
    source.keys[KEY] = KeyInfo(11, KEY, 7, False)
    found = ring.find(KEY)
    assert found is not None
    assert not found.is_active


def test_while_one_thread_asks_about_a_stale_key_the_others_do_not_wait() -> None:
    source, clock = Source(), Clock()
    asked, may_answer = threading.Event(), threading.Event()

    def slow_load(public_key: str) -> KeyInfo | None:
        if source.asked:
            asked.set()
            may_answer.wait(10)
        return source.load(public_key)

    ring = Keyring(slow_load, clock=clock)
    ring.find(KEY)
    clock.now += FRESH_SECONDS
    asking = threading.Thread(target=ring.find, args=(KEY,))
    asking.start()
    assert asked.wait(10)
    assert not ring.is_fresh(KEY)
    assert ring.find(KEY) is source.keys[KEY]
    assert ring.is_fresh(KEY), "for a moment, so that nobody has to wait for the same answer"
    may_answer.set()
    asking.join()


def test_a_cold_key_is_503_while_the_database_is_away() -> None:
    world = EndpointWorld()

    def away(_: str) -> KeyInfo | None:
        raise KeysUnavailable

    world.receiver.keyring = Keyring(away)
    reply = world.post(event_envelope())
    assert reply.status == 503
    assert reply.headers["Retry-After"]


def test_a_key_is_read_from_the_database_with_the_limits_of_key_and_project(world: World) -> None:
    on_project = RateLimit.objects.create(project=world.shop, category="", limit=9, window_seconds=3600)
    on_key = RateLimit.objects.create(project=world.shop, key=world.key, category="error", limit=5)
    RateLimit.objects.create(project=world.secret, category="error", limit=1)
    assert load_key(world.key.public_key) == KeyInfo(
        world.key.pk,
        world.key.public_key,
        world.shop.pk,
        True,
        (Limit(on_project.pk, "project", "", 9, 3600), Limit(on_key.pk, "key", "error", 5, 60)),
    )
    assert load_key("f" * 32) is None


def test_a_cold_key_costs_two_queries_and_a_warm_one_none(world: World) -> None:
    ring = Keyring(load_key)
    with CaptureQueriesContext(connection) as cold:
        ring.find(world.key.public_key)
    assert len(cold) == 2
    with CaptureQueriesContext(connection) as warm:
        ring.find(world.key.public_key)
    assert len(warm) == 0


def test_an_error_of_the_database_is_keys_unavailable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(ProjectKey.objects, "filter", away)
    with pytest.raises(KeysUnavailable):
        load_key(world.key.public_key)
