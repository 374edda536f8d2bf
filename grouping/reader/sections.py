"""The message of an event: its text, and the template it was made of."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from grouping.event import Breadcrumb
from grouping.reader import limits
from grouping.reader.scalars import read_level, read_name, read_text, read_time
from grouping.reader.stacks import mappings_of

_OLD_NAMES = {
    "exception": "sentry.interfaces.Exception",
    "stacktrace": "sentry.interfaces.Stacktrace",
    "threads": "sentry.interfaces.Threads",
    "breadcrumbs": "sentry.interfaces.Breadcrumbs",
    "request": "sentry.interfaces.Http",
    "user": "sentry.interfaces.User",
    "logentry": "sentry.interfaces.Message",
    "template": "sentry.interfaces.Template",
    "csp": "sentry.interfaces.Csp",
    "contexts": "sentry.interfaces.Contexts",
    "debug_meta": "sentry.interfaces.DebugMeta",
    "sdk": "client_sdk",
}


def section(payload: Mapping[str, Any], name: str) -> Any:
    """The section of that name, None where there is none."""
    value = payload.get(name)
    if value is None and name in _OLD_NAMES:
        return payload.get(_OLD_NAMES[name])
    return value


def read_breadcrumbs(raw: Mapping[str, Any]) -> list[Breadcrumb]:
    """The breadcrumbs of a payload, oldest first as sent; the newest `limits.BREADCRUMBS` of more."""
    entries = mappings_of(section(raw, "breadcrumbs"), "message", "category", "timestamp")
    return [_read_breadcrumb(entry) for entry in entries[-limits.BREADCRUMBS :]]


def _read_breadcrumb(entry: dict[str, Any]) -> Breadcrumb:
    details = entry.get("data")
    return Breadcrumb(
        timestamp=read_time(entry.get("timestamp")),
        type=read_name(entry.get("type")) or "default",
        category=read_name(entry.get("category")),
        level=read_level(entry.get("level"), "info"),
        message=read_text(entry.get("message"), limits.TEXT),
        details=details if isinstance(details, dict) else {} if details is None else {"data": details},
    )


_PLACE = re.compile(
    r"%(?:\((?P<key>[^)]{1,100})\))?[#0 +\-]{0,5}\d{0,4}(?:\.\d{1,4})?[diouxXeEfFgGcrsaOjv%]"
    r"|\{(?P<name>[\w.]{0,100})(?:![rsa])?(?::[^{}]{0,50})?\}"
)


def read_message(payload: Mapping[str, Any]) -> tuple[str, str]:
    """The formatted message and the template before its parameters were put in; each empty where there is none."""
    plain = payload.get("message")
    entry = section(payload, "logentry")
    if entry is None and isinstance(plain, Mapping):
        entry, plain = plain, None
    if not isinstance(entry, Mapping):
        text = entry if entry is not None else plain
        return read_text(text, limits.TEXT), ""
    template = read_text(entry.get("message"), limits.TEXT)
    params = entry.get("params")
    formatted = read_text(entry.get("formatted"), limits.TEXT)
    if not formatted:
        formatted = read_text(format_message(template, params) if params else plain or template, limits.TEXT)
    return formatted, template if params or template != formatted else ""


def format_message(template: str, params: Any) -> str:
    """The template with its parameters put in, `%s` and `{}` alike; a place without a parameter stays as it is."""
    if not params:
        return template
    named: Mapping[str, Any] = params if isinstance(params, Mapping) else {}
    positional = list(params) if isinstance(params, list) else [] if named else [params]
    following = iter(positional)
    room = limits.TEXT
    """What is left of the text that is kept: a parameter may stand in it a thousand times."""

    @cache
    def text_of(key: str) -> str | None:
        if key.isdecimal():
            return read_text(positional[int(key)], limits.TEXT) if int(key) < len(positional) else None
        return read_text(named[key], limits.TEXT) if key in named else None

    def put(place: re.Match[str]) -> str:
        nonlocal room
        if place[0].endswith("%"):
            return "%"
        key = place["key"] or place["name"]
        if room < 0:
            return ""
        if key:
            text = text_of(key)
        else:
            value = next(following, place)
            text = None if value is place else read_text(value, limits.TEXT)
        room -= len(text or "")
        return place[0] if text is None else text

    return _PLACE.sub(put, template)
