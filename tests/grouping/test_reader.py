"""What the SDK meant: every dialect becomes the same event."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.event import User
from grouping.reader import limits, read_event
from grouping.reader.scalars import read_level, read_time

EVENT_ID = "0a22b568516047e1b7fb7d49242fb589"
FRAME = {"function": "pay", "filename": "shop/pay.py", "lineno": 7, "in_app": True, "context_line": "raise E"}
EXCEPTION = {"type": "ValueError", "value": "bad", "stacktrace": {"frames": [FRAME]}}


@pytest.mark.parametrize(
    "payload",
    [
        {"exception": {"values": [EXCEPTION]}},
        {"exception": [EXCEPTION]},
        {"exception": EXCEPTION},
        {"exception": {"values": [None, EXCEPTION, {}, "text"]}},
        {"sentry.interfaces.Exception": {"values": [EXCEPTION]}},
        {"sentry.interfaces.Exception": EXCEPTION},
        {"exception": {"type": "ValueError", "value": "bad"}, "stacktrace": {"frames": [FRAME]}},
        {"exception": [{"type": "ValueError", "value": "bad"}], "sentry.interfaces.Stacktrace": {"frames": [FRAME]}},
        {"exception": [{"type": "ValueError", "value": "bad", "stacktrace": [None, FRAME]}]},
        {"exception": [{"type": "ValueError", "value": "bad", "raw_stacktrace": {"frames": [FRAME]}}]},
    ],
)
def test_an_exception_reads_the_same_in_every_form(payload: dict[str, Any]) -> None:
    event = read_event(payload)
    [exception] = event.exceptions
    assert (exception.type, exception.value, event.type) == ("ValueError", "bad", "error")
    assert exception.stacktrace is not None
    [frame] = exception.stacktrace.frames
    assert (frame.function, frame.filename, frame.lineno, frame.in_app) == ("pay", "shop/pay.py", 7, True)
    assert event.stacktrace is None


@pytest.mark.parametrize("value", [None, [], {}, "text", 5, [[]], {"values": None}, {"values": "x"}])
@pytest.mark.parametrize(
    "section",
    ["exception", "threads", "breadcrumbs", "stacktrace", "tags", "user", "request", "contexts", "sdk", "fingerprint",
     "logentry", "template", "csp", "message", "level", "timestamp", "event_id", "platform", "release", "type"],
)  # fmt: skip
def test_a_section_of_an_unknown_shape_is_read_as_absent(section: str, value: Any) -> None:
    event = read_event({section: value})
    assert event.exceptions == []
    assert event.threads == []
    assert len(event.event_id) == 32


@pytest.mark.parametrize(
    ("payload", "message", "template"),
    [
        ({"message": "plain"}, "plain", ""),
        ({"logentry": {"message": "a %s", "params": ["b"]}}, "a b", "a %s"),
        ({"logentry": {"message": "a %(name)s", "params": {"name": "b"}}}, "a b", "a %(name)s"),
        ({"logentry": {"message": "a {} and {1}", "params": ["b", "c"]}}, "a b and c", "a {} and {1}"),
        ({"logentry": {"message": "a {name!r:>10}", "params": {"name": "b"}}}, "a b", "a {name!r:>10}"),
        ({"logentry": {"message": "a %s", "formatted": "a b", "params": []}}, "a b", "a %s"),
        ({"logentry": {"message": "same", "formatted": "same"}}, "same", ""),
        ({"logentry": {"message": "100%% of %d and %s", "params": [5]}}, "100% of 5 and %s", "100%% of %d and %s"),
        ({"logentry": {"formatted": "only formatted"}}, "only formatted", ""),
        ({"logentry": "a string"}, "a string", ""),
        ({"message": {"message": "a %s", "params": ["b"]}}, "a b", "a %s"),
        ({"message": "a %s", "sentry.interfaces.Message": {"message": "a %s", "params": ["b"]}}, "a b", "a %s"),
        ({"message": "a b", "sentry.interfaces.Message": {"message": "a b", "formatted": None}}, "a b", ""),
        ({"message": ["odd", 1]}, '["odd",1]', ""),
    ],
)
def test_a_message_is_its_formatted_text_and_its_template(payload: dict[str, Any], message: str, template: str) -> None:
    event = read_event(payload)
    assert (event.message, event.message_template, event.type) == (message, template, "default")


@pytest.mark.parametrize(
    "tags",
    [
        {"region": "eu", "count": 3, "ok": True, "none": None, "empty": ""},
        [["region", "eu"], ["count", 3], ["ok", True], ["none", None], None, ["odd"], "text"],
        [{"key": "region", "value": "eu"}, {"key": "count", "value": "3"}, {"key": "ok", "value": "true"}, {}],
    ],
)
def test_tags_read_the_same_as_map_and_as_pairs(tags: Any) -> None:
    assert read_event({"tags": tags}).tags == {"region": "eu", "count": "3", "ok": "true"}


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        ("warn", "warning"), ("WARNING", "warning"), ("log", "info"), ("critical", "fatal"), ("fatal", "fatal"),
        (40, "error"), (50, "fatal"), ("30", "warning"), (25, "info"), (10, "debug"), (5, "debug"), (0, "error"),
        (None, "error"), ("", "error"), ("strange", "error"), (True, "error"), ([], "error"),
    ],
)  # fmt: skip
def test_levels_of_every_library_become_one_of_five(sent: Any, level: str) -> None:
    assert read_level(sent) == level
    assert read_event({"level": sent, "message": "m"}).level == level


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        (1577934245.5, datetime(2020, 1, 2, 3, 4, 5, 500_000, UTC)),
        (1577934245500, datetime(2020, 1, 2, 3, 4, 5, 500_000, UTC)),
        ("1577934245.5", datetime(2020, 1, 2, 3, 4, 5, 500_000, UTC)),
        ("2020-01-02T03:04:05.123456789Z", datetime(2020, 1, 2, 3, 4, 5, 123_456, UTC)),
        ("2020-01-02T03:04:05", datetime(2020, 1, 2, 3, 4, 5, 0, UTC)),
        ("2020-01-02T05:04:05+02:00", datetime(2020, 1, 2, 3, 4, 5, 0, UTC)),
        ("2020-01-02 03:04:05", datetime(2020, 1, 2, 3, 4, 5, 0, UTC)),
        (None, None), ("", None), ("soon", None), (-1, None), (0, None), (1e300, None), (True, None), ({}, None),
        ("0001-01-01T00:00:00+23:00", None), ("nan", None),
    ],
)  # fmt: skip
def test_times_are_read_in_every_form_and_unreadable_ones_are_absent(sent: Any, moment: datetime | None) -> None:
    assert read_time(sent) == moment


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"type": "transaction", "transaction": "/"}, "transaction"),
        ({"type": "feedback", "contexts": {"feedback": {"message": "hm"}}}, "feedback"),
        ({"contexts": {"feedback": {"message": "hm"}}}, "feedback"),
        ({"type": "event", "exception": [EXCEPTION]}, "error"),
        ({"type": "error", "message": "only a message"}, "default"),
        ({"csp": {"effective_directive": "img-src"}}, "csp"),
        ({"sentry.interfaces.Csp": {"effective_directive": "img-src"}}, "csp"),
        ({"expectct": {"hostname": "x"}}, "expectct"),
    ],
)
def test_the_type_follows_from_the_content(payload: dict[str, Any], kind: str) -> None:
    assert read_event(payload).type == kind


def test_a_user_may_have_a_number_as_id_and_old_clients_keep_it_elsewhere() -> None:
    expected = User(id="42", email="a@example.com", username="ann")
    assert read_event({"user": {"id": 42, "email": "a@example.com", "name": "ann"}}).user == expected
    assert (
        read_event({"sentry.interfaces.User": {"id": "42", "email": "a@example.com", "username": "ann"}}).user
        == expected
    )


def test_the_address_that_the_server_is_asked_to_fill_in_is_nobodys_identity() -> None:
    assert read_event({"user": {"ip_address": "{{auto}}"}}).user.identity == ""


def test_old_sections_are_found_under_their_old_names() -> None:
    event = read_event(
        {"sentry.interfaces.Http": {"url": "https://example.com/"}, "platform": "Python", "logger": " root\n"}
    )
    assert event.request == {"url": "https://example.com/"}
    assert (event.platform, event.logger) == ("python", "root")


@pytest.mark.parametrize(
    ("sent", "parts"),
    [
        (["a", 5, None, True], ["a", "5", "true"]),
        ("single", ["single"]),
        ([], []),
        ([""], []),
        (None, []),
        ({"a": 1}, []),
        (["x" * 5_000], ["x" * (limits.FINGERPRINT_PART - 7) + "… [cut]"]),
    ],
)
def test_a_fingerprint_is_a_bounded_list_of_text(sent: Any, parts: list[str]) -> None:
    assert read_event({"fingerprint": sent}).fingerprint == parts


def test_a_fingerprint_of_many_parts_stays_within_its_bound() -> None:
    fingerprint = read_event({"fingerprint": ["x" * 1_000] * 50}).fingerprint
    assert 0 < sum(map(len, fingerprint)) <= limits.FINGERPRINT


def test_the_envelopes_id_wins_and_without_any_the_same_bytes_get_the_same_id() -> None:
    dashed = "0A22B568-5160-47E1-B7FB-7D49242FB589"
    assert read_event({"event_id": dashed}).event_id == EVENT_ID
    assert read_event({"event_id": "f" * 32}, event_id=dashed).event_id == EVENT_ID
    assert read_event(b'{"message": "a"}').event_id == read_event(b'{"message": "a"}').event_id
    assert read_event(b'{"message": "a"}').event_id != read_event(b'{"message": "b"}').event_id


def test_an_endless_stack_keeps_both_ends_also_in_what_is_stored() -> None:
    frames = [{"function": f"f{number}"} for number in range(5_000)]
    event = read_event({"exception": [{"type": "RecursionError", "stacktrace": {"frames": frames}}]})
    stacktrace = event.exceptions[0].stacktrace
    assert stacktrace is not None
    functions = [frame.function for frame in stacktrace.frames]
    assert (len(functions), functions[0], functions[49], functions[50], functions[-1]) == (
        300,
        "f0",
        "f49",
        "f4750",
        "f4999",
    )
    stored = event.raw["exception"][0]["stacktrace"]
    assert len(stored["frames"]) == 300
    assert stored["frames_omitted"] == [50, 4750]
    assert any("5000 frames" in note for note in event.notes)


def test_an_endless_chain_keeps_the_thrown_exception() -> None:
    event = read_event({"exception": [{"type": f"E{number}"} for number in range(1_000)]})
    assert len(event.exceptions) == limits.OUTER_EXCEPTIONS + limits.INNER_EXCEPTIONS
    assert event.exceptions[-1].type == "E999"


def test_the_crashed_thread_is_never_among_those_left_out() -> None:
    threads = [{"id": number, "stacktrace": {"frames": [FRAME]}} for number in range(1_000)]
    threads[900]["crashed"] = True
    event = read_event({"threads": {"values": threads}})
    assert len(event.threads) == limits.THREADS
    assert [thread.id for thread in event.threads if thread.crashed] == ["900"]


def test_long_texts_are_cut_where_they_are_read_and_kept_whole_where_they_are_stored() -> None:
    payload = {"message": "m" * 20_000, "tags": {"k" * 500: "v" * 5_000}, "transaction": "t" * 5_000}
    event = read_event(payload)
    assert len(event.message) == limits.TEXT
    assert [(len(key), len(value)) for key, value in event.tags.items()] == [(limits.TAG_KEY, limits.TAG_VALUE)]
    assert len(event.transaction) == limits.PATH
    assert event.raw == payload


def test_too_many_tags_are_bounded_and_noted() -> None:
    event = read_event({"tags": {f"tag{number}": "x" for number in range(1_000)}})
    assert len(event.tags) == limits.TAGS
    assert any("1000 tags" in note for note in event.notes)


def test_odd_values_in_a_frame_are_absent_values() -> None:
    odd: dict[str, Any] = {
        "function": None,
        "lineno": "12",
        "colno": {},
        "in_app": "true",
        "context_line": 5,
        "filename": ["x"],
    }
    event = read_event({"stacktrace": {"frames": [odd, None, 7]}})
    assert event.stacktrace is not None
    [frame] = event.stacktrace.frames
    assert (frame.function, frame.lineno, frame.colno, frame.in_app, frame.context_line) == ("", 12, None, True, "5")


def test_a_mechanism_may_be_a_name_only() -> None:
    assert read_event({"exception": [{"type": "E", "mechanism": "generic"}]}).exceptions[0].mechanism.type == "generic"


@given(st.text(), st.one_of(st.none(), st.lists(st.text() | st.integers()), st.dictionaries(st.text(), st.text())))
def test_any_template_with_any_parameters_makes_a_message(template: str, params: Any) -> None:
    event = read_event({"logentry": {"message": template, "params": params}})
    assert len(event.message) <= limits.TEXT
