"""Text in which stretches that mean one thing have been replaced by a single private character each."""

import re
from collections.abc import Callable

PRIVATE_USE = "\ue000-\uf8ff"
_FIRST = 0xE000
_PRIVATE = re.compile(f"[{PRIVATE_USE}]")


class Spans:
    """The text, and for every private character in it what it stands for: raw text, value in the template, class."""

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        self.text = text if text.isascii() else _PRIVATE.sub("\ufffd", text)
        self._found: list[tuple[str, str, str]] = []

    def mark(self, raw: str, value: str, kind: str) -> str:
        """The private character that stands for `raw` from now on."""
        self._found.append((raw, value, kind))
        return chr(_FIRST + len(self._found) - 1)

    def replace(self, pattern: re.Pattern[str], value: str, kind: str) -> None:
        """Let `value` stand for every match of the pattern."""
        self.text = pattern.sub(lambda match: self.mark(match[0], value, kind), self.text)

    def replace_by(self, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> None:
        """Let `replacement` decide for every match; it may `mark` parts of it."""
        self.text = pattern.sub(replacement, self.text)

    def lookup(self, private: str) -> tuple[str, str, str]:
        """What a private character stands for, with the raw text written out."""
        raw, value, kind = self._found[ord(private) - _FIRST]
        return self.written_out(raw), value, kind

    def written_out(self, text: str) -> str:
        """The text as it was before anything in it was replaced."""
        if not self._found or text.isascii():
            return text
        return _PRIVATE.sub(lambda match: self.written_out(self._found[ord(match[0]) - _FIRST][0]), text)

    def has_marks(self) -> bool:
        return bool(self._found)
