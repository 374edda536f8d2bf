"""One walk over a decoded payload that leaves only what every store can keep.

It is needed only for a payload that is suspicious (see `decode`), because it costs Python time per value.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from grouping.reader import limits

CUT = "… [cut]"
TOO_DEEP = "[too deep]"

_BITS_WRITTEN = 10_000

_TERMINAL_STYLE = r"\x1b\[[0-9;?]{0,32}[ -/]{0,4}[@-~]"
_UNWANTED = re.compile(_TERMINAL_STYLE + r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SMALLEST_INTEGER, _MAX_INTEGER = -(2**63), 2**64 - 1

_SECTION_TOO_LARGE = "a section was too large: its rest was left out"
_STRUCTURE = frozenset({"exception", "threads", "stacktrace", "breadcrumbs"})
_FREE_FORM = frozenset({"vars", "data"})


def clean_text(text: str) -> str:
    """Without NUL, control characters and terminal colours; lone surrogates become U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", _UNWANTED.sub("", text))


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters, the last ones being a mark where something was cut."""
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def _integer_as_text(value: int) -> str:
    # Python refuses to write more than some 4,300 digits in decimal.
    return str(value) if value.bit_length() < _BITS_WRITTEN else hex(value)


class _Budget:
    """Characters that one free-form section may still take."""

    __slots__ = ("remaining",)

    def __init__(self, characters: int) -> None:
        self.remaining = characters


class Cleaner:
    """Cleans one payload; `notes` tells afterwards what was cut. Sizes are bounded only where `large`, depth always."""

    def __init__(self, *, large: bool) -> None:
        self.notes: set[str] = set()
        self._large = large

    def clean_payload(self, payload: Any) -> Any:
        """A cleaned copy of a decoded JSON value."""
        if not isinstance(payload, Mapping):
            return self._clean(payload, 1, self._budget(limits.SECTION_CHARACTERS))
        return {
            self._key(key): self._clean(value, 2, None if self._is_structure(key) else self._section())
            for key, value in payload.items()
        }

    @staticmethod
    def _is_structure(key: Any) -> bool:
        return str(key).removeprefix("sentry.interfaces.").lower() in _STRUCTURE

    def _section(self) -> _Budget | None:
        return self._budget(limits.SECTION_CHARACTERS)

    def _budget(self, characters: int) -> _Budget | None:
        return _Budget(characters) if self._large else None

    def _clean(self, value: Any, depth: int, budget: _Budget | None) -> Any:
        if isinstance(value, str):
            return self._text(value, budget)
        if value is None or isinstance(value, bool):
            return value
        if budget is not None:
            budget.remaining -= 8
        if isinstance(value, int):
            return value if _SMALLEST_INTEGER <= value <= _MAX_INTEGER else _integer_as_text(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if not isinstance(value, (list, tuple, Mapping)):
            return self._text(str(value), budget)
        if depth > limits.DEPTH:
            self.notes.add("nested too deeply: the inner values were left out")
            return TOO_DEEP
        if budget is not None and budget.remaining <= 0:
            self.notes.add(_SECTION_TOO_LARGE)
            return CUT
        if isinstance(value, Mapping):
            return self._mapping(value, depth, budget)
        return [self._clean(inner, depth + 1, budget) for inner in self._bounded(value)]

    def _mapping(self, value: Mapping[Any, Any], depth: int, budget: _Budget | None) -> dict[str, Any]:
        cleaned: dict[str, Any] = {}
        for key, inner in value.items():
            if self._large and len(cleaned) >= limits.LARGE_ITEMS:
                self.notes.add("an object had too many keys: its rest was left out")
                break
            inner_budget = budget
            if budget is None and key in _FREE_FORM:
                inner_budget = self._budget(limits.VARIABLES_CHARACTERS)
            cleaned[self._key(key)] = self._clean(inner, depth + 1, inner_budget)
        return cleaned

    def _bounded(self, values: list[Any] | tuple[Any, ...]) -> list[Any]:
        if not self._large or len(values) <= limits.LARGE_ITEMS:
            return list(values)
        self.notes.add("a list was too long: its middle was left out")
        half = limits.LARGE_ITEMS // 2
        return [*values[:half], *values[-half:]]

    @staticmethod
    def _key(key: Any) -> str:
        return cut_text(clean_text(key if isinstance(key, str) else str(key)), limits.PATH)

    def _text(self, text: str, budget: _Budget | None) -> str:
        if not self._large:
            return clean_text(text)
        limit = limits.LARGE_TEXT
        if budget is not None:
            if budget.remaining < len(text) <= limit:
                self.notes.add(_SECTION_TOO_LARGE)
            limit = max(min(limit, budget.remaining), len(CUT))
            budget.remaining -= len(text)
        if len(text) > limits.LARGE_TEXT:
            self.notes.add("a text was too long: its end was left out")
        return clean_text(cut_text(text, limit))
