"""What a page shows of a frame: the lines around it, and its variables."""

from dataclasses import dataclass
from typing import Any

from grouping.event import Frame
from grouping.reader import limits
from grouping.reader.scalars import read_text

_LINES_EACH_SIDE = 50
_VARIABLES = 200


@dataclass(slots=True, frozen=True)
class SourceLine:
    """One line of source; `number` is None where the frame has no line number."""

    number: int | None
    text: str
    is_current: bool


def source_lines(frame: Frame) -> list[SourceLine]:
    """The frame's line with the lines before and after it; empty where the SDK sent no source."""
    before = _lines(frame.raw.get("pre_context"))[-_LINES_EACH_SIDE:]
    after = _lines(frame.raw.get("post_context"))[:_LINES_EACH_SIDE]
    if frame.context_line is None:
        return []
    first = None if frame.lineno is None else frame.lineno - len(before)
    return [
        SourceLine(None if first is None else first + place, text, place == len(before))
        for place, text in enumerate([*before, frame.context_line, *after])
    ]


def frame_variables(frame: Frame) -> dict[str, Any]:
    """The local variables by name; a bare list, as some clients sent, gets its places as names."""
    variables = frame.raw.get("vars")
    if isinstance(variables, list):
        variables = {str(place): value for place, value in enumerate(variables)}
    if not isinstance(variables, dict):
        return {}
    return {str(name): variables[name] for name in list(variables)[:_VARIABLES]}


def _lines(value: Any) -> list[str]:
    return [read_text(line, limits.LINE) for line in value] if isinstance(value, list) else []
