"""An event that is made to cost much is kept without its free texts, and says so; it holds nothing up."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest

from grouping.reader import read_event
from grouping.reader.remarks import DENSE, SLOW, read_remarks, remark_on
from ingest.digest.coarse import hide_texts, scrub_event
from ingest.digest.event import EVENT_SECONDS, Arrival, ProjectConfig, digest_event
from ingest.digest.words import ScrubRules
from tracker.record.digested import Digested
from tracker.rules.versions import Rules

NOTHING_MORE = ScrubRules((), False)
ARRIVAL = Arrival(1, 1, datetime(2026, 11, 27, 12, tzinfo=UTC), None)
SECRET = "hunter2-s3cr3t"
SIZE = 300_000

Shape = Callable[[int], bytes]


def fill(unit: bytes, size: int, between: bytes = b"") -> bytes:
    return between.join([unit] * (size // (len(unit) + len(between))))


def request_body(size: int) -> bytes:
    """What an ordinary program sends: rows of a table, each with names that sound secret."""
    rows = [{"id": n, "session_id": f"s{n:08}", "csrf_token": f"t{n:08}"} for n in range(size // 60)]
    return json.dumps({"request": {"data": json.dumps({"users": rows})}}).encode()


SHAPES: dict[str, Shape] = {
    "card numbers": lambda size: b'{"extra":{"a":[' + fill(b'"4111111111111111"', size, b",") + b"]}}",
    "JSON in a text": lambda size: b'{"extra":{"body":"{' + fill(rb"\"token\":1", size, b",") + b'}"}}',
    "words in a text": lambda size: b'{"message":"' + fill(b"token ", size) + b'"}',
    "words in a source line": lambda size: b'{"x":{"pre_context":["a' + fill(b"token ", size) + b'"]}}',
    "words in source lines": lambda size: b'{"x":{"pre_context":["a",' + fill(b'"token "', size, b",") + b"]}}",
    "beginnings of keys": lambda size: b'{"message":"' + fill(b"-----BEGIN PRIVATE KEY-----", size) + b'"}',
    "beginnings of tokens": lambda size: b'{"message":"' + fill(b".eyj", size) + b'"}',
    "boxes": lambda size: b'{"token":' * 200 + b"[" + fill(b"[]", size, b",") + b"]" + b"}" * 200,
    "many secrets": lambda size: b'{"a":[' + b",".join(b'{"token":"abc%09d"}' % n for n in range(size // 25)) + b"]}",
    "a request's body": request_body,
}


def digested(payload: bytes, clock: Callable[[], float] = lambda: 0.0) -> Digested:
    return digest_event(payload, "", "error", ARRIVAL, ProjectConfig(Rules(), NOTHING_MORE), clock)


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_an_event_is_made_of_it_is_kept(shape: str) -> None:
    kept = digested(SHAPES[shape](SIZE))
    assert json.loads(kept.payload)


def test_of_many_secrets_none_is_kept() -> None:
    payload = SHAPES["many secrets"](SIZE)
    assert payload.count(b"abc0000") > 10_000
    assert b"abc0000" not in digested(payload).payload


def dense_event() -> bytes:
    frames = [{"function": "charge", "module": "shop.pay", "in_app": True, "vars": {"card": SECRET}}]
    exception = {"type": "PaymentError", "value": SECRET, "stacktrace": {"frames": frames}}
    texts = ["token" for _ in range(40_000)]
    event = {"exception": {"values": [exception]}, "extra": {"texts": texts, "note": SECRET}, "release": "shop@1.4.2"}
    return json.dumps(event).encode()


def test_what_holds_too_much_to_look_at_keeps_names_and_frames_and_no_free_text() -> None:
    kept = digested(dense_event())
    assert SECRET.encode() not in kept.payload
    assert (kept.type, kept.release) == ("PaymentError", "shop@1.4.2")
    event = read_event(kept.payload)
    assert [frame.function for each in event.exceptions for frame in each.stacktrace.frames] == ["charge"]  # type: ignore[union-attr]
    assert event.notes[0].startswith("It held more that may be secret than is looked at one by one")


def test_an_event_that_takes_longer_than_it_may_is_kept_without_its_texts_and_says_so() -> None:
    ticks = count()
    payload = json.dumps({"message": SECRET, "level": "fatal", "tags": {"browser": "Firefox"}}).encode()
    kept = digested(payload, lambda: next(ticks) * EVENT_SECONDS * 0.9)
    assert SECRET.encode() not in kept.payload
    event = read_event(kept.payload)
    assert (event.level, event.tags["browser"]) == ("fatal", "Firefox")
    assert event.notes[0].startswith("It took more processor time than one event may")


def test_an_event_in_time_says_nothing_of_it() -> None:
    kept = digested(json.dumps({"message": "it failed"}).encode())
    assert kept.title == "it failed"
    assert not read_event(kept.payload).notes


@pytest.mark.parametrize("rule", [DENSE, SLOW])
def test_a_remark_is_read_as_it_was_written(rule: str) -> None:
    assert len(read_remarks(remark_on(rule))) == 1


def test_remarks_of_others_are_passed_over() -> None:
    assert read_remarks({"": {"rem": [["@email", "x"], [], "text"]}}) == []
    assert read_remarks(None) == read_remarks({"": 1}) == []


@pytest.mark.parametrize("payload", [b"", b"[]", b"7", b"no json", b'{"a":'])
def test_what_is_no_object_has_no_texts_to_hide(payload: bytes) -> None:
    assert hide_texts(payload, NOTHING_MORE, SLOW) in (b"null", b'{"_meta":{"":{"rem":[["stacktale:slow","x"]]}}}')
    scrub_event(payload, NOTHING_MORE)
