"""Where a stack's own story begins: the chain of calls that were made by name.

A function that calls another by name (`pay(order)`) chose it, and belongs to what happened. A dispatcher calls
whatever it was handed (`return handler(*args)`): decorators, middlewares, runners of jobs and of tests. The same bug
reached through another dispatcher is the same bug, so dispatchers, and whatever is only connected through them, do not
identify it. Source lines tell the two apart; where there is no line, nothing is left out.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from grouping.frames import Token

MAX_PERIOD = 8


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
        for period in range(1, min(MAX_PERIOD, len(names) // 2) + 1):
            if names[-1 - period] == place and names[-period:] == names[-2 * period : -period]:
                folded += kept[-2 * period : -period]
                del kept[-2 * period : -period], names[-2 * period : -period]
                break
    return kept, folded


def cycle_of(places: Sequence[bytes]) -> list[int]:
    """Positions of one turn of the cycle that fills most of the stack; empty where nothing repeats."""
    best: list[int] = []
    longest = 0
    for period in range(1, min(MAX_PERIOD, len(places) // 2) + 1):
        run = 0
        for position in range(period, len(places)):
            run = run + 1 if places[position] == places[position - period] else 0
            if run >= period and run + period > longest:
                longest = run + period
                best = list(range(position - period + 1, position + 1))
    return best


MAX_GAP = 4
"""How many dispatchers may stand between a caller and the callee that it names: the decorators of one function."""
SHORTEST_DISTANT_NAME = 4

_CONSTRUCTORS = frozenset(
    {"__init__", "__new__", "__post_init__", "__attrs_post_init__", "constructor", "__construct", "initialize"}
)
_CONSTRUCTION = re.compile(r"\b_*[A-Z]\w*\s*[({]|\bnew\b|\bcls\(|\bsuper\b|\bstatic\(|\bself\(")
_CALL = re.compile(r"[\w\])>]\s*\(|\byield\b|\.call\b|\bsend\b|\bpublic_send\b|\binstance_exec\b|\bawait [\w.]+;?$")
_WRITTEN_HERE = re.compile(r"=>|\blambda\b|\bfunc(?:tion)?\b|\bfn\b|->|\bdo\b|[{|]|\(\s*$")
"""A nameless function begins on this line, or on one of the next."""
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"(?<!\w)(\w++)\W*$")
"""`App\\Cart::total`, `(*Cart).Total`, `charge!`"""
_ARITY = re.compile(r"/\d{1,3}$")


def named_calls(tokens: Sequence[Token]) -> list[int]:
    """Positions of the tokens on the chain of named calls that ends at the crash, outermost first."""
    if not tokens:
        return []
    kept = [len(tokens) - 1]
    for position in range(len(tokens) - 2, -1, -1):
        gap = kept[-1] - position - 1
        if gap > MAX_GAP:
            break
        if _belongs(tokens[position], tokens[kept[-1]], gap):
            kept.append(position)
    return kept[::-1]


def _belongs(caller: Token, callee: Token, gap: int) -> bool:
    if callee.nameless or not (callee.function or callee.line_identifies):
        if not caller.line:
            return gap == 0
        return caller.location == callee.location and bool(_WRITTEN_HERE.search(caller.line))
    if not caller.line or not callee.function:
        return gap == 0
    return _names(caller.line, callee.function, gap)


def _calls(line: str, name: str) -> bool:
    """Whether the name stands in the line, not as the end of another one, with a parenthesis after it."""
    place = line.find(name)
    while place >= 0:
        if _is_edge(line, place) and line[place + len(name) :].lstrip().startswith("("):
            return True
        place = line.find(name, place + 1)
    return False


def _is_edge(line: str, place: int) -> bool:
    """Whether a word begins or ends before a place."""
    return (place > 0 and _WORD.match(line[place - 1]) is not None) != (_WORD.match(line[place]) is not None)


@lru_cache(maxsize=8_192)
def _names(line: str, function: str, gap: int) -> bool:
    """Whether the line calls the function by its name, as far as a line alone can tell."""
    found = _LAST_WORD.search(_ARITY.sub("", function))
    name = found[1] if found else function
    if name in _CONSTRUCTORS:
        return bool(_CONSTRUCTION.search(line))
    if gap:
        return len(name) >= SHORTEST_DISTANT_NAME and _calls(line, name)
    if name.startswith("__"):
        return True
    return name in _WORD.findall(line) or not _CALL.search(line)
