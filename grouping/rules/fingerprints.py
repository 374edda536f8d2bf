"""Fingerprint rules: which events get which fingerprint, and which title.

    error.type:DatabaseUnavailable -> database-down
    message:"*time out*" tags.region:eu -> timeout, {{ transaction }} title="Timeout in {{ transaction }}"

The first rule that matches wins, and it wins over the client.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from grouping.event import Event, Frame
from grouping.rules.index import MatcherIndex, all_of
from grouping.rules.matchers import EXCEPTION_KEYS, FRAME_KEYS, Matcher, read_pattern
from grouping.rules.subjects import event_subject, exception_subject, frame_subject, thread_subject
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


class FingerprintRules:
    """Compiled fingerprint rules: the matchers of all rules look at an event together."""

    def __init__(self, rules: Sequence[FingerprintRule]) -> None:
        self.rules = tuple(rules)
        self._event, self._exceptions, self._threads, self._frames = (MatcherIndex() for _ in range(4))
        self._compiled = [
            _Compiled(
                rule,
                event=self._event.numbers(rule.event),
                exception=self._exceptions.numbers(rule.exception),
                thread=self._threads.numbers(rule.thread),
                frame=self._frames.numbers(rule.frame),
                caller=self._frames.numbers(filter(None, (rule.caller,))),
                callee=self._frames.numbers(filter(None, (rule.callee,))),
            )
            for rule in rules
        ]
        for index in (self._event, self._exceptions, self._threads, self._frames):
            index.close()

    def __bool__(self) -> bool:
        return bool(self.rules)

    def first(self, event: Event) -> FingerprintRule | None:
        """The first rule that fits: each of its parts on one and the same frame, exception, thread."""
        in_event = self._event.rows([event_subject(event, self._event.accepting)])
        in_exceptions = cache(lambda: self._exceptions.rows(map(exception_subject, event.exceptions)))
        in_threads = cache(lambda: self._threads.rows(map(thread_subject, event.threads)))
        in_stacks = cache(lambda: _Stacks(event, self._frames))
        for rule in self._compiled:
            if (
                all_of(in_event, rule.event, 1)
                and (not rule.exception or all_of(in_exceptions(), rule.exception, (1 << len(event.exceptions)) - 1))
                and (not rule.thread or all_of(in_threads(), rule.thread, (1 << len(event.threads)) - 1))
                and (not rule.wants_frame or in_stacks().fit(rule))
            ):
                return rule.rule
        return None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule, with its matchers by number."""

    rule: FingerprintRule
    event: tuple[int, ...]
    exception: tuple[int, ...]
    thread: tuple[int, ...]
    frame: tuple[int, ...]
    caller: tuple[int, ...]
    callee: tuple[int, ...]

    @property
    def wants_frame(self) -> bool:
        return bool(self.frame or self.caller or self.callee)


class _Stacks:
    """The frames of all stacks of an event in one row, and which of them the matchers accept."""

    def __init__(self, event: Event, index: MatcherIndex) -> None:
        stacks = list(_stacks_of(event))
        frames = [frame for stack in stacks for frame in stack]
        self._rows = index.rows(frame_subject(frame, event.platform, in_app=frame.in_app is True) for frame in frames)
        self._all = (1 << len(frames)) - 1
        self._outermost = self._innermost = 0
        end = 0
        for stack in stacks:
            self._outermost |= 1 << end
            end += len(stack)
            self._innermost |= 1 << end - 1

    def fit(self, rule: _Compiled) -> int:
        """The frames that fit a rule; a missing neighbour fits nothing, not even a negation."""
        found = all_of(self._rows, rule.frame, self._all)
        if rule.caller:
            found &= (all_of(self._rows, rule.caller, self._all) << 1) & ~self._outermost
        if rule.callee:
            found &= (all_of(self._rows, rule.callee, self._all) >> 1) & ~self._innermost
        return found


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


def _stacks_of(event: Event) -> Iterator[Sequence[Frame]]:
    """The frames of all exceptions, the thrown one first, else of the threads and of the event itself."""
    stacks = [exception.stacktrace for exception in reversed(event.exceptions)]
    if not any(stacks):
        stacks = [*(thread.stacktrace for thread in event.threads), event.stacktrace]
    for stack in stacks:
        if stack and stack.frames:
            yield stack.frames[-MAX_FRAMES:]
