"""What an event is called."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.reader import read_event, read_security_report
from grouping.titles import MAX_CULPRIT_LENGTH, MAX_TITLE_LENGTH, UNNAMED, crash_frame, title_of

OWN = {"function": "pay", "module": "shop.billing", "filename": "shop/billing.py", "in_app": True}
OUTER = {"function": "main", "module": "shop.main", "filename": "shop/main.py", "in_app": True}
LIBRARY = {
    "function": "send",
    "module": "requests.adapters",
    "abs_path": "/venv/lib/python3.11/site-packages/requests/adapters.py",
    "filename": "requests/adapters.py",
    "in_app": True,
}


def python_error(*frames: dict[str, Any], **more: Any) -> dict[str, Any]:
    exception = {"type": "ValueError", "value": "bad", "stacktrace": {"frames": list(frames)}}
    return {"platform": "python", "exception": [exception], **more}


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ({"exception": [{"type": "KeyError", "value": "cause"}, {"type": "PayError", "value": "no"}]}, "PayError: no"),
        ({"exception": [{"type": "PayError", "value": "\n first line \nsecond"}]}, "PayError: first line"),
        ({"exception": [{"type": "PayError"}]}, "PayError"),
        ({"exception": [{"value": "thrown text"}]}, "thrown text"),
        ({"exception": [{"type": "Error", "value": "said", "mechanism": {"synthetic": True}}]}, "said"),
        ({"exception": [{"type": "SIGSEGV", "mechanism": {"synthetic": True}}]}, "SIGSEGV"),
        ({"exception": [{"type": "E", "value": "real"}, {"stacktrace": {"frames": [OWN]}}]}, "E: real"),
        ({"message": "Import   finished\nwith 3"}, "Import finished"),
        ({"logentry": {"message": "Order %d", "params": [5]}}, "Order 5"),
        ({"template": {"filename": "cart.html"}}, "Template error in cart.html"),
        ({"type": "transaction", "transaction": "/checkout"}, "/checkout"),
        (read_security_report({"csp-report": {"violated-directive": "img-src"}}), "Blocked 'image' from 'self'"),
        ({}, UNNAMED),
    ],
)  # fmt: skip
def test_the_title_is_the_thrown_exception_or_the_message(payload: dict[str, Any], title: str) -> None:
    assert title_of(read_event(payload)).title == title


def test_type_and_value_are_kept_whole_beside_a_bounded_title() -> None:
    title = title_of(read_event({"exception": [{"type": "PayError", "value": "x" * 1_000}]}))
    assert (title.type, title.value) == ("PayError", "x" * 1_000)
    assert len(title.title) == MAX_TITLE_LENGTH
    assert title.title.endswith("…")


@pytest.mark.parametrize(
    ("payload", "culprit"),
    [
        (python_error(OUTER, OWN, transaction="/checkout"), "/checkout"),
        (python_error(OUTER, OWN), "shop.billing in pay"),
        (python_error(OUTER, {**OWN, "module": None}), "shop/billing.py in pay"),
        (python_error(culprit="said by the client"), "said by the client"),
        ({"message": "m"}, ""),
        (read_security_report({"csp-report": {"violated-directive": "img-src 'self'"}}), "img-src 'self'"),
    ],
)
def test_the_culprit_is_the_transaction_or_the_place_of_the_crash(payload: dict[str, Any], culprit: str) -> None:
    assert title_of(read_event(payload)).culprit == culprit


def test_a_library_frame_is_not_the_crash_though_the_sdk_calls_it_in_app() -> None:
    frame = crash_frame(read_event(python_error(OUTER, OWN, LIBRARY)))
    assert frame is not None
    assert frame.function == "pay"


def test_without_own_code_the_innermost_frame_is_the_crash() -> None:
    frame = crash_frame(read_event(python_error({**OWN, "in_app": False}, LIBRARY)))
    assert frame is not None
    assert frame.function == "send"


def test_a_frame_without_a_place_is_not_the_crash() -> None:
    native = {"function": "JSON.parse", "filename": "", "in_app": True}
    frame = crash_frame(
        read_event({**python_error({**OWN, "filename": "shop/billing.js"}, native), "platform": "node"})
    )
    assert frame is not None
    assert frame.function == "pay"


def test_the_crashed_thread_tells_where_when_the_exception_does_not() -> None:
    threads = [
        {"id": 1, "current": True, "stacktrace": {"frames": [OUTER]}},
        {"id": 2, "crashed": True, "stacktrace": {"frames": [OWN]}},
    ]
    event = read_event({"platform": "python", "exception": [{"type": "E"}], "threads": {"values": threads}})
    assert title_of(event).culprit == "shop.billing in pay"


def test_a_message_with_a_stack_has_the_place_of_the_stack() -> None:
    event = read_event({"platform": "python", "message": "hm", "stacktrace": {"frames": [OUTER, OWN]}})
    assert title_of(event) == ("hm", "", "hm", "shop.billing in pay")


@given(st.text(), st.text(), st.text())
def test_any_event_has_a_title_on_one_line(type_name: str, value: str, transaction: str) -> None:
    title = title_of(read_event({"exception": [{"type": type_name, "value": value}], "transaction": transaction}))
    assert 0 < len(title.title) <= MAX_TITLE_LENGTH
    assert len(title.title.splitlines()) == 1
    assert len(title.culprit) <= MAX_CULPRIT_LENGTH
