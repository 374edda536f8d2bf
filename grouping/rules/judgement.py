"""What stack-trace rules have decided so far about one stack's frames. A set of frames is an integer, a bit each."""

from collections.abc import Sequence
from dataclasses import dataclass

from grouping.rules.index import MatcherIndex, Subject, all_of
from grouping.verdict import StackVerdict


@dataclass(frozen=True, slots=True)
class Action:
    """`what` is app, group, category, max-frames, min-frames or invert-stacktrace; `reach` is `^`, `v` or empty."""

    what: str
    value: bool | int | str
    reach: str = ""


@dataclass(slots=True)
class _Marks:
    """Which frames were said to be something, and which not to be."""

    yes: int = 0
    no: int = 0

    def set(self, frames: int, *, to: bool) -> None:
        self.yes = self.yes | frames if to else self.yes & ~frames
        self.no = self.no & ~frames if to else self.no | frames

    def as_list(self, count: int) -> list[bool | None]:
        return [True if self.yes >> place & 1 else False if self.no >> place & 1 else None for place in range(count)]


class Judgement:
    """The frames of one stack, which matchers accept them, and what rules made of that."""

    def __init__(self, index: MatcherIndex, subjects: Sequence[Subject], in_app: Sequence[bool]) -> None:
        self._accepting = index.accepting
        self._rows = index.rows(subjects)
        self._count = len(subjects)
        self._every = (1 << self._count) - 1
        self._in_app = sum(1 << place for place, is_own in enumerate(in_app) if is_own)
        self._categories: dict[str, int] = {}
        self._app, self._grouped = _Marks(), _Marks()
        self._lines: list[tuple[int, int]] = []
        """The line of a rule, and the frames of which it spoke."""
        self._variables: dict[str, bool | int | str] = {}

    def fitting(self, frame: Sequence[int], caller: Sequence[int], callee: Sequence[int]) -> int:
        """The frames that fit the matchers of a rule; a missing neighbour fits nothing, not even a negation."""
        found = all_of(self._rows, frame, self._every)
        if caller and found:
            found &= all_of(self._rows, caller, self._every) << 1
        if callee and found:
            found &= all_of(self._rows, callee, self._every) >> 1
        return found

    def apply(self, actions: Sequence[Action], fitting: int, line: int) -> None:
        """Let the actions of the rule at a line act on the frames that fit it, and on those within their reach.

        As if those that fit were taken one by one from the outermost on: of a frame behind some of them and before
        others, those speak last that come last.
        """
        spoken_of = 0
        for reach in ("^", "", "v"):
            frames = self._within(reach, fitting)
            for action in actions:
                if action.reach == reach and frames:
                    spoken_of |= self._act(action, frames)
        if spoken_of:
            self._lines.append((line, spoken_of))

    def verdict(self) -> StackVerdict:
        return StackVerdict(
            self._app.as_list(self._count),
            self._grouped.as_list(self._count),
            self._last_lines(),
            int(self._variables.get("max-frames", 0)),
            int(self._variables.get("min-frames", 0)),
            bool(self._variables.get("invert-stacktrace", False)),
        )

    def _within(self, reach: str, fitting: int) -> int:
        if reach == "^":
            return self._every & ~(2 * (fitting & -fitting) - 1)
        return (1 << fitting.bit_length() - 1) - 1 if reach == "v" else fitting

    def _act(self, action: Action, frames: int) -> int:
        """Do what the action says; returns the frames of which it spoke."""
        if action.what == "category":
            self._set_category(str(action.value), frames)
            return 0
        if action.what == "group":
            self._grouped.set(frames, to=bool(action.value))
            return frames
        if action.what == "app":
            self._app.set(frames, to=bool(action.value))
            self._set_in_app(frames, to=bool(action.value))
            return frames
        self._variables[action.what] = action.value
        return 0

    def _set_in_app(self, frames: int, *, to: bool) -> None:
        changed = frames & (~self._in_app if to else self._in_app)
        self._in_app ^= changed
        self._turn("app", True, changed)
        self._turn("app", False, changed)

    def _set_category(self, category: str, frames: int) -> None:
        for known, members in list(self._categories.items()):
            if leaving := members & frames:
                self._categories[known] = members ^ leaving
                self._turn("category", known, leaving)
        self._categories[category] = self._categories.get(category, 0) | frames
        self._turn("category", category, frames)

    def _turn(self, name: str, value: bool | str, frames: int) -> None:
        """What matchers of this value say of these frames is no longer so, or is from now on."""
        if name in self._accepting:
            for number in self._accepting[name](value):
                self._rows[number] ^= frames

    def _last_lines(self) -> list[int]:
        lines = [0] * self._count
        open_ = self._every
        for line, frames in reversed(self._lines):
            fresh = frames & open_
            open_ ^= fresh
            while fresh:
                lines[fresh.bit_length() - 1] = line
                fresh &= ~(1 << fresh.bit_length() - 1)
        return lines
