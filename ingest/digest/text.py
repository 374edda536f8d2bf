"""Finding one's way in JSON text without decoding it, from left to right.

What has to be known about a place (is it in a text, is it in a line of source code) is asked for places further and
further to the right, and remembered up to there: all answers together cost one pass over the payload.
"""

import re

Span = tuple[int, int]
"""From byte, to byte."""

BACKSLASH = 0x5C
QUOTE = 0x22
TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_REST_OF_TEXT = re.compile(TEXT[1:], re.DOTALL)
_LITERAL = re.compile(rb"[^,\]}\s]*")
MAX_BRACKETS = 25_000
_BETWEEN = rb'[^{}\[\]"]++|' + TEXT
_DEEPEST_BOX = 4


def _box(depth: int) -> bytes:
    """A pattern for objects and lists with at most so many levels of others in them."""
    inner = rb"|" + _box(depth - 1) if depth else rb""
    return rb"[{\[](?:" + _BETWEEN + inner + rb")*+[}\]]"


_BOX = re.compile(_box(_DEEPEST_BOX), re.DOTALL)
_BRACKET = re.compile(rb"(?:" + _BETWEEN + rb"|" + _box(_DEEPEST_BOX) + rb")++|([{\[])|([}\]])", re.DOTALL)
"""What is balanced is passed over at once; a bracket by itself belongs to something nested more deeply."""

_LINES = rb"\s*+:\s*+\[(?:[^\"\]\\]*+" + TEXT + rb")*+"
_SOURCE = (
    (b'"context_line"', re.compile(rb'"context_line"\s*+:\s*+"[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)),
    (b'"pre_context"', re.compile(rb'"pre_context"' + _LINES, re.DOTALL)),
    (b'"post_context"', re.compile(rb'"post_context"' + _LINES, re.DOTALL)),
)
_MAX_NAME_LENGTH = max(len(name) for name, _ in _SOURCE)


def end_of_text(payload: bytes, at: int) -> int:
    """Where the quotation mark is that closes the text in which a byte lies; the end of everything if there is none."""
    quote = payload.find(b'"', at)
    if quote < 0:
        return len(payload)
    if payload[quote - 1] != BACKSLASH:
        return quote
    found = _REST_OF_TEXT.match(payload, at)
    return found.end() - 1 if found else len(payload)


def start_of_text(payload: bytes, at: int, longest: int) -> int:
    """Where the quotation mark is that opens the text in which a byte lies, at most `longest` bytes before; else -1."""
    lowest = max(0, at - longest)
    quote = payload.rfind(b'"', lowest, at + 1)
    while quote > 0 and payload[quote - 1] == BACKSLASH and _is_escaped(payload, quote, lowest):
        quote = payload.rfind(b'"', lowest, quote)
    return quote


def end_of_value(payload: bytes, start: int) -> int:
    """Where the JSON value ends that starts here; the end of everything where it does not end. Raises TooDense."""
    first = payload[start : start + 1]
    if first == b'"':
        found = _REST_OF_TEXT.match(payload, start + 1)
        return found.end() if found else len(payload)
    if first not in (b"{", b"["):
        literal = _LITERAL.match(payload, start)
        return literal.end() if literal else start
    if box := _BOX.match(payload, start):
        return box.end()
    depth = 0
    for count, match in enumerate(_BRACKET.finditer(payload, start)):
        if match.lastindex == 1:
            depth += 1
        elif match.lastindex == 2:
            depth -= 1
            if not depth:
                return match.end()
        if count > MAX_BRACKETS:
            raise TooDense("brackets")
    return len(payload)


class TooDense(Exception):
    """There is more in a payload than can be looked at one by one; the text says of what."""


class SourceLines:
    """Which bytes lie in a `context_line`, or in an element of `pre_context` or `post_context`; asked left to right."""

    __slots__ = ("_end", "_looked_up_to", "_payload")

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._looked_up_to = 0
        self._end = 0
        """Of the last line, or list of lines, that was found."""

    def hold(self, at: int) -> bool:
        """Whether there is source code at a byte."""
        if at < self._end:
            return True
        lowest = max(0, self._looked_up_to - _MAX_NAME_LENGTH)
        self._looked_up_to = at
        for name, pattern in _SOURCE:
            place = self._payload.rfind(name, lowest, at)
            found = pattern.match(self._payload, place) if place >= 0 else None
            if found and found.end() > at:
                self._end = found.end()
                return True
        return False


class Texts:
    """Which bytes lie inside a text; asked left to right."""

    __slots__ = ("_counted_up_to", "_is_inside", "_payload")

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._counted_up_to = 0
        self._is_inside = False

    def hold(self, at: int) -> bool:
        """Whether a byte that is no quotation mark, and no part of an escape, lies inside a text."""
        part = self._payload[self._counted_up_to : at]
        if b"\\" in part:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")
        self._is_inside ^= part.count(b'"') % 2 == 1
        self._counted_up_to = at
        return self._is_inside


def _is_escaped(payload: bytes, at: int, lowest: int) -> bool:
    before = payload[lowest:at]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
