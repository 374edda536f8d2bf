"""JSON as it really comes: what the standard forbids is read, bounded, and never a crash."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.reader import UnreadableEvent, decode_json, limits, read_event

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": NaN, "b": Infinity, "c": -Infinity}', {"a": None, "b": None, "c": None}),
        (b'{"a": "x\\ud800y"}', {"a": "x\ufffdy"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": "nul\\u0000 bell\\u0007 tab\\t line\\n"}', {"a": "nul bell tab\t line\n"}),
        (b'{"a": "raw\x01control"}', {"a": "rawcontrol"}),
        (b'{"a": "\\u001b[1;31mred\\u001b[0m"}', {"a": "red"}),
        (b'{"k\\u0000ey": 1}', {"key": 1}),
        (b'{"a": "\xff broken"}', {"a": "\ufffd broken"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1}\n\x00', {"a": 1}),
        (b'{"a": 18446744073709551615}', {"a": 18446744073709551615}),
        (b'{"a": 18446744073709551616}', {"a": "18446744073709551616"}),
        (b'{"a": 1e999}', {"a": None}),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
    ],
)
def test_forbidden_json_is_read_as_what_was_meant(raw: bytes, value: Any) -> None:
    assert decode_json(raw) == value


def test_an_integer_of_four_hundred_digits_is_kept_as_text() -> None:
    assert decode_json(b'{"a": 1' + b"0" * 400 + b"}") == {"a": "1" + "0" * 400}


@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["arrays", "objects"])
def test_a_hundred_thousand_levels_of_nesting_are_cut_and_noted(opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    event = read_event(b'{"message": "deep", "extra": ' + opening * 100_000 + b"1" + closing * 100_000 + b"}")
    assert event.message == "deep"
    assert any("nested too deeply" in note for note in event.notes)
    assert b"[too deep]" in orjson.dumps(event.raw)


@pytest.mark.parametrize("levels", [100, 250, 300, 900, 1100])
def test_any_depth_of_nesting_can_be_stored(levels: int) -> None:
    event = read_event(b'{"extra": ' + b"[" * levels + b"]" * levels + b"}")
    assert orjson.dumps(event.raw)


@pytest.mark.parametrize("raw", [b"", b"  ", b"{", b"[1, 2]", b'"text"', b"12", b"null", b"<html>", b"{'a': 1}"])
def test_what_is_no_json_object_is_refused_with_a_reason(raw: bytes) -> None:
    with pytest.raises(UnreadableEvent) as refusal:
        read_event(raw)
    assert str(refusal.value)


def test_unclosed_nesting_is_refused_and_not_followed() -> None:
    with pytest.raises(UnreadableEvent):
        decode_json(b"[" * 1_000_000)


def test_a_clean_payload_is_kept_exactly_as_sent() -> None:
    payload = {"extra": {"text": "x" * 100_000, "list": list(range(5_000))}, "unknown": [None, True, 1.5]}
    assert read_event(json.dumps(payload).encode()).raw == payload


def test_a_large_payload_loses_its_excess_and_says_so() -> None:
    payload = {
        "message": "large",
        "extra": {str(number): "x" * 1_000 for number in range(2_000)},
        "exception": {
            "values": [{"type": "E", "stacktrace": {"frames": [{"function": "f", "vars": {"v": "y" * 90_000}}]}}]
        },
    }
    event = read_event(orjson.dumps(payload))
    assert event.message == "large"
    assert len(orjson.dumps(event.raw)) < 2 * limits.SECTION_CHARACTERS
    assert event.exceptions[0].stacktrace is not None
    assert len(event.exceptions[0].stacktrace.frames[0].raw["vars"]["v"]) <= limits.VARIABLES_CHARACTERS
    assert any("too large" in note for note in event.notes)


def test_a_large_section_never_takes_the_stack_with_it() -> None:
    frames = [{"function": f"f{number}", "vars": {"blob": "z" * 9_000}} for number in range(200)]
    event = read_event(orjson.dumps({"exception": {"values": [{"type": "E", "stacktrace": {"frames": frames}}]}}))
    assert event.exceptions[0].stacktrace is not None
    assert [frame.function for frame in event.exceptions[0].stacktrace.frames] == [
        f"f{number}" for number in range(200)
    ]


def test_a_payload_that_is_decoded_already_is_copied_and_cleaned() -> None:
    payload = {"message": "nul\0", "extra": {"nan": float("nan"), "big": 2**80, "pair": (1, 2)}}
    event = read_event(payload)
    assert event.message == "nul"
    assert event.raw["extra"]["nan"] is None
    assert payload["message"] == "nul\0"
    assert orjson.dumps(event.raw)


@given(JSON_VALUES)
def test_whatever_json_is_sent_the_event_can_be_stored(value: Any) -> None:
    raw = json.dumps({"exception": value, "extra": value, "tags": value, "threads": {"values": value}}).encode()
    event = read_event(raw)
    stored = orjson.dumps(event.raw)
    assert b"\\u0000" not in stored
    assert read_event(stored).raw == event.raw


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        orjson.dumps(decode_json(raw))
    except UnreadableEvent as refusal:
        assert str(refusal)
