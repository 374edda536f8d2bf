"""Numbers that mean something by the word before or after them."""

import re

from grouping.messages.tokens import Class
from grouping.messages.words import DURATION_UNITS, SEMANTIC_WORDS, SIZE_UNITS

SECONDS_SINCE_1970 = Class("<date>", "seconds since 1970")

_LAST_WORD = re.compile(r"[A-Za-z_]+\Z")
_PROTOCOL_VERSION = re.compile(r"/[123](?:\.[01])?\Z")
_SIGNS = " \"':=#[("
_LONGEST_SEMANTIC_NUMBER = 5
_HTTP_ERRORS = (" Client Error", " Server Error")
_TIME_WORDS = ("time", "stamp", "ts", "at", "=")


def keeps_number(before: str, number: str, following: str = "") -> bool:
    """True where a number says what went wrong: `status 503`, `errno 111`, `SQLSTATE[23505]`, `(1062, "Duplicate`.

    `before` and `following` are the text on both sides of the number.
    """
    if len(number) > _LONGEST_SEMANTIC_NUMBER:
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
