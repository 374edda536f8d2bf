"""StackVerdict: what a project's stack-trace rules decided about one stack."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class StackVerdict:
    """Per frame, and for the whole stack; an empty sequence means that no rule spoke."""

    in_app: Sequence[bool | None] = ()
    grouped: Sequence[bool | None] = ()
    lines: Sequence[int] = ()
    """The line of the rule text that spoke last about each frame; 0 where none did."""
    max_frames: int = 0
    min_frames: int = 0
    invert: bool = False


NO_VERDICT = StackVerdict()
