"""The keys of the search language and what their values may be. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

IS = ("unresolved", "resolved", "archived", "regressed", "assigned", "unassigned", "unhandled", "handled")
LEVELS = ("debug", "info", "warning", "error", "fatal")
NUMBERS = frozenset({"times_seen", "users"})
TIMES = frozenset({"first_seen", "last_seen"})
TEXTS: Mapping[str, str] = {
    "type": "type",
    "title": "title",
    "value": "value",
    "culprit": "culprit",
    "platform": "platform",
    "logger": "logger",
}
"""Keys of an issue's own texts, with their columns."""
USERS: Mapping[str, str] = {
    "user.id": "id",
    "user.email": "email",
    "user.username": "username",
    "user.ip": "ip_address",
}
OTHERS = frozenset({"is", "level", "assigned", "project", "first_release", "last_release", "issue", "has"})
KEYS = frozenset({*OTHERS, *NUMBERS, *TIMES, *TEXTS, *USERS})
"""Every key with a meaning of its own; any other key is a tag."""

ALIASES: Mapping[str, str] = {
    "timesSeen": "times_seen",
    "events": "times_seen",
    "users_affected": "users",
    "firstSeen": "first_seen",
    "age": "first_seen",
    "lastSeen": "last_seen",
    "firstRelease": "first_release",
    "lastRelease": "last_release",
    "assigned_to": "assigned",
    "assigned_or_suggested": "assigned",
    "status": "is",
    "error.type": "type",
    "error.value": "value",
    "project.name": "project",
    "message": "",
    "user.ip_address": "user.ip",
}
"""Other names of a key, as people know them from elsewhere; the empty key is free text."""

IS_ALIASES: Mapping[str, str] = {"ignored": "archived", "muted": "archived", "escalating": "regressed"}

_AGE = re.compile(r"([+-])(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def check_value(key: str, operator: str, value: str, *, has_wildcard: bool) -> str:
    """The value in its plain form. Raises ValueError with a sentence where the key cannot have it."""
    if operator != "=" and key not in NUMBERS and key not in TIMES:
        raise ValueError(f"“{key}” has no order: numbers and times can be compared, as in times_seen:>100.")
    if has_wildcard and (key in NUMBERS or key in TIMES or key in {"is", "level", "assigned", "issue", "has"}):
        raise ValueError(f"“{key}” takes no wildcard.")
    if key == "is":
        return _one_of(key, IS_ALIASES.get(value, value), IS)
    if key == "level":
        return _one_of(key, value.lower(), LEVELS)
    if key in NUMBERS and not re.fullmatch(r"[0-9]{1,15}", value):
        raise ValueError(f"“{key}” is counted: write a whole number, as in {key}:>100.")
    if key in TIMES:
        return _time(key, operator, value)
    return value


def _one_of(key: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"“{key}:” knows {', '.join(known[:-1])} and {known[-1]}, not “{value}”.")
    return value


def _time(key: str, operator: str, value: str) -> str:
    age = _AGE.fullmatch(value)
    if not age and _date(value) is None:
        raise ValueError(f"“{key}” is a time: write an age like -24h or a date like 2026-11-01.")
    if age and operator != "=":
        raise ValueError(f"An age stands alone: {key}:-24h is within a day, {key}:+24h before that.")
    return value


def _date(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not 1970 <= at.year <= 2200:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def time_bounds(operator: str, value: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The moments that a checked time means: from the first on, and before the second; None where it is open.

    `-24h` is the last day, `+24h` what lies before it; a date alone is the whole day in UTC.
    """
    if age := _AGE.fullmatch(value):
        moment = now - timedelta(**{_UNITS[age[3]]: int(age[2])})
        return (moment, None) if age[1] == "-" else (None, moment)
    start = _date(value)
    assert start is not None
    end = start + (timedelta(days=1) if len(value) <= len("2026-11-01") else timedelta(seconds=1))
    match operator:
        case ">":
            return end, None
        case ">=":
            return start, None
        case "<":
            return None, start
        case "<=":
            return None, end
        case _:
            return start, end
