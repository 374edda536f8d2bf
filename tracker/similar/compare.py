"""Two events side by side: where they differ, and what of each counted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from grouping.explain import first_difference
from grouping.group import Grouping, group_event
from tracker.models import Event
from tracker.rules.samples import read_stored
from tracker.rules.versions import rules_for
from tracker.similar.why import MASKED, Part, Why, explain, parts_of

SHAPES = frozenset({"stack", "frame", "fingerprint", "exc", "thr", "stk", "tpl", "sec", "msg", "cs", "low"})
"""Parts that are shown by what they consist of; of a frame, its place and its source line."""


@dataclass(slots=True, frozen=True)
class Row:
    """What stands at the same place in both; None where one has nothing there."""

    left: Part | None
    right: Part | None

    @property
    def is_same(self) -> bool:
        return bool(self.left and self.right and _identity(self.left) == _identity(self.right))

    @property
    def name(self) -> str:
        names = [part.name for part in (self.left, self.right) if part]
        return " / ".join(dict.fromkeys(names))


@dataclass(slots=True, frozen=True)
class Comparison:
    """Two events, both under the active rules."""

    left: Why
    right: Why
    difference: str
    """In words: ``first difference: frame 3, `pay` / `pay_v2```."""
    shared_keys: tuple[str, ...]
    """Kinds of the keys that both have."""
    rows: tuple[Row, ...]

    @property
    def are_one(self) -> bool:
        """Whether grouping alone would make them one issue."""
        return bool(self.shared_keys)

    def as_json(self) -> dict[str, Any]:
        return {
            "difference": self.difference,
            "sharedKeys": list(self.shared_keys),
            "rows": [
                {
                    "name": row.name,
                    "same": row.is_same,
                    "left": row.left.value if row.left else None,
                    "right": row.right.value if row.right else None,
                }
                for row in self.rows
            ],
            "left": self.left.as_json(),
            "right": self.right.as_json(),
        }


def compare(left: Event, right: Event) -> Comparison:
    """Say where two stored events differ."""
    a, b = _grouping_of(left), _grouping_of(right)
    names = {(key.kind, key.digest) for key in b.keys}
    shared = tuple(key.kind for key in a.keys if (key.kind, key.digest) in names)
    rows = align(list(_speaking(parts_of(a))), list(_speaking(parts_of(b))))
    return Comparison(explain(left), explain(right), first_difference(a, b), shared, tuple(rows))


def align(left: Sequence[Part], right: Sequence[Part]) -> Iterator[Row]:
    """Put equal parts beside each other, and between them what differs."""
    matcher = SequenceMatcher(None, list(map(_identity, left)), list(map(_identity, right)), autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        yield from map(Row, *zip(*zip_longest(left[start:end], right[other_start:other_end]), strict=True))


def _grouping_of(event: Event) -> Grouping:
    return group_event(read_stored(event), rules_for(event.project).current, explain=True)


def _speaking(parts: Sequence[Part]) -> Iterator[Part]:
    """What counted, in order; containers give way to what they contain."""
    for part in parts:
        if not part.contributes or part.id == MASKED:
            continue
        if part.id not in SHAPES or part.id == "frame":
            yield part
        yield from _speaking(part.parts)


def _identity(part: Part) -> tuple[str, str]:
    return part.id, part.value
