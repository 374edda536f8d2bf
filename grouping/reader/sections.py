"""Where a payload keeps a section: under its name of today, or under the one that the Raven clients used."""

from collections.abc import Mapping
from typing import Any

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
