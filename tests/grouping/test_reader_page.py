"""What a page reads of a payload: the trail, the source around a frame, the variables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from grouping.event import Frame
from grouping.reader import frame_variables, limits, read_breadcrumbs, source_lines

CRUMB = {"timestamp": 1577934245, "category": "auth", "message": "signed in", "level": "warn", "data": {"id": 5}}


@pytest.mark.parametrize(
    "raw",
    [
        {"breadcrumbs": [CRUMB]},
        {"breadcrumbs": {"values": [None, CRUMB, "text"]}},
        {"sentry.interfaces.Breadcrumbs": {"values": [CRUMB]}},
    ],
)
def test_breadcrumbs_read_the_same_in_every_form(raw: dict[str, Any]) -> None:
    [crumb] = read_breadcrumbs(raw)
    assert crumb.timestamp == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (crumb.type, crumb.category, crumb.level, crumb.message) == ("default", "auth", "warning", "signed in")
    assert crumb.details == {"id": 5}


def test_a_breadcrumb_without_anything_is_still_a_breadcrumb() -> None:
    [crumb] = read_breadcrumbs({"breadcrumbs": [{"data": "just text", "level": None}]})
    assert (crumb.timestamp, crumb.level, crumb.details) == (None, "info", {"data": "just text"})


def test_of_too_many_breadcrumbs_the_newest_are_shown() -> None:
    crumbs = read_breadcrumbs({"breadcrumbs": [{"message": str(number)} for number in range(1_000)]})
    assert len(crumbs) == limits.BREADCRUMBS
    assert crumbs[-1].message == "999"


def test_source_lines_are_numbered_around_the_current_line() -> None:
    frame = Frame(lineno=10, context_line="raise", raw={"pre_context": ["a", "b"], "post_context": ["c", None]})
    lines = source_lines(frame)
    assert [(line.number, line.text, line.is_current) for line in lines] == [
        (8, "a", False),
        (9, "b", False),
        (10, "raise", True),
        (11, "c", False),
        (12, "", False),
    ]


def test_a_frame_without_line_numbers_or_context_shows_what_there_is() -> None:
    assert source_lines(Frame(raw={"pre_context": ["a"]})) == []
    [line] = source_lines(Frame(context_line="x", raw={"pre_context": "odd", "post_context": {}}))
    assert (line.number, line.text) == (None, "x")


@pytest.mark.parametrize(
    ("sent", "variables"),
    [({"a": "1"}, {"a": "1"}), (["x", "y"], {"0": "x", "1": "y"}), (None, {}), ("odd", {}), (5, {})],
)
def test_variables_are_a_map_whatever_was_sent(sent: Any, variables: dict[str, Any]) -> None:
    assert frame_variables(Frame(raw={"vars": sent})) == variables
