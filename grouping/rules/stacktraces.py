"""Stack-trace rules: which frames are the user's, which count, how many.

    family:javascript module:"@babel/*" -app
    [ function:dispatch ] | function:handle category=entry -group
    function:panic ^-group max-frames=3

All rules apply, in order. `^` acts on the frames after the match, towards the crash; `v` on those before it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grouping.event import ExceptionValue, Frame
from grouping.frames import is_library
from grouping.rules.index import MatcherIndex, all_of
from grouping.rules.judgement import Action, Judgement
from grouping.rules.matchers import EXCEPTION_KEYS, FRAME_KEYS, TRUTHS, Matcher, read_pattern
from grouping.rules.subjects import exception_subject, frame_subject
from grouping.rules.syntax import Cursor, lines_of
from grouping.verdict import NO_VERDICT, StackVerdict

KEYS = FRAME_KEYS | EXCEPTION_KEYS

_LOOKED_AT = frozenset({"app", "category"})
_FLAG = re.compile(r"([\^v]?)([+-])(app|group)(?=\s|$)")
_CATEGORY = re.compile(r"category=([\w.\-]+)(?=\s|$)")
_FRAMES = re.compile(r"(max|min)-frames=(\d{1,6})(?=\s|$)")
_INVERT = re.compile(r"invert-stacktrace=(\w+)(?=\s|$)")


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
    """Compiled stack-trace rules: the matchers of all rules look at a stack together, and rules only combine."""

    def __init__(self, rules: Sequence[StackRule]) -> None:
        self.rules = tuple(rules)
        self._frames, self._exception = MatcherIndex(), MatcherIndex()
        self._compiled = [
            _Compiled(
                rule.line,
                frame=self._frames.numbers(rule.matchers),
                caller=self._frames.numbers(filter(None, (rule.caller,))),
                callee=self._frames.numbers(filter(None, (rule.callee,))),
                exception=self._exception.numbers(rule.exception),
                actions=(
                    [action for action in rule.actions if action.what in _LOOKED_AT],
                    [action for action in rule.actions if action.what not in _LOOKED_AT],
                ),
            )
            for rule in rules
        ]
        self._frames.close()
        self._exception.close()

    def __bool__(self) -> bool:
        return bool(self.rules)

    def judge(
        self, frames: Sequence[Frame], platform: str, exception: ExceptionValue | None, all_unknown: bool
    ) -> StackVerdict:
        """Apply all rules to one stack: first app and category, then group and the variables."""
        if not self.rules or not frames:
            return NO_VERDICT
        in_app = [_known_in_app(frame, platform, all_unknown) for frame in frames]
        subjects = [frame_subject(frame, platform, in_app=own) for frame, own in zip(frames, in_app, strict=True)]
        thrown = self._exception.rows([exception_subject(exception)])
        live = [rule for rule in self._compiled if all_of(thrown, rule.exception, 1)]
        judgement = Judgement(self._frames, subjects, in_app)
        for passing in range(2):
            for rule in live:
                actions = rule.actions[passing]
                fitting = judgement.fitting(rule.frame, rule.caller, rule.callee) if actions else 0
                if fitting:
                    judgement.apply(actions, fitting, rule.line)
        return judgement.verdict()


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule, with its matchers by number."""

    line: int
    frame: tuple[int, ...]
    caller: tuple[int, ...]
    callee: tuple[int, ...]
    exception: tuple[int, ...]
    actions: tuple[Sequence[Action], Sequence[Action]]
    """Those that matchers may look at, of all rules first; and the rest."""


def _known_in_app(frame: Frame, platform: str, all_unknown: bool) -> bool:
    if is_library(frame, platform):
        return False
    return all_unknown if frame.in_app is None else frame.in_app
