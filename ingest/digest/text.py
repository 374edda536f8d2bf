"""Finding one's way in JSON text without decoding it."""

import re
from typing import NamedTuple

BACKSLASH = 0x5C
_TEXT_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TEXT_OR_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_LITERAL = re.compile(rb"[^,\]}\s]*")
_CONTEXT_LINE = re.compile(rb'"context_line"\s*:\s*\Z')
_END_OF_LIST = re.compile(rb'(?<!\\)"\s*\]')


class Token(NamedTuple):
    """A text in JSON with its quotes, from byte `start` up to `end`."""

    start: int
    end: int


def string_around(payload: bytes, at: int) -> Token | None:
    """The text in which a byte lies that no number or literal can hold."""
    start = payload.rfind(b'"', 0, at)
    while start > 0 and payload[start - 1] == BACKSLASH and _is_escaped(payload, start):
        start = payload.rfind(b'"', 0, start)
    if start < 0:
        return None
    found = _TEXT_END.match(payload, start + 1)
    return Token(start, found.end()) if found else None


def is_in_text(payload: bytes, at: int) -> bool:
    """Whether a byte lies inside a text; costs a scan from the start."""
    quotes = 0
    position = payload.find(b'"', 0, at)
    while position >= 0:
        quotes += not _is_escaped(payload, position)
        position = payload.find(b'"', position + 1, at)
    return quotes % 2 == 1


def end_of_value(payload: bytes, start: int) -> int:
    """Where the JSON value ends that starts here; the end of everything where it does not end."""
    first = payload[start : start + 1]
    if first == b'"':
        found = _TEXT_END.match(payload, start + 1)
        return found.end() if found else len(payload)
    if first not in (b"{", b"["):
        literal = _LITERAL.match(payload, start)
        return literal.end() if literal else start
    depth = 0
    for match in _TEXT_OR_BRACKET.finditer(payload, start):
        if match[0] in (b"{", b"["):
            depth += 1
        elif match[0] in (b"}", b"]"):
            depth -= 1
            if not depth:
                return match.end()
    return len(payload)


def is_source_line(payload: bytes, token: Token) -> bool:
    """Whether a text is a `context_line` or an element of `pre_context` or `post_context`."""
    before = max(0, token.start - 40)
    if _CONTEXT_LINE.search(payload, before, token.start):
        return True
    start = payload.rfind(b'_context"', 0, token.start)
    return start >= 0 and not _END_OF_LIST.search(payload, start, token.start)


def _is_escaped(payload: bytes, at: int) -> bool:
    backslashes = 0
    while at > backslashes and payload[at - backslashes - 1] == BACKSLASH:
        backslashes += 1
    return backslashes % 2 == 1
