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
        ({"exception": [{"type": "PayError"}], "message": "said"}, "PayError: said"),
        ({"exception": [{"type": "E", "value": "x"}, {"value": "thrown"}]}, "thrown"),
        ({"exception": [{"stacktrace": {"frames": [OWN]}}]}, UNNAMED),
        ({"message": "said", "transaction": "/checkout"}, "said"),
        ({"transaction": " /checkout\nx"}, "/checkout x"),
        ({"template": {"lineno": 3}}, UNNAMED),
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


def test_a_title_and_a_culprit_are_cut_when_they_are_too_long_and_not_before() -> None:
    for length, cut in ((255, "x" * 255), (256, "x" * 254 + "…")):
        assert title_of(read_event({"message": "x" * length})).title == cut
    for length, cut in ((200, "x" * 200), (201, "x" * 199 + "…")):
        assert title_of(read_event({"transaction": "x" * length})).culprit == cut
        assert title_of(read_event({"culprit": "x" * length})).culprit == cut


@pytest.mark.parametrize(
    ("frame", "culprit"),
    [
        ({**OWN, "function": None}, "shop.billing"),
        ({**OWN, "module": None, "filename": None, "abs_path": "/srv/a.py"}, "pay"),
        ({**OWN, "module": "x" * 300}, "x" * 199 + "…"),
    ],
)
def test_a_culprit_says_of_the_place_what_is_known(frame: dict[str, Any], culprit: str) -> None:
    assert title_of(read_event(python_error(frame))).culprit == culprit


def test_the_stack_of_the_thrown_exception_tells_where_before_those_of_its_causes() -> None:
    cause = {"type": "Cause", "stacktrace": {"frames": [OUTER]}}
    thrown = {"type": "Thrown", "stacktrace": {"frames": [OWN]}}
    assert title_of(read_event({"platform": "python", "exception": [cause, thrown]})).culprit == "shop.billing in pay"
    thrown["stacktrace"] = {"frames": [LIBRARY]}
    assert title_of(read_event({"platform": "python", "exception": [cause, thrown]})).culprit == "shop.main in main"


def test_the_events_own_stack_tells_where_before_its_threads() -> None:
    threads = {"values": [{"id": 1, "crashed": True, "stacktrace": {"frames": [OUTER]}}]}
    event = read_event({"platform": "python", "stacktrace": {"frames": [OWN]}, "threads": threads})
    assert title_of(event).culprit == "shop.billing in pay"


@pytest.mark.parametrize(
    ("marks", "culprit"),
    [
        ([{"current": True}, {}], "shop.main in main"),
        ([{}, {"current": True}], "shop.billing in pay"),
        ([{"current": True}, {"crashed": True}], "shop.billing in pay"),
        ([{}, {}], ""),
        ([{}], "shop.main in main"),
    ],
)
def test_a_thread_tells_where_if_it_stands_out(marks: list[dict[str, Any]], culprit: str) -> None:
    stacks = [{"frames": [OUTER]}, {"frames": [OWN]}]
    threads = [
        {"id": n, "stacktrace": stack, **mark} for n, (stack, mark) in enumerate(zip(stacks, marks, strict=False))
    ]
    assert title_of(read_event({"platform": "python", "threads": {"values": threads}})).culprit == culprit


def test_plumbing_is_not_the_crash() -> None:
    plumbing = {
        "function": "processTicksAndRejections",
        "filename": "node:internal/process/task_queues",
        "in_app": True,
    }
    own = {**OWN, "module": None, "filename": "/srv/shop/billing.js"}
    frame = crash_frame(read_event({**python_error(own, plumbing), "platform": "node"}))
    assert frame is not None
    assert frame.function == "pay"


def test_where_no_stack_has_own_code_the_innermost_frame_of_the_most_telling_one_is_the_crash() -> None:
    one, other = {**LIBRARY, "function": "one"}, {**LIBRARY, "function": "other"}
    event = read_event({**python_error(other, one), "stacktrace": {"frames": [other]}})
    frame = crash_frame(event)
    assert frame is not None
    assert frame.function == "one"


@given(st.text(), st.text(), st.text())
def test_any_event_has_a_title_on_one_line(type_name: str, value: str, transaction: str) -> None:
    title = title_of(read_event({"exception": [{"type": type_name, "value": value}], "transaction": transaction}))
    assert 0 < len(title.title) <= MAX_TITLE_LENGTH
    assert len(title.title.splitlines()) == 1
    assert len(title.culprit) <= MAX_CULPRIT_LENGTH
