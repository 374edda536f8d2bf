"""Fingerprint rules: which events get which fingerprint, and which title.

    error.type:DatabaseUnavailable -> database-down
    message:"*time out*" tags.region:eu -> timeout, {{ transaction }} title="Timeout in {{ transaction }}"

The first rule that matches wins, and it wins over the client.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grouping.event import Event, Frame, Thread
from grouping.rules.matchers import (
    EXCEPTION_KEYS,
    FAMILIES,
    FRAME_KEYS,
    TRUTHS,
    FrameFacts,
    Matcher,
    exception_accepted,
    facts_of,
    read_pattern,
)
from grouping.rules.syntax import Cursor, lines_of

MAX_FRAMES = 300

THREAD_KEYS = frozenset({"thread.id", "thread.name", "thread.state", "thread.crashed", "thread.current"})
EVENT_KEYS = frozenset({"message", "logger", "level", "tags", "family", "sdk", "release", "transaction", "environment"})
OWN_FRAME_KEYS = FRAME_KEYS - {"family", "category"}
KEYS = OWN_FRAME_KEYS | (EXCEPTION_KEYS - {"mechanism"}) | THREAD_KEYS | EVENT_KEYS

_VALUE = re.compile(r"(?:\{\{[^{}]*\}\}|[^\s,\"])+")
_TITLE = re.compile(r"title=(?=\")")


@dataclass(frozen=True, slots=True)
class FingerprintRule:
    """One line of fingerprint rules."""

    line: int
    event: tuple[Matcher, ...]
    exception: tuple[Matcher, ...]
    frame: tuple[Matcher, ...]
    thread: tuple[Matcher, ...]
    caller: Matcher | None
    callee: Matcher | None
    parts: tuple[str, ...]
    title: str

    def matches(self, event: Event) -> bool:
        """Whether the event fits: every part of the rule on one and the same frame, exception, thread."""
        return (
            all(_event_fits(matcher, event) for matcher in self.event)
            and (not self.exception or any(exception_accepted(self.exception, one) for one in event.exceptions))
            and (not self.thread or any(_thread_fits(self.thread, thread) for thread in event.threads))
            and (not self._wants_frame or any(self._stack_fits(stack) for stack in _stacks_of(event)))
        )

    @property
    def _wants_frame(self) -> bool:
        return bool(self.frame or self.caller or self.callee)

    def _stack_fits(self, facts: Sequence[FrameFacts]) -> bool:
        last = len(facts) - 1
        return any(
            all(matcher.accepts_frame(fact) for matcher in self.frame)
            and (not self.caller or (position > 0 and self.caller.accepts_frame(facts[position - 1])))
            and (not self.callee or (position < last and self.callee.accepts_frame(facts[position + 1])))
            for position, fact in enumerate(facts)
        )


def parse_fingerprint_rules(text: str) -> tuple[FingerprintRule, ...]:
    """Read a text of fingerprint rules. Raises RuleError with line and column."""
    return tuple(map(_read_rule, lines_of(text)))


def _read_rule(cursor: Cursor) -> FingerprintRule:
    pattern = read_pattern(cursor, KEYS, OWN_FRAME_KEYS, example="error.type:TimeoutError")
    if not cursor.take("->"):
        raise cursor.error("`->` and a fingerprint are wanted here")
    parts = tuple(_read_parts(cursor))
    title = ""
    if cursor.match(_TITLE):
        title = cursor.quoted() or ""
    if not cursor.at_end:
        raise cursor.error("the rule should end here; parts of a fingerprint stand between commas")
    return FingerprintRule(
        cursor.line,
        event=pattern.about(EVENT_KEYS),
        exception=pattern.about(EXCEPTION_KEYS),
        frame=pattern.about(OWN_FRAME_KEYS),
        thread=pattern.about(THREAD_KEYS),
        caller=pattern.caller,
        callee=pattern.callee,
        parts=parts,
        title=title,
    )


def _read_parts(cursor: Cursor) -> Iterator[str]:
    while True:
        part = cursor.quoted()
        if part is None:
            bare = None if cursor.text.startswith("title=", cursor.position) else cursor.match(_VALUE)
            if not bare:
                raise cursor.error("a part of the fingerprint is wanted here")
            part = bare[0]
        yield part
        if not cursor.take(","):
            return


def _event_fits(matcher: Matcher, event: Event) -> bool:
    return any(map(matcher.accepts, _event_values(matcher, event))) != matcher.negated


def _event_values(matcher: Matcher, event: Event) -> list[str]:
    if matcher.key == "message":
        texts = [event.message, event.message_template, *(exception.value for exception in event.exceptions)]
        return [text for text in texts if text]
    if matcher.key == "tags":
        return [event.tags[matcher.argument]] if matcher.argument in event.tags else []
    if matcher.key == "family":
        return [FAMILIES.get(event.platform, "other")]
    if matcher.key == "sdk":
        return [event.sdk_name]
    value: str = getattr(event, matcher.key)
    return [value] if value else []


def _thread_fits(matchers: Sequence[Matcher], thread: Thread) -> bool:
    return all(_thread_value_fits(matcher, thread) != matcher.negated for matcher in matchers)


def _thread_value_fits(matcher: Matcher, thread: Thread) -> bool:
    value = getattr(thread, matcher.key.removeprefix("thread."))
    if isinstance(value, bool):
        return TRUTHS.get(matcher.glob.lower()) is value
    return bool(value) and matcher.accepts(value)


def _stacks_of(event: Event) -> Iterator[list[FrameFacts]]:
    """The frames of all exceptions, the thrown one first, else of the threads and of the event itself."""
    stacks = [exception.stacktrace for exception in reversed(event.exceptions)]
    if not any(stacks):
        stacks = [*(thread.stacktrace for thread in event.threads), event.stacktrace]
    for stack in stacks:
        if stack:
            yield [_facts(frame, event.platform) for frame in stack.frames[-MAX_FRAMES:]]


def _facts(frame: Frame, platform: str) -> FrameFacts:
    return facts_of(frame, platform, frame.in_app)
