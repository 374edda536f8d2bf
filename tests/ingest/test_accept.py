"""What becomes of an envelope's items: the good are kept, the bad are counted, ids are what the answer says."""

from typing import Any

import orjson
import pytest

from tests.ingest.endpoint_setup import EVENT_ID, EndpointWorld, envelope_of, event_envelope
from tracker.spool import Entry

OTHER_ID = "0123456789abcdef0123456789abcdef"
EVENT = orjson.dumps({"event_id": EVENT_ID, "message": "x"})


def event(**payload: Any) -> tuple[dict[str, Any], bytes]:
    return {"type": "event"}, orjson.dumps(payload)


def test_an_entry_holds_the_bytes_as_sent_with_project_key_and_time() -> None:
    world = EndpointWorld()
    body = event_envelope()
    world.post(body)
    (entry,) = world.spool.entries.values()
    assert entry == Entry(7, 11, entry.received_at, "identity", body)
    assert entry.received_at > 1_700_000_000


@pytest.mark.parametrize("position", [0, 1])
def test_an_item_of_unknown_type_passes_and_takes_no_event_along(position: int) -> None:
    world = EndpointWorld()
    items: list[tuple[dict[str, Any], bytes]] = [({"type": "event"}, EVENT)]
    items.insert(position, ({"type": "trace_metric_of_2031"}, b"\x00\xff"))
    body = envelope_of(*items)
    assert world.post(body).json == {"id": EVENT_ID}
    assert [entry.body for entry in world.spool.entries.values()] == [body]


def test_an_envelope_without_event_is_answered_with_an_empty_object() -> None:
    world = EndpointWorld()
    reply = world.post(envelope_of(({"type": "session"}, b"{}"), ({"type": "client_report"}, b"{}"), event_id=EVENT_ID))
    assert (reply.status, reply.json) == (200, {})
    assert world.spool.size() == 1


def test_an_empty_envelope_is_fine_and_not_kept() -> None:
    world = EndpointWorld()
    assert (world.post(b"{}\n").json, world.spool.size(), world.wake_ups) == ({}, 0, [])


@pytest.mark.parametrize(
    ("header_id", "payload_id", "answered"),
    [
        (EVENT_ID, EVENT_ID, EVENT_ID),
        (EVENT_ID, None, EVENT_ID),
        (None, EVENT_ID, EVENT_ID),
        (OTHER_ID, EVENT_ID, OTHER_ID),
        (EVENT_ID, 12345, EVENT_ID),
        (EVENT_ID, "not an id", EVENT_ID),
        ("not an id", EVENT_ID, EVENT_ID),
        ("0" * 32, EVENT_ID, EVENT_ID),
        ("9EC79C33-EC99-42AB-8353-589FCB2E04DC", EVENT_ID, EVENT_ID),
        (EVENT_ID, "9EC79C33-EC99-42AB-8353-589FCB2E04DC", EVENT_ID),
    ],
)
def test_the_header_id_takes_precedence_and_the_spooled_payload_bears_it(
    header_id: str | None, payload_id: Any, answered: str
) -> None:
    world = EndpointWorld()
    payload = {"message": "x"} | ({} if payload_id is None else {"event_id": payload_id})
    reply = world.post(envelope_of(event(**payload), **({} if header_id is None else {"event_id": header_id})))
    assert reply.json == {"id": answered}
    (spooled,) = world.payloads()
    assert spooled["event_id"].replace("-", "").lower() == answered
    assert spooled["message"] == "x"


@pytest.mark.parametrize("payload", [b"{}", b"{ }", b' {"a":1} \n', b'{"a":NaN}', b'{"event_id":7}', b'{"a":"\xff"}'])
def test_an_event_without_id_gets_one_that_the_answer_names(payload: bytes) -> None:
    world = EndpointWorld()
    reply = world.post(envelope_of(({"type": "event"}, payload)))
    (envelope,) = world.spooled()
    assert b'"event_id":"%s"' % reply.json["id"].encode() in bytes(envelope.items[0].payload)


def test_two_events_in_one_envelope_are_two_events() -> None:
    world = EndpointWorld()
    body = envelope_of(event(event_id=EVENT_ID, n=1), event(event_id=OTHER_ID, n=2), event(n=3), event_id=EVENT_ID)
    assert world.post(body).json == {"id": EVENT_ID}
    ids = [payload["event_id"] for payload in world.payloads()]
    assert ids[:2] == [EVENT_ID, OTHER_ID]
    assert len(set(ids)) == 3


def test_two_events_with_the_same_id_keep_apart() -> None:
    world = EndpointWorld()
    world.post(envelope_of(event(event_id=EVENT_ID, n=1), event(event_id=EVENT_ID, n=2), event_id=EVENT_ID))
    ids = [payload["event_id"] for payload in world.payloads()]
    assert ids[0] == EVENT_ID != ids[1]


def test_the_header_id_goes_to_the_event_that_bears_it_wherever_it_stands() -> None:
    world = EndpointWorld()
    feedback = ({"type": "feedback"}, orjson.dumps({"event_id": OTHER_ID}))
    world.post(envelope_of(feedback, event(event_id=EVENT_ID), event_id=EVENT_ID))
    assert [payload["event_id"] for payload in world.payloads()] == [OTHER_ID, EVENT_ID]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"garbage", "not_json"),
        (b"", "not_json"),
        (b'{"a":', "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"a":"' + b"x" * 1_000_000 + b'"}', "too_large"),
    ],
)
def test_a_bad_event_is_counted_and_takes_no_good_one_along(payload: bytes, code: str) -> None:
    world = EndpointWorld()
    reply = world.post(envelope_of(({"type": "event"}, payload), ({"type": "event"}, EVENT), ({"type": "log"}, b"{}")))
    assert (reply.status, reply.json) == (200, {"id": EVENT_ID})
    (envelope,) = world.spooled()
    assert [item.type for item in envelope.items] == ["event", "log"]
    assert world.counts() == {
        (7, 11, "error", "received", ""): 1,
        (7, 11, "error", "invalid", code): 1,
    }


@pytest.mark.parametrize(
    ("payload", "status", "reason"),
    [
        (b"garbage", 400, "item 1 (event) is not JSON"),
        (b"[]", 400, "item 1 (event) is not a JSON object"),
        (b'{"a":"' + b"x" * 1_000_000 + b'"}', 413, "item 1 (event) has 1,000,008 bytes; 1,000,000 are allowed"),
    ],
)
def test_nothing_but_bad_items_is_refused_with_the_reason(payload: bytes, status: int, reason: str) -> None:
    world = EndpointWorld()
    reply = world.post(envelope_of(({"type": "event"}, payload), ({"no": "type"}, b"")))
    assert reply.status in (status, 400)
    assert reply.json["detail"].startswith(reason)
    assert len(reply.json["causes"]) == 2
    assert world.spool.size() == 0
    assert world.post(envelope_of(({"type": "event"}, payload))).status == status


def test_what_is_spooled_is_not_counted_because_the_entry_is_the_count() -> None:
    world = EndpointWorld()
    world.post(event_envelope())
    assert world.counts() == {}


def test_a_malformed_envelope_is_counted_as_one_thing_of_its_key() -> None:
    world = EndpointWorld()
    assert world.post(b"garbage").status == 400
    assert world.post(bytes(3), HTTP_CONTENT_ENCODING="gzip").status == 400
    assert world.counts() == {
        (7, 11, "default", "received", ""): 2,
        (7, 11, "default", "invalid", "malformed"): 2,
    }


def test_the_refused_of_an_unknown_key_are_nobodys() -> None:
    world = EndpointWorld()
    world.post(event_envelope(), query="sentry_key=" + "f" * 32)
    assert world.counts() == {}
