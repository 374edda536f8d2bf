"""An explanation as the rows of a table: in order, indented, long runs of what did not count folded into one.

What a part that did not count consists of is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tracker.groups.why import Part

FEWEST_FOLDED = 3
"""Neighbours that did not count for the same reason are folded from this number on."""


@dataclass(slots=True, frozen=True)
class WhyRow:
    """One part, or several neighbours that did not count for the same reason."""

    depth: int
    part: Part
    folded: tuple[Part, ...] = ()


def rows_of(parts: Sequence[Part], depth: int = 0) -> Iterator[WhyRow]:
    for _, run in groupby(parts, key=_fold_key):
        neighbours = tuple(run)
        if len(neighbours) >= FEWEST_FOLDED and not neighbours[0].contributes:
            yield WhyRow(depth, neighbours[0], neighbours)
            continue
        for part in neighbours:
            yield WhyRow(depth, part)
            if part.contributes:
                yield from rows_of(part.parts, depth + 1)


def _fold_key(part: Part) -> tuple[bool, str, str, int]:
    return part.contributes, part.id, part.reason, part.rule_line
