"""From a message to its template, and the explanation of it."""

import re
from functools import lru_cache
from typing import NamedTuple

from grouping.messages.stretches import mark_stretches
from grouping.messages.tokens import Class, classify
from grouping.messages.values import (
    PRIVATE_USE,
    SECONDS_SINCE_1970,
    Spans,
    class_of_unit,
    is_seconds_since_1970,
    keeps_number,
)

MAX_MESSAGE_LENGTH = 1_024
"""Characters of a message that are looked at, in its first two lines that are not empty."""
_MAX_REMEMBERED_LENGTH = 256
_MAX_LINES_LENGTH = 4 * MAX_MESSAGE_LENGTH

_TRIGGER = re.compile(r"[0-9@=/'\"`“«\\{\[\ue000-\uf8ff]|\.\w|:\s?[TtFfNnUu]")
_BETWEEN_WORDS = rf"\s()\[\]{{}}<>,;|\"'`“”«»{PRIVATE_USE}"
_WORD = re.compile(rf"(?<![^{_BETWEEN_WORDS}])[^{_BETWEEN_WORDS}0-9=/\\.]*+[0-9=/\\.][^{_BETWEEN_WORDS}]*")
"""A word that may be more than a word."""
_MARKS = re.compile(f"([{PRIVATE_USE}])")
_EDGE_BEFORE = "#$&*^!?@"
_EDGE_AFTER = ".:!?*#^@$&…"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_UNIT = re.compile(r" ([A-Za-zµμ]{1,12})(?!\w)")
_LIST_SEPARATOR = re.compile(r"\s*+[,;|]?\s*+")
_MAX_NUMBER_NAME_LENGTH = 32
_SQLSTATE_LENGTH = 5


class Token(NamedTuple):
    """A piece of a message: as it was, as it stands in the template, and its class (empty where it was kept)."""

    raw: str
    value: str
    kind: str = ""


def message_template(text: str, *, strong: bool) -> str:
    """The template of a message.

    `strong`, for a message with a stack beside it, masks every quotation and path, and parentheses with digits, too.
    Total and deterministic for any text.
    """
    return _remembered_template(text, strong) if len(text) <= _MAX_REMEMBERED_LENGTH else _template(text, strong)


def explain_template(text: str, *, strong: bool) -> list[Token]:
    """The same template piece by piece: the values joined are the template, the raw texts are the message."""
    message = _relevant_part(text)
    if not _TRIGGER.search(message):
        return [Token(message, message)] if message else []
    return _collapsed(_tokens(message, strong=strong))


def _template(text: str, strong: bool) -> str:
    message = _relevant_part(text)
    if not _TRIGGER.search(message):
        return message
    return "".join([token.value for token in _collapsed(_tokens(message, strong=strong))])


_remembered_template = lru_cache(maxsize=4_096)(_template)
"""Most messages of a busy project are the same few texts."""


def _relevant_part(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.lstrip()[:_MAX_LINES_LENGTH].splitlines()]
    return "\n".join([line for line in lines if line][:2])[:MAX_MESSAGE_LENGTH].rstrip()


def _tokens(message: str, *, strong: bool) -> list[Token]:
    spans = Spans(message)
    mark_stretches(spans, strong=strong, is_volatile=_is_volatile)
    text = spans.text
    tokens: list[Token] = []
    place = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        before, found, after, unit = _read_word(text, match[0], start, end, strong=strong)
        if found is None:
            continue
        if start + before > place:
            tokens += _kept(text[place : start + before], spans)
        place = end - after + unit
        tokens.append(Token(text[start + before : place], found.value, found.kind))
    if place < len(text):
        tokens += _kept(text[place:], spans)
    return tokens


def _is_volatile(text: str) -> bool:
    return any(token.kind for token in _tokens(text, strong=False))


def _read_word(text: str, word: str, start: int, end: int, *, strong: bool) -> tuple[int, Class | None, int, int]:
    """The class of the word at `start`, and how many characters before, and of the unit after, are (not) part of it."""
    core = word.rstrip(_EDGE_AFTER)
    after = len(word) - len(core)
    core = core.lstrip(_EDGE_BEFORE)
    before = len(word) - after - len(core)
    if core.isdecimal() or len(core) == _SQLSTATE_LENGTH:
        name = text[max(0, start + before - _MAX_NUMBER_NAME_LENGTH) : start + before]
        if keeps_number(name, core, text[end : end + _MAX_NUMBER_NAME_LENGTH]):
            return before, None, after, 0
        if is_seconds_since_1970(name, core):
            return before, SECONDS_SINCE_1970, after, 0
    if not after and _NUMBER.fullmatch(core):
        unit = _UNIT.match(text, end)
        measured = class_of_unit(unit[1]) if unit else None
        if unit and measured:
            return before, measured, after, unit.end() - end
    return before, classify(core, strong=strong), after, 0


def _kept(text: str, spans: Spans) -> list[Token]:
    """A stretch without words that matter, and the marks in it."""
    if text.isascii() or not spans.has_marks():
        return [Token(text, text)]
    return [
        Token(*spans.lookup(piece)) if _MARKS.fullmatch(piece) else Token(piece, piece)
        for piece in _MARKS.split(text)
        if piece
    ]


def _collapsed(tokens: list[Token]) -> list[Token]:
    """The tokens with a list of equal placeholders, `<int>, <int>, <int>`, as one: `<int>…`."""
    collapsed: list[Token] = []
    for token in tokens:
        if token.kind and len(collapsed) > 1 and _repeats(collapsed, token):
            separator, first = collapsed.pop(), collapsed.pop()
            token = Token(first.raw + separator.raw + token.raw, token.value + "…", token.kind)
        collapsed.append(token)
    return collapsed


def _repeats(before: list[Token], token: Token) -> bool:
    first, separator = before[-2], before[-1]
    return (
        token.value.endswith(">")
        and bool(first.kind)
        and first.value.removesuffix("…") == token.value
        and not separator.kind
        and _LIST_SEPARATOR.fullmatch(separator.raw) is not None
    )
