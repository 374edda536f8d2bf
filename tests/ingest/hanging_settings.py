"""Settings of a server on which one event hangs the worker that records it, and some pages hang or take long.

A wrapper round every statement and a middleware do that; nothing of ours is replaced.
"""

import ctypes
import re
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse

from tests.ingest.hanging import (
    FOREVER,
    HANGING_PAGE,
    HANGS,
    LONG_SECONDS,
    SLOW_PAGE,
    SLOW_QUERY,
    SLOW_SECONDS,
    TAKES_LONG,
)
from tracker.config.settings import *  # noqa: F403


def never_end() -> None:
    """No other thread of the process gets its turn, and only the kernel can end it."""
    re.match(r"(a*)*b", "a" * 64)


def hang(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if "tracker_issue" in sql and sql.lstrip().startswith("INSERT"):
        if HANGS in repr(params):
            never_end()
        elif TAKES_LONG in repr(params):
            ctypes.PyDLL(None).usleep(int(LONG_SECONDS * 1_000_000))
    if "tracker_issue" in sql and sql.lstrip().startswith("SELECT") and SLOW_QUERY in repr(params):
        execute(FOREVER[context["connection"].vendor], None, False, context)
    return execute(sql, params, many, context)


def wrap(connection: Any, **_: object) -> None:
    connection.execute_wrappers.append(hang)


connection_created.connect(wrap)


class OddPages:
    """Pages that keep the process busy, or only their thread."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == HANGING_PAGE:
            never_end()
        if request.path == SLOW_PAGE:
            time.sleep(SLOW_SECONDS)
            return HttpResponse("slow")
        return self.get_response(request)


MIDDLEWARE = ["tests.ingest.hanging_settings.OddPages", *MIDDLEWARE]  # noqa: F405
