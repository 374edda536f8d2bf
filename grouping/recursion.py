"""Recursion: turns of a cycle are one turn, however often it went round (rules G9 and G10)."""

from collections.abc import Sequence

LONGEST_PERIOD = 8


def collapse(indexes: Sequence[int], places: Sequence[bytes]) -> tuple[list[int], list[int]]:
    """Fold repeated turns of up to 8 frames into the innermost one; returns the kept and the folded, in linear time."""
    kept: list[int] = []
    names: list[bytes] = []
    folded: list[int] = []
    seen: set[bytes] = set()
    for index, place in zip(indexes, places, strict=True):
        kept.append(index)
        names.append(place)
        if place not in seen:
            seen.add(place)
            continue
        for period in range(1, min(LONGEST_PERIOD, len(names) // 2) + 1):
            if names[-1 - period] == place and names[-period:] == names[-2 * period : -period]:
                folded += kept[-2 * period : -period]
                del kept[-2 * period : -period], names[-2 * period : -period]
                break
    return kept, folded


def cycle_of(places: Sequence[bytes]) -> list[int]:
    """Positions of one turn of the cycle that fills most of the stack; empty where nothing repeats."""
    best: list[int] = []
    longest = 0
    for period in range(1, min(LONGEST_PERIOD, len(places) // 2) + 1):
        run = 0
        for position in range(period, len(places)):
            run = run + 1 if places[position] == places[position - period] else 0
            if run >= period and run + period > longest:
                longest = run + period
                best = list(range(position - period + 1, position + 1))
    return best
