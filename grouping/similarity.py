"""How alike two stacks are, in linear time (after FaST and TraceSim: https://arxiv.org/abs/2009.12590).

Frames nearest the crash weigh most, frames that many issues have weigh least, and the same frame counts more the nearer
it stands to where the other stack has it. Only for suggestions: nothing is ever joined by similarity alone.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import exp
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

POSITION_DECAY = 1.0
"""Alpha: how fast a frame's weight falls with its distance from the crash."""
RARITY = 0.3
"""Beta: how much a frame loses that many issues have."""
DRIFT = 0.1
"""Gamma: how much a match loses for every place that the two frames stand apart."""
MAX_FRAMES = 300

STACK_SHARE, TYPE_SHARE, TEMPLATE_SHARE = 0.7, 0.2, 0.1
WORTH_SHOWING = 0.6
VERY_LIKELY = 0.85


def stack_similarity(a: Sequence[T], b: Sequence[T], frequency: Mapping[T, int], issues: int) -> float:
    """Similarity of two stacks from -1 (nothing in common) to 1 (equal).

    `a` and `b` are tokens, the crash first; `frequency` says in how many of the project's `issues` a token occurs.
    """
    a, b = a[:MAX_FRAMES], b[:MAX_FRAMES]
    weights_a, weights_b = _weights(a, frequency, issues), _weights(b, frequency, issues)
    total = sum(weights_a) + sum(weights_b)
    if not total:
        return 1.0 if not a and not b else -1.0
    waiting: defaultdict[T, list[int]] = defaultdict(list)
    for position in range(len(b) - 1, -1, -1):
        waiting[b[position]].append(position)
    unmatched = total
    matched = 0.0
    for position, token in enumerate(a):
        if places := waiting.get(token):
            other = places.pop()
            weight = weights_a[position] + weights_b[other]
            unmatched -= weight
            matched += weight * exp(-DRIFT * abs(position - other))
    return (matched - unmatched) / total


def template_similarity(a: str, b: str) -> float:
    """Words in common among all words (Jaccard), from 0 to 1."""
    left, right = set(a.split()), set(b.split())
    return len(left & right) / len(left | right) if left or right else 1.0


def issue_similarity(stack: float, *, same_type: bool, template: float) -> float:
    """The whole similarity of two issues, to hold against `WORTH_SHOWING` and `VERY_LIKELY`."""
    return STACK_SHARE * stack + TYPE_SHARE * same_type + TEMPLATE_SHARE * template


def rarest(tokens: Sequence[T], frequency: Mapping[T, int], count: int = 8) -> list[T]:
    """The tokens to look for candidates by: the rarest ones, in the order of the stack where equally rare."""
    return sorted(dict.fromkeys(tokens[:MAX_FRAMES]), key=lambda token: frequency.get(token, 0))[:count]


def _weights(tokens: Sequence[T], frequency: Mapping[T, int], issues: int) -> list[float]:
    known = max(issues, 1)
    return [
        (position + 1) ** -POSITION_DECAY * exp(-RARITY * frequency.get(token, 0) / known * 100)
        for position, token in enumerate(tokens)
    ]
