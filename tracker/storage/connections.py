"""Database connections: their limits, by what kind of process, and what no request begins or ends.

SQLite has no limits of its own: there a statement that takes too long is interrupted.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection, connections
from django.db.backends.signals import connection_created

from tracker.storage.limits import Limits

INSTRUCTIONS = 50_000
"""Of SQLite's virtual machine, between two looks at the clock: about a millisecond."""


def limit_database(limits: Limits) -> None:
    """From now on every new connection of this process, in any of its threads, has these limits."""
    if not settings.ON_SQLITE:
        options = connections.settings["default"]["OPTIONS"]
        options["options"] = f"{limits.session_options} {settings.DATABASE_SESSION_OPTIONS}".strip()
    elif limits.statement:
        connection_created.connect(_Interrupter(limits.statement).watch, weak=False)


class _Interrupter:
    """Interrupts statements on SQLite; a statement's time counts until its last row is fetched."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def watch(self, connection: Any, **_: object) -> None:
        """Watch a connection that was made just now, perhaps in place of an earlier one."""
        if self._note_begin not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._note_begin)
        connection.interrupt_at = time.monotonic() + self._seconds
        connection.connection.set_progress_handler(lambda: time.monotonic() > connection.interrupt_at, INSTRUCTIONS)

    def _note_begin(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        context["connection"].interrupt_at = time.monotonic() + self._seconds
        return execute(sql, params, many, context)


def close_obsolete_connections() -> None:
    """Close this thread's connection if it is broken or past its age, unless a transaction is open on it.

    Django does this by the signals of its own requests, which do not fire here.
    """
    if not connection.in_atomic_block:
        close_old_connections()
