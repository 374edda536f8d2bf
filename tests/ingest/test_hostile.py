"""Whatever comes: never a 5xx but for unavailability, a reason in every refusal, and the next good event is taken."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.endpoint_setup import EVENT_ID, KEY, EndpointWorld, Reply, envelope_of, event_envelope
from tests.ingest.hostility import WRONG_PATHS, hostile_request

ENCODINGS = ["", "gzip", "deflate", "br", "zstd"]


def assert_honest(reply: Reply) -> None:
    assert reply.status < 500 or reply.status == 503
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    if reply.status >= 400 and reply.body:
        assert reply.json["detail"]
        assert reply.headers["X-Sentry-Error"]


def assert_open(world: EndpointWorld) -> None:
    assert world.post(event_envelope()).json == {"id": EVENT_ID}


@settings(max_examples=2_000, deadline=None)
@given(st.integers(0, 2**62))
def test_a_request_with_a_few_things_wrong_is_answered_honestly(seed: int) -> None:
    world = EndpointWorld()
    hostile = hostile_request(seed)
    reply = world.request(
        hostile.method, hostile.path, hostile.body, hostile.query, length=hostile.length, **hostile.headers
    )
    if reply.body != b"pages":
        assert_honest(reply)
    assert_open(world)
    world.spooled()


@settings(max_examples=1_000, deadline=None)
@given(
    body=st.binary(max_size=300),
    path=st.sampled_from(["/api/7/envelope/", "/api/7/store/", "/api/7/security/", "/api/7/nel/"]),
    encoding=st.sampled_from(ENCODINGS),
)
def test_any_bytes_are_answered_honestly(body: bytes, path: str, encoding: str) -> None:
    assert_honest(EndpointWorld().post(body, path, HTTP_CONTENT_ENCODING=encoding))


@settings(max_examples=500, deadline=None)
@given(path=st.text(max_size=30) | st.sampled_from(WRONG_PATHS), query=st.text(max_size=60), auth=st.text(max_size=60))
def test_any_address_query_and_key_are_answered_honestly(path: str, query: str, auth: str) -> None:
    reply = EndpointWorld().request("POST", "/api/" + path, event_envelope(), query, HTTP_X_SENTRY_AUTH=auth)
    if reply.body != b"pages":
        assert_honest(reply)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(header=JSON, item_header=JSON, payload=JSON)
def test_any_json_in_every_place_is_answered_honestly(header: object, item_header: object, payload: object) -> None:
    lines = [repr(part).replace("'", '"').encode("utf-8", "surrogatepass") for part in (header, item_header, payload)]
    world = EndpointWorld()
    assert_honest(world.post(b"\n".join(lines)))
    assert_honest(world.post(lines[2], "/api/7/store/"))
    assert_honest(world.post(lines[2], "/api/7/security/"))
    assert_honest(world.post(b"[" + lines[2] + b"]", "/api/7/security/"))


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        (b'{"a":"\x00"}', 200),
        (b'{"a":"\\u0000"}', 200),
        (b'{"a":"\\ud800"}', 200),
        (b'{"a":"\xed\xa0\x80"}', 200),
        (b'{"a":"\xff"}', 200),
        (b'{"a":NaN,"b":-Infinity}', 200),
        (b'{"a":1' + b"0" * 400 + b"}", 200),
        (b'{"a":1e400}', 200),
        (b'{"a":1,"a":2}', 200),
        (b'{"a":' * 900 + b"1" + b"}" * 900, 200),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 200),
        (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", 200),
        (b'{"a":"' + b"\\u0000" * 100_000 + b'"}', 200),
        (b'{"' + b'","'.join(b"%d" % n for n in range(100)) + b'"}', 400),
        (b"[" * 500_000, 400),
        (b'"' * 900_000, 400),
        (b"{" * 900_000, 400),
        (b'{"a":"\\' * 100_000, 400),
        (b"1" * 900_000, 400),
    ],
)
def test_odd_json_in_an_event_is_kept_where_it_can_be_read_and_else_refused(payload: bytes, status: int) -> None:
    world = EndpointWorld()
    reply = world.post(envelope_of(({"type": "event"}, payload)))
    assert_honest(reply)
    assert reply.status == status
    assert_open(world)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"' + b"x" * 10_000_000 + b'"}\n',
        b"{}\n" + b"x" * 10_000_000,
        b"{}\n" + b'{"type":"a"}\nx\n' * 100_000,
        b"{}\n" + b"\n" * 15_000_000 + b"x",
        b"{}\n" + b"{}\n\n" * 1_001,
        b"\x00" * 5_000_000,
    ],
)
def test_oversized_requests_are_refused_with_a_reason(body: bytes) -> None:
    world = EndpointWorld()
    for reply in (world.post(body), world.post(gzip.compress(body, 1), HTTP_CONTENT_ENCODING="gzip")):
        assert_honest(reply)
        assert reply.status == 400
    assert_open(world)


@pytest.mark.parametrize("path", ["/api/7/envelope/", "/api/7/store/", "/api/7/security/", "/api/7/nel/"])
@pytest.mark.parametrize("depth", [90, 200, 300, 1_000, 1_100, 9_000])
def test_depth_that_must_be_written_again_is_answered_honestly(path: str, depth: int) -> None:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    csp = b'{"csp-report":{"effective-directive":"img-src","other":%s}}' % deep
    world = EndpointWorld()
    for body in (deep, csp, b"%s\n{}" % deep, b'%s\n{"type":"event"}\n{}' % deep):
        assert_honest(world.post(body, path))
    assert_honest(world.post(b'{}\n{"type":"event","x":%s}\n{}' % deep, path))
    assert_open(world)


def test_many_costly_events_in_one_envelope_cost_no_more_than_a_few() -> None:
    costly = b'{"a":[' + b"[]," * 300_000 + b"NaN]}"
    world = EndpointWorld()
    body = gzip.compress(envelope_of(*[({"type": "event"}, costly)] * 10), 1)
    reply = world.post(body, HTTP_CONTENT_ENCODING="gzip")
    assert reply.status == 200
    (envelope,) = world.spooled()
    assert len(envelope.items) == 4
    assert world.counts()[7, 11, "error", "invalid", "too_large"] == 6


def test_wrong_keys_shut_no_one_out() -> None:
    world = EndpointWorld()
    for number in range(2_000):
        assert world.request("POST", "/api/7/envelope/", b"x", f"sentry_key={number:032x}").status == 403
    assert world.request("POST", "/api/7/envelope/", event_envelope(), f"sentry_key={KEY}").status == 200
