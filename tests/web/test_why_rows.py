"""An explanation as rows."""

from tracker.similar.why import Part
from web.views.events import rows_of


def part(name: str, reason: str = "", *parts: Part) -> Part:
    return Part("frame", name, not reason, reason=reason, parts=parts)


def test_rows_keep_the_order_and_say_how_deep_they_stand() -> None:
    rows = list(rows_of([part("stack", "", part("frame 1", "", part("line", "elsewhere")), part("frame 2"))]))
    assert [(row.depth, row.part.name) for row in rows] == [(0, "stack"), (1, "frame 1"), (2, "line"), (1, "frame 2")]


def test_long_runs_that_did_not_count_for_one_reason_are_folded() -> None:
    frames = [part("a"), *(part("library", "not yours") for _ in range(4)), part("b"), part("noise", "noise")]
    rows = list(rows_of(frames))
    assert [(row.part.name, len(row.folded)) for row in rows] == [("a", 0), ("library", 4), ("b", 0), ("noise", 0)]


def test_what_counts_is_never_folded() -> None:
    assert [len(row.folded) for row in rows_of([part("x") for _ in range(5)])] == [0] * 5
