"""Whatever is sent, grouping returns, and in bounded time."""

import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grouping.event import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread
from grouping.frames import FAMILIES
from grouping.group import group_event
from grouping.rules import EMPTY_RULES, parse_rules

BITS = [
    *(
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "$",
        "$$",
        "::",
        ".",
        "/",
        "\\",
        "@",
        "#",
        "-",
        "_",
        " in ",
        "closure #1",
    ),
    *("lambda$", "func1", "block in ", "é", "\x00", "\ud800", "0x1f", "123", "deadbeef", "node_modules/", "http://x/"),
    *(
        "a",
        "B",
        "Foo",
        "<anonymous>",
        "*",
        "|",
        "?",
        "!",
        "~",
        "%",
        "\n",
        "::h0123456789abcdef",
        "@anonymous",
        "{{closure}}",
    ),
]
texts = st.lists(st.sampled_from(BITS), max_size=12).map("".join) | st.text(max_size=30)
platforms = st.sampled_from([*FAMILIES, "other", ""])
frames = st.builds(
    Frame,
    function=texts,
    module=texts,
    filename=texts,
    abs_path=texts,
    package=texts,
    lineno=st.none() | st.integers(-1, 10**9),
    colno=st.none() | st.integers(-1, 10**9),
    context_line=st.none() | texts,
    in_app=st.none() | st.booleans(),
    mapped=st.booleans(),
)
stacks = st.none() | st.builds(Stacktrace, frames=st.lists(frames, max_size=8))
mechanisms = st.builds(
    Mechanism,
    synthetic=st.booleans(),
    source=st.sampled_from(["", "__context__", "__cause__"]),
    exception_id=st.none() | st.integers(0, 4),
    parent_id=st.none() | st.integers(0, 4),
    is_exception_group=st.booleans(),
)
exceptions = st.builds(ExceptionValue, type=texts, value=texts, module=texts, stacktrace=stacks, mechanism=mechanisms)
events = st.builds(
    Event,
    event_id=st.just("0" * 32),
    platform=platforms,
    message=texts,
    message_template=texts,
    logger=texts,
    transaction=texts,
    exceptions=st.lists(exceptions, max_size=4),
    threads=st.lists(st.builds(Thread, stacktrace=stacks, crashed=st.booleans(), current=st.booleans()), max_size=2),
    stacktrace=stacks,
    fingerprint=st.just([]) | st.lists(texts, max_size=3),
    template=st.none() | st.dictionaries(st.sampled_from(["filename", "context_line"]), texts),
    csp=st.none() | st.dictionaries(st.sampled_from(["effective-directive", "blocked-uri", "document-uri"]), texts),
)
RULES = parse_rules(
    'function:a* path:**/x message:"*B*" -> {{ default }}, {{ function }} title="{{ message }}"',
    "function:Foo* ^-group\n[ module:a ] | path:** category=x\ncategory:x -app max-frames=2",
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(events)
def test_every_event_gets_keys_and_the_same_ones_again(event: Event) -> None:
    for rules in (EMPTY_RULES, RULES):
        first = group_event(event, rules)
        assert first.keys
        assert all(len(key.digest) == 16 for key in first.keys)
        explained = group_event(event, rules, explain=True)
        assert explained.keys == first.keys
        assert explained.components


def steps_of(event: Event) -> int:
    """How many calls and lines of Python grouping takes: a measure of time that does not depend on the machine."""
    count = 0

    def tracer(*_: object) -> object:
        nonlocal count
        count += 1
        return tracer

    sys.settrace(tracer)  # type: ignore[arg-type]
    try:
        group_event(event, EMPTY_RULES)
    finally:
        sys.settrace(None)
    return count


def deep(count: int, period: int) -> Event:
    stack = Stacktrace(
        [Frame(function=f"f{index % period}", module=f"m{count}.{period}", in_app=True) for index in range(count)]
    )
    return Event("0" * 32, platform="python", exceptions=[ExceptionValue("E", "v", stacktrace=stack)])


def test_the_work_on_a_deep_stack_is_bounded() -> None:
    for period in (1, 2, 7, 9, 10_000):
        assert steps_of(deep(20_000, period)) < 3 * steps_of(deep(1_000, period)) + 20_000


def test_hostile_names_do_not_blow_up() -> None:
    for bit in (
        "<",
        "(",
        "$",
        "::",
        "/",
        "lambda$",
        "block in ",
        "closure #1 in ",
        "a.",
        "{closure:",
        "((",
        "<a as ",
        ") -> ",
    ):
        for platform in FAMILIES:
            text = bit * 2_000
            frame = Frame(function=text, module=text, filename=text, abs_path=text, package=text, context_line=text)
            stack = Stacktrace([frame])
            assert group_event(
                Event("0" * 32, platform=platform, exceptions=[ExceptionValue(text, text, stacktrace=stack)]), RULES
            )
