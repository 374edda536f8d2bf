"""Database connections where no request begins or ends: at the ingest endpoint and in its threads."""

from django.db import close_old_connections, connection


def close_obsolete_connections() -> None:
    """Close this thread's connection if it is broken or past its age, unless a transaction is open on it.

    Django does this by the signals of its own requests, which do not fire here.
    """
    if not connection.in_atomic_block:
        close_old_connections()
