"""What is shown of stacks, source, requests and counts: pure functions."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from grouping.event import Frame, Stacktrace
from grouping.reader import read_event
from tests.web.factories import payload
from tracker.counters.stats import Point
from web.charts import MODEST_PEAK, bars, sparkline
from web.curl import as_curl, pairs_of, read_request
from web.highlight import highlight_lines, language_of
from web.stacktrace import Display, exception_views, stack_as_text, stack_view
from web.templatetags.stacktale import age, compact, percent, short_release


def text_of(html: str) -> str:
    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[str] = []

        def handle_data(self, data: str) -> None:
            self.parts.append(data)

    parser = Text()
    parser.feed(html)
    return "".join(parser.parts)


SOURCES = [
    ("python", ["def f(a):", '    """One', '    two."""', "    return a < 3 & 'x'"]),
    ("javascript", ["const a = `one", "two ${b < c}`;", "/* open", "comment */ f(a && b);"]),
    ("php", ["$a = [1, 2];", "return $a['x'] ?? null;"]),
    ("html+django", ["{% if a < b %}", "<b>{{ a }}</b>"]),
    ("ruby", ["<<~SQL", "  SELECT 1", "SQL"]),
    ("text", ["<script>alert(1)</script>"]),
    ("no such language", ["a < b"]),
    ("python", [""]),
    ("python", ["", "", ""]),
    ("python", ["'unclosed", "  \t next"]),
]


@pytest.mark.parametrize(("language", "lines"), SOURCES)
def test_colours_change_neither_the_text_nor_the_number_of_lines(language: str, lines: list[str]) -> None:
    assert [text_of(line) for line in highlight_lines(lines, language)] == lines


@pytest.mark.parametrize("language", ["python", "javascript", "html+django", "php", "text"])
def test_source_cannot_bring_its_own_markup(language: str) -> None:
    [line] = highlight_lines(["</code><script>alert(1)</script><img src=x onerror=alert(1)>"], language)
    assert "<script" not in line
    assert "<img" not in line


def test_a_line_break_within_a_line_does_not_shift_the_numbers() -> None:
    assert len(highlight_lines(["a\nb", "c\r\nd", "e\u2028f"], "python")) == 3


def test_a_minified_line_is_cut() -> None:
    [line] = highlight_lines(["x" * 100_000], "javascript")
    assert len(line) < 1_000


@pytest.mark.parametrize(
    ("filename", "platform", "language"),
    [
        ("shop/views.py", "python", "python"),
        ("https://shop.example/app.js?v=7", "javascript", "javascript"),
        ("C:\\src\\Shop.cs", "csharp", "csharp"),
        ("<string>", "python", "python"),
        ("", "made-up", "text"),
    ],
)
def test_the_language_is_known_by_the_file_or_else_by_the_platform(filename: str, platform: str, language: str) -> None:
    assert language_of(filename, platform) == language


def test_the_in_app_frame_nearest_the_crash_is_open_and_no_other() -> None:
    frames = [
        Frame(function="main", filename="app.py", in_app=True),
        Frame(function="checkout", filename="shop.py", in_app=True),
        Frame(function="raise_it", filename="site-packages/lib/core.py", in_app=False),
    ]
    view = stack_view(Stacktrace(frames), "python", Display())
    assert view is not None
    shown = [frame for segment in view.segments for frame in segment.frames]
    assert [frame.function for frame in shown] == ["raise_it", "checkout", "main"]
    assert [frame.function for frame in shown if frame.is_open] == ["checkout"]


def test_a_stack_of_library_frames_alone_is_not_folded_away() -> None:
    frames = [Frame(function=name, filename="lib/python3/asyncio.py", in_app=False) for name in "abc"]
    view = stack_view(Stacktrace(frames), "python", Display())
    assert view is not None
    assert not any(segment.is_fold for segment in view.segments)


def test_a_stack_as_text_can_be_read_without_the_page() -> None:
    text = stack_as_text(read_event(payload(), event_id="0" * 32))
    assert text.endswith("ZeroDivisionError: division by zero")
    assert "  shop/views.py:42 in checkout\n    total = cart.total / cart.items" in text


def test_filtered_variables_are_marked() -> None:
    [exception] = exception_views(read_event(payload(), event_id="0" * 32), Display())
    assert exception.stack is not None
    variables = {v.name: v for segment in exception.stack.segments for f in segment.frames for v in f.variables}
    assert variables["password"].is_filtered
    assert not variables["cart"].is_filtered


@pytest.mark.parametrize(
    ("sent", "pairs"),
    [
        ({"a": "1", "b": ["2"]}, [("a", "1"), ("b", "2")]),
        ([["a", "1"], ["a", "2"], ["odd"], 7], [("a", "1"), ("a", "2")]),
        ("a=1&b=2=3", [("a", "1"), ("b", "2=3")]),
        (None, []),
        (7, []),
    ],
)
def test_pairs_are_read_in_every_shape(sent: object, pairs: list[tuple[str, str]]) -> None:
    assert pairs_of(sent) == pairs


def test_a_command_cannot_be_broken_out_of() -> None:
    command = as_curl("GET", "https://x.example/'; rm -rf /; '", [], [("X-A", "$(reboot)`id`")], [], "it's")
    assert "'https://x.example/'\"'\"'; rm -rf /; '\"'\"''" in command
    assert "'X-A: $(reboot)`id`'" in command


def test_a_request_becomes_a_command_that_sends_it_again() -> None:
    view = read_request(
        {
            "url": "https://shop.example/pay",
            "method": "put",
            "query_string": {"dry": "1"},
            "headers": {"Accept": "*/*", "Host": "shop.example", "Content-Length": "2"},
            "cookies": "sid=7; theme=dark",
            "data": "{}",
        }
    )
    assert view is not None
    assert view.curl == (
        "curl 'https://shop.example/pay?dry=1' \\\n  -X PUT \\\n  -H 'Accept: */*' \\\n  -b 'sid=7; theme=dark' \\\n"
        "  --data-raw '{}'"
    )


def test_a_request_without_an_address_is_none() -> None:
    assert read_request({"method": "GET"}) is None
    assert read_request({"url": ["x"]}) is None


def points(*events: int) -> list[Point]:
    start = datetime(2026, 11, 21, tzinfo=UTC)
    return [Point(start + timedelta(hours=hour), count) for hour, count in enumerate(events)]


def test_bars_stand_on_the_ground_and_the_highest_fills_the_chart() -> None:
    drawn = bars(points(0, 50, 100), 30, 20)
    assert [(bar.y, bar.height) for bar in drawn] == [(20, 0), (10, 10), (0, 20)]


def test_a_single_event_makes_no_tower() -> None:
    [bar] = bars(points(1), 30, 20)
    assert bar.height == 20 / MODEST_PEAK


def test_one_among_thousands_can_still_be_seen() -> None:
    assert bars(points(1, 100_000), 30, 20)[0].height >= 1


def test_a_chart_of_nothing_is_a_chart() -> None:
    assert "0 events" in sparkline([])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (59, "now"), (60, "1 min"), (7_199, "1 h"), (86_400, "1 d"), (45 * 86_400, "1 mo"), (9e8, "28 y")],
)
def test_ages_are_rounded_down_to_the_largest_unit(seconds: float, words: str) -> None:
    assert age(seconds) == words


@pytest.mark.parametrize(
    ("number", "short"),
    [(0, "0"), (None, "0"), (999, "999"), (1_000, "1k"), (1_249, "1.2k"), (34_900, "34k"), (1_999_999, "1.9M")],
)
def test_counts_are_short_and_never_more_than_there_were(number: int | None, short: str) -> None:
    assert compact(number) == short


@pytest.mark.parametrize(("share", "words"), [(1, "100%"), (0.999, "99%"), (0.5, "50%"), (0.001, "<1%"), (0, "0%")])
def test_shares_say_all_and_none_only_when_it_is_so(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("version", "short"),
    [
        ("shop@1.4.2", "1.4.2"),
        ("1.4.2", "1.4.2"),
        ("a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "a94a8fe5cc"),
        ("web@a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "a94a8fe5cc"),
        ("@", "@"),
    ],
)
def test_releases_are_called_as_people_say_them(version: str, short: str) -> None:
    assert short_release(version) == short
