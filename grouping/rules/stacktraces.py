"""Stack-trace rules: which frames are the user's, which count, how many.

    family:javascript module:"@babel/*" -app
    [ function:dispatch ] | function:handle category=entry -group
    function:panic ^-group max-frames=3

All rules apply, in order. `^` acts on the frames after the match, towards the crash; `v` on those before it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from grouping.event import ExceptionValue, Frame
from grouping.frames import is_library
from grouping.rules.matchers import (
    EXCEPTION_KEYS,
    FRAME_KEYS,
    TRUTHS,
    FrameFacts,
    Matcher,
    exception_accepted,
    facts_of,
    read_pattern,
)
from grouping.rules.syntax import Cursor, lines_of
from grouping.verdict import NO_VERDICT, StackVerdict

REMEMBERED_FRAMES = 4_096
KEYS = FRAME_KEYS | EXCEPTION_KEYS

_FLAG = re.compile(r"([\^v]?)([+-])(app|group)(?=\s|$)")
_CATEGORY = re.compile(r"category=([\w.\-]+)(?=\s|$)")
_FRAMES = re.compile(r"(max|min)-frames=(\d{1,6})(?=\s|$)")
_INVERT = re.compile(r"invert-stacktrace=(\w+)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Action:
    """`what` is app, group, category, max-frames, min-frames or invert-stacktrace; `reach` is `^`, `v` or empty."""

    what: str
    value: bool | int | str
    reach: str = ""

    def positions(self, match: int, count: int) -> range:
        if self.reach == "^":
            return range(match + 1, count)
        if self.reach == "v":
            return range(match)
        return range(match, match + 1)


@dataclass(frozen=True, slots=True)
class StackRule:
    """One line of stack-trace rules."""

    line: int
    matchers: tuple[Matcher, ...]
    exception: tuple[Matcher, ...]
    caller: Matcher | None
    callee: Matcher | None
    actions: tuple[Action, ...]


def parse_stack_rules(text: str) -> tuple[StackRule, ...]:
    """Read a text of stack-trace rules. Raises RuleError with line and column."""
    return tuple(map(_read_rule, lines_of(text)))


def _read_rule(cursor: Cursor) -> StackRule:
    pattern = read_pattern(cursor, KEYS, FRAME_KEYS, example="module:shop.*")
    actions: list[Action] = []
    while not cursor.at_end:
        actions.append(_read_action(cursor))
    if not actions:
        raise cursor.error("an action is missing, like `-app`")
    return StackRule(
        cursor.line,
        matchers=pattern.about(FRAME_KEYS),
        exception=pattern.about(EXCEPTION_KEYS),
        caller=pattern.caller,
        callee=pattern.callee,
        actions=tuple(actions),
    )


def _read_action(cursor: Cursor) -> Action:
    if flag := cursor.match(_FLAG):
        return Action(flag[3], flag[2] == "+", flag[1])
    if category := cursor.match(_CATEGORY):
        return Action("category", category[1])
    if frames := cursor.match(_FRAMES):
        return Action(f"{frames[1]}-frames", int(frames[2]))
    invert = cursor.match(_INVERT)
    if invert and invert[1] in TRUTHS:
        return Action("invert-stacktrace", TRUTHS[invert[1]])
    raise cursor.error("this is no action; known are +app, -app, +group, -group, category=, max-frames=, min-frames=")


class StackRules:
    """Compiled stack-trace rules: each distinct matcher is one bit, and what a frame's bits are is remembered."""

    def __init__(self, rules: Sequence[StackRule]) -> None:
        self.rules = tuple(rules)
        self._bit_of: dict[Matcher, int] = {}
        self._compiled = [
            (rule, self._mask(rule.matchers), self._mask(_one(rule.caller)), self._mask(_one(rule.callee)))
            for rule in rules
        ]
        self._bits = lru_cache(maxsize=REMEMBERED_FRAMES)(self._match_all)

    def __bool__(self) -> bool:
        return bool(self.rules)

    def judge(
        self, frames: Sequence[Frame], platform: str, exception: ExceptionValue | None, all_unknown: bool
    ) -> StackVerdict:
        """Apply all rules to one stack: first app and category, then group and the variables."""
        if not self.rules or not frames:
            return NO_VERDICT
        facts = [facts_of(frame, platform, _known_in_app(frame, platform, all_unknown)) for frame in frames]
        judgement = _Judgement(facts, [None] * len(frames), [None] * len(frames), [0] * len(frames))
        live = [entry for entry in self._compiled if exception_accepted(entry[0].exception, exception)]
        for first_pass in (True, False):
            bits = [self._bits(fact) for fact in judgement.facts]
            for rule, own, caller, callee in live:
                actions = [action for action in rule.actions if (action.what in {"app", "category"}) == first_pass]
                matched = _matched(bits, own, caller, callee) if actions else []
                for position in matched:
                    for action in actions:
                        judgement.apply(action, position, rule.line)
                if matched and first_pass:
                    bits = [self._bits(fact) for fact in judgement.facts]
        return judgement.verdict()

    def _mask(self, matchers: Sequence[Matcher]) -> int:
        mask = 0
        for matcher in matchers:
            mask |= 1 << self._bit_of.setdefault(matcher, len(self._bit_of))
        return mask

    def _match_all(self, facts: FrameFacts) -> int:
        return sum(1 << bit for matcher, bit in self._bit_of.items() if matcher.accepts_frame(facts))


@dataclass(slots=True)
class _Judgement:
    facts: list[FrameFacts]
    in_app: list[bool | None]
    grouped: list[bool | None]
    lines: list[int]
    max_frames: int = 0
    min_frames: int = 0
    invert: bool = False

    def apply(self, action: Action, match: int, line: int) -> None:
        if action.what == "max-frames":
            self.max_frames = int(action.value)
        elif action.what == "min-frames":
            self.min_frames = int(action.value)
        elif action.what == "invert-stacktrace":
            self.invert = bool(action.value)
        else:
            for position in action.positions(match, len(self.facts)):
                self._mark(action, position, line)

    def _mark(self, action: Action, position: int, line: int) -> None:
        if action.what == "category":
            self.facts[position] = self.facts[position]._replace(category=str(action.value))
            return
        self.lines[position] = line
        if action.what == "group":
            self.grouped[position] = bool(action.value)
        else:
            self.in_app[position] = bool(action.value)
            self.facts[position] = self.facts[position]._replace(in_app=bool(action.value))

    def verdict(self) -> StackVerdict:
        return StackVerdict(self.in_app, self.grouped, self.lines, self.max_frames, self.min_frames, self.invert)


def _matched(bits: list[int], own: int, caller: int, callee: int) -> list[int]:
    """Positions that fit the rule; a missing neighbour fits nothing, not even a negation."""
    last = len(bits) - 1
    return [
        position
        for position, present in enumerate(bits)
        if present & own == own
        and (not caller or (position > 0 and bits[position - 1] & caller == caller))
        and (not callee or (position < last and bits[position + 1] & callee == callee))
    ]


def _known_in_app(frame: Frame, platform: str, all_unknown: bool) -> bool | None:
    if is_library(frame, platform):
        return False
    return all_unknown if frame.in_app is None else frame.in_app


def _one(matcher: Matcher | None) -> tuple[Matcher, ...]:
    return (matcher,) if matcher else ()
