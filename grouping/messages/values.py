"""Numbers that mean something by the word before or after them."""

import re
from collections.abc import Callable

from grouping.messages.tokens import Class
from grouping.messages.words import DURATION_UNITS, SEMANTIC_WORDS, SIZE_UNITS

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


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_ZONE_NAME = r"(?:Z|UTC|GMT|CES?T|EES?T|E[SD]T|C[SD]T|M[SD]T|P[SD]T|BST|IST|JST|MSK)\b"
_ZONE = rf"(?: ?{_ZONE_NAME})?(?: ?[+-]\d{{2}}:?\d{{2}})?(?: \([A-Z][A-Za-z ]{{1,40}}\))?"
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,:]\d{{1,9}})?)?(?: ?[AaPp][Mm]\b)?{_ZONE}"
_ENDS = r"(?!\w)"

_DIGITS_FIRST = re.compile(
    r"\d(?<![\w.]\d)(?:"
    rf"\d{{3}}([-/.])\d{{1,2}}\1\d{{1,2}}(?:[T ,]{{1,2}}{_CLOCK})?"
    rf"|\d{{7}}T\d{{6}}(?:\.\d{{1,9}})?{_ZONE}"
    rf"|\d?([/.])\d{{1,2}}\2\d{{4}}(?:,? {_CLOCK})?"
    rf"|\d?[ /-]{_MONTH}[ /-]\d{{2,4}}(?:[ :T,]{{1,2}}{_CLOCK})?"
    rf"){_ENDS}"
)
_NAME_FIRST = re.compile(
    rf"(?:{_DAY},? )?(?:"
    rf"{_MONTH} {{1,2}}\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}}\b(?!:))?(?:,? (?:at )?{_CLOCK})?(?: \d{{4}})?"
    rf"|\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}(?: {_CLOCK})?"
    rf"){_ENDS}"
)
_NAME = re.compile("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun")
_TIME_OF_DAY = re.compile(
    r"\d(?<![\w:.]\d)\d?:\d{2}(?::\d{2}(?:[.,]\d{1,9})?(?: ?[AaPp][Mm]\b)?| ?[AaPp][Mm]\b)(?![\w:])"
)
_CONSTRUCTED = re.compile(r"datetime\.(?:datetime|date|time|timedelta)\([^()]{0,120}\)")


def mark_dates(spans: Spans) -> None:
    """Mark every date and time of a text that has a digit."""
    text = spans.text
    if "datetime." in text:
        spans.replace(_CONSTRUCTED, "<date>", "date")
    if _NAME.search(text):
        spans.replace(_NAME_FIRST, "<date>", "date")
    spans.replace(_DIGITS_FIRST, "<date>", "date")
    if ":" in spans.text:
        spans.replace(_TIME_OF_DAY, "<date>", "time of day")


SECONDS_SINCE_1970 = Class("<date>", "seconds since 1970")

_LAST_WORD = re.compile(r"(?<![A-Za-z_])[A-Za-z_]+\Z")
_PROTOCOL_VERSION = re.compile(r"/[123](?:\.[01])?\Z")
_SIGNS = " \"':=#[("
_MAX_SEMANTIC_NUMBER_LENGTH = 5
_HTTP_ERRORS = (" Client Error", " Server Error")
_TIME_WORDS = ("time", "stamp", "ts", "at", "=")


def keeps_number(before: str, number: str, following: str = "") -> bool:
    """True where a number says what went wrong: `status 503`, `errno 111`, `SQLSTATE[23505]`, `(1062, "Duplicate`.

    `before` and `following` are the text on both sides of the number.
    """
    if len(number) > _MAX_SEMANTIC_NUMBER_LENGTH:
        return False
    if following.startswith(_HTTP_ERRORS):
        return True
    stripped = before.rstrip(_SIGNS)
    # As Python's database drivers write it: OperationalError: (2006, 'MySQL server has gone away')
    if following.startswith(",") and before.endswith("(") and len(number) >= 3:
        return not stripped or stripped.endswith(("Error", "Exception"))
    if len(before) - len(stripped) > 3 or before == stripped:
        return False
    last = _LAST_WORD.search(_PROTOCOL_VERSION.sub("", stripped))
    name = last[0].lower() if last else ""
    return name in SEMANTIC_WORDS and (number.isdecimal() or name == "sqlstate")


def is_seconds_since_1970(before: str, number: str) -> bool:
    """True for ten or thirteen digits after a word for time, or as the value of a key."""
    if len(number) not in (10, 13) or not number.startswith("1"):
        return False
    return before.rstrip(" \"':").lower().endswith(_TIME_WORDS)


def class_of_unit(word: str) -> Class | None:
    """The class of a number that stands before this word."""
    if word in DURATION_UNITS:
        return Class("<duration>", "duration")
    return Class("<size>", "size") if word.lower() in SIZE_UNITS else None
