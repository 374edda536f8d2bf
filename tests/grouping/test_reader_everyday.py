"""The short way of reading: the same event as by the long way, or none."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.event import Event, Stacktrace
from grouping.group import group_event
from grouping.reader import UnreadableEvent, read_event, skim_event
from grouping.reader.everyday import read_everyday
from grouping.rules import EMPTY_RULES
from tests.corpus.recordings import iter_cases

PAYLOADS = [content for case in iter_cases() for content in case.event_payloads()]
FRAME = {"function": "charge", "module": "shop.billing", "filename": "shop/billing.py", "lineno": 12, "in_app": True}


def without_raw(event: Event) -> Event:
    """What both ways promise; in the raw parts the short way leaves out what only the page shows."""
    return replace(
        event,
        raw={},
        is_skimmed=False,
        exceptions=[replace(each, stacktrace=_bare(each.stacktrace)) for each in event.exceptions],
        threads=[replace(each, stacktrace=_bare(each.stacktrace)) for each in event.threads],
        stacktrace=_bare(event.stacktrace),
    )


def _bare(stack: Stacktrace | None) -> Stacktrace | None:
    return Stacktrace([replace(frame, raw={}) for frame in stack.frames]) if stack else None


def payload_with(**fields: Any) -> bytes:
    exception = {"type": "ValueError", "value": "no", "stacktrace": {"frames": [FRAME]}}
    event = {"event_id": "a" * 32, "platform": "python", "exception": {"values": [exception]}, **fields}
    return json.dumps(event).encode()


def test_both_ways_read_every_recorded_event_alike_and_group_it_alike() -> None:
    short = 0
    for payload in PAYLOADS:
        skimmed, read = skim_event(payload), read_event(payload)
        assert without_raw(skimmed) == without_raw(read)
        assert group_event(skimmed, EMPTY_RULES).keys == group_event(read, EMPTY_RULES).keys
        short += skimmed.is_skimmed
    assert short > 0.9 * len(PAYLOADS), "hardly worth having"


def test_a_stack_that_comes_again_is_the_same_value() -> None:
    first, second = (skim_event(payload_with(message=text)) for text in ("one", "two"))
    assert first.exceptions[0].stacktrace is second.exceptions[0].stacktrace


def test_a_stack_that_differs_in_one_line_number_is_another() -> None:
    moved = {"values": [{"type": "ValueError", "value": "no", "stacktrace": {"frames": [{**FRAME, "lineno": 13}]}}]}
    first, second = (skim_event(payload) for payload in (payload_with(), payload_with(exception=moved)))
    assert first.exceptions[0].stacktrace != second.exceptions[0].stacktrace


@pytest.mark.parametrize(
    "payload",
    [
        payload_with(**{"sentry.interfaces.User": {"id": 7}}),
        payload_with(level=40),
        payload_with(message="NUL \0"),
        payload_with(extra={"n": "\x1b[31mred"}),
        payload_with(exception={"type": "KeyError", "value": "one bare exception"}),
        payload_with(extra="x" * 300_000),
        payload_with(stacktrace={"frames": [FRAME] * 301}),
        payload_with(extra="caf\u00e9").replace(b"\\u00e9", b"\xe9"),
        payload_with()[:-1],
        payload_with().replace(b"12", b"12.0"),
        payload_with(extra="\ud800"),
    ],
)
def test_what_is_odd_is_left_to_the_long_way(payload: bytes) -> None:
    assert read_everyday(payload) is None


def test_an_event_without_an_id_gets_the_id_of_its_content() -> None:
    payload = payload_with(event_id=None)
    assert skim_event(payload).event_id == read_event(payload).event_id


def test_numbers_that_no_integer_holds_are_read_as_text_both_ways() -> None:
    payload = payload_with(user={"id": 123456789012345678901234567890}, tags={"n": 2**70})
    skimmed = skim_event(payload)
    assert skimmed.user.id == "123456789012345678901234567890"
    assert skimmed.tags == {"n": str(2**70)}


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just(FRAME),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["values", "frames", "type", "value", "stacktrace", "id"]), inner, max_size=3)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    ["exception", "threads", "stacktrace", "message", "logentry", "tags", "user", "level", "fingerprint", "release"]
)


@given(st.dictionaries(names, values, max_size=3))
def test_both_ways_agree_on_anything(fields: dict[str, Any]) -> None:
    payload = payload_with(**fields)
    assert without_raw(skim_event(payload)) == without_raw(read_event(payload))


@given(st.integers(0, len(payload_with())), st.binary(max_size=3), st.integers(0, 3))
def test_both_ways_agree_on_broken_bytes(at: int, put: bytes, cut: int) -> None:
    payload = payload_with(extra={"deep": [[1, 2.5, "x"]]})
    broken = payload[:at] + put + payload[at + cut :]
    try:
        read = read_event(broken)
    except UnreadableEvent:
        with pytest.raises(UnreadableEvent):
            skim_event(broken)
    else:
        assert without_raw(skim_event(broken)) == without_raw(read)
