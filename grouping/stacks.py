"""Which frames of a stack speak: from all that were sent to the few that enter the keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from grouping.calls import collapse, cycle_of, named_calls
from grouping.event import Frame, Stacktrace
from grouping.frames import Token, folded, token_of
from grouping.verdict import NO_VERDICT, StackVerdict

INNERMOST_FRAMES = 5
MAX_INNER_FRAMES = 250
MAX_OUTER_FRAMES = 50
REMEMBERED_SELECTIONS = 1_024

NOT_IN_APP = "not-in-app"
BEYOND_DISPATCH = "beyond-dispatch"
BEYOND_INNERMOST = "beyond-innermost"
BEYOND_LIMIT = "beyond-limit"
BY_RULE = "rule"


@dataclass(slots=True)
class Selection:
    """The tokens that speak for a stack, outermost first, and why each frame does or does not."""

    app: list[Token] = field(default_factory=list)
    system: list[Token] = field(default_factory=list)
    tokens: list[Token | None] = field(default_factory=list)
    """One for every frame as sent; None where the stack was too deep to look."""
    reasons: list[str] = field(default_factory=list)
    """For every frame as sent: why it is not among `app`; empty where it is."""
    rule_lines: Sequence[int] = ()
    """For every frame as sent: the line of the stack-trace rule that spoke of it, 0 where none did."""
    minified: bool = False
    """Most in-app frames are minified: names and lines mean nothing."""
    overflow: bool = False
    """A stack overflow, reduced to its cycle."""

    @property
    def crash(self) -> Token | None:
        """The contributing frame nearest the crash."""
        return self.app[-1] if self.app else self.system[-1] if self.system else None


@dataclass(slots=True, frozen=True)
class _Known:
    """A stack that was seen before, in circumstances that count."""

    number: int
    platform: str
    all_unknown: bool
    overflow: bool
    frames: Sequence[Frame] = field(compare=False)


def select_frames(
    stacktrace: Stacktrace,
    platform: str,
    *,
    all_unknown: bool,
    overflow: bool = False,
    verdict: StackVerdict = NO_VERDICT,
) -> Selection:
    """Choose what speaks for a stack; `all_unknown`: no frame of the event knows whether it is in-app.

    Events may share the result: it must not be changed.
    """
    if stacktrace.number and verdict is NO_VERDICT:
        return _remembered(_Known(stacktrace.number, platform, all_unknown, overflow, stacktrace.frames))
    return _select(stacktrace.frames, platform, all_unknown, overflow, verdict)


@lru_cache(maxsize=REMEMBERED_SELECTIONS)
def _remembered(known: _Known) -> Selection:
    return _select(known.frames, known.platform, known.all_unknown, known.overflow, NO_VERDICT)


def _select(
    frames: Sequence[Frame], platform: str, all_unknown: bool, overflow: bool, verdict: StackVerdict
) -> Selection:
    selection = Selection(tokens=[None] * len(frames), reasons=[BEYOND_LIMIT] * len(frames), rule_lines=verdict.lines)
    kept = _contributing(frames, platform, selection, verdict)
    in_app = {index: _is_in_app(frames[index], selection.tokens[index], index, all_unknown, verdict) for index in kept}
    if overflow and _keep_cycle(kept, in_app, selection):
        return selection
    kept = _collapsed(kept, selection)
    app = _collapsed([index for index in kept if in_app[index]], selection)
    for index in kept:
        if not in_app[index]:
            selection.reasons[index] = NOT_IN_APP
    app = _collapsed(_called(_readable(app, selection), selection), selection)
    most = verdict.max_frames or INNERMOST_FRAMES
    for index in app[:-most]:
        selection.reasons[index] = BEYOND_INNERMOST
    selection.system = [_token(selection, index) for index in kept]
    selection.app = [_token(selection, index) for index in app[-most:]]
    if verdict.max_frames:
        selection.system = selection.system[-verdict.max_frames :]
    if len(selection.system) < verdict.min_frames:
        selection.app, selection.system = [], []
    return selection


def _token(selection: Selection, index: int) -> Token:
    token = selection.tokens[index]
    assert token is not None
    return token


def _contributing(frames: Sequence[Frame], platform: str, selection: Selection, verdict: StackVerdict) -> list[int]:
    """The frames that are not noise, oldest call first."""
    indexes: Sequence[int] = range(len(frames))
    if len(frames) > MAX_OUTER_FRAMES + MAX_INNER_FRAMES:
        indexes = [*indexes[:MAX_OUTER_FRAMES], *indexes[-MAX_INNER_FRAMES:]]
    kept: list[int] = []
    for index in indexes:
        token = token_of(frames[index], platform)
        grouped = verdict.grouped[index] if verdict.grouped else None
        selection.tokens[index] = token
        selection.reasons[index] = BY_RULE if grouped is False else token.dropped if grouped is None else ""
        if selection.reasons[index]:
            continue
        if token.folds and kept and (outer := selection.tokens[kept[-1]]) and outer.location == token.location:
            selection.tokens[index] = folded(outer, token)
            selection.reasons[kept.pop()] = "P2"
        kept.append(index)
    return kept[::-1] if verdict.invert else kept


def _is_in_app(frame: Frame, token: Token | None, index: int, all_unknown: bool, verdict: StackVerdict) -> bool:
    """The SDK's word, then the built-in rules, then the project's: the last one wins."""
    ruled = verdict.in_app[index] if verdict.in_app else None
    if ruled is not None:
        return ruled
    if token is None or token.library:
        return False
    return all_unknown if frame.in_app is None else frame.in_app


def _collapsed(indexes: list[int], selection: Selection) -> list[int]:
    kept, folded = collapse(indexes, [_token(selection, index).place for index in indexes])
    for index in folded:
        selection.reasons[index] = "G9"
    return kept


def _keep_cycle(kept: list[int], in_app: dict[int, bool], selection: Selection) -> bool:
    """G10: where a stack overflowed is chance; what called itself is not."""
    cycle = cycle_of([_token(selection, index).place for index in kept])
    if not cycle:
        return False
    members = [kept[position] for position in cycle]
    own = [index for index in members if in_app[index]] or members
    start = min(range(len(own)), key=lambda turn: [_token(selection, i).place for i in own[turn:] + own[:turn]])
    for index in kept:
        selection.reasons[index] = "" if index in own else "G10"
    selection.app = [_token(selection, index) for index in own[start:] + own[:start]]
    selection.system = [_token(selection, index) for index in members]
    selection.overflow = True
    return True


def _readable(app: list[int], selection: Selection) -> list[int]:
    """J9: minified frames say nothing beside readable ones; if most are, with the crash, the stack says nothing."""
    minified = [index for index in app if _token(selection, index).minified]
    selection.minified = 2 * len(minified) > len(app) and minified[-1] == app[-1]
    if selection.minified:
        return app
    for index in minified:
        selection.reasons[index] = "J9"
    return [index for index in app if not selection.reasons[index]]


def _called(app: list[int], selection: Selection) -> list[int]:
    """Leave out dispatchers and what lies beyond them."""
    kept = [app[position] for position in named_calls([_token(selection, index) for index in app])]
    for index in set(app).difference(kept):
        selection.reasons[index] = BEYOND_DISPATCH
    return kept
