"""Single values as SDKs of ten years wrote them: text, numbers, flags, times, levels, ids."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson

from grouping.reader import limits
from grouping.reader.clean import cut_text

_HEX_ID = re.compile(r"[0-9a-f]{32}")
_LEVELS = {
    "fatal": "fatal", "critical": "fatal", "crit": "fatal", "emergency": "fatal", "alert": "fatal", "panic": "fatal",
    "error": "error", "err": "error", "exception": "error",
    "warning": "warning", "warn": "warning",
    "info": "info", "log": "info", "notice": "info", "information": "info", "sample": "info",
    "debug": "debug", "trace": "debug", "verbose": "debug",
}  # fmt: skip
_LATEST_SECOND = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
_MILLISECONDS_FROM = 1e11
"""A number above this, year 5138 in seconds, is a time in milliseconds."""


def read_text(value: Any, limit: int) -> str:
    """Any JSON value as text of at most `limit` characters; null is empty."""
    if value.__class__ is str:
        return value if len(value) <= limit else cut_text(value, limit)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)[:limit]
    return cut_text(orjson.dumps(value).decode(), limit)


def read_name(value: Any, limit: int = limits.NAME) -> str:
    """Text on one line, without blanks around it."""
    text = read_text(value, limit)
    if text and (text[0].isspace() or text[-1].isspace() or "\n" in text or "\r" in text):
        return " ".join(text.split())
    return text


def read_integer(value: Any) -> int | None:
    """A whole number, also where it was sent as text or float; else None."""
    if value.__class__ is int:
        return value
    if isinstance(value, float):
        return int(value)
    if isinstance(value, str) and len(value) < 20:
        try:
            return int(value)
        except ValueError:
            return None
    return None


def read_flag(value: Any) -> bool | None:
    """True or false where it was said, None where not."""
    if value is None or isinstance(value, bool):
        return value
    if value in (0, 1):
        return bool(value)
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def read_level(value: Any, default: str = "error") -> str:
    """One of the five levels, from a name of any logging library or Python's numbers (10 to 50)."""
    if isinstance(value, str):
        name = value.strip().lower()
        if not name.isdecimal():
            return _LEVELS.get(name, default)
    number = read_integer(value) if not isinstance(value, bool) else None
    if number is None or number <= 0:
        return default
    for least, level in ((50, "fatal"), (40, "error"), (30, "warning"), (20, "info")):
        if number >= least:
            return level
    return "debug"


def read_time(value: Any) -> datetime | None:
    """A point in time (UTC) from seconds, milliseconds or ISO 8601 with any number of decimals; else None."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return _time_of_number(value)
        try:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except OverflowError:
            return None
    return None if isinstance(value, bool) else _time_of_number(value)


def _time_of_number(value: Any) -> datetime | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    if seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    if not 0 < seconds < _LATEST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def read_event_id(value: Any) -> str:
    """32 lower-case hex digits, with or without dashes as sent; empty where it is no such id or all zero."""
    if not isinstance(value, str):
        return ""
    plain = value.strip().replace("-", "").lower()
    return plain if _HEX_ID.fullmatch(plain) and plain.strip("0") else ""
