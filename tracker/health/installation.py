"""How the installation itself does: database, spool, worker. What belongs to the upper layers is opened by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from tracker.health.schema import find_schema_problem
from tracker.jobs.heartbeat import open_heartbeat
from tracker.models import DeadLetter
from tracker.spool import open_spool

SILENT_SECONDS = 30.0
WAITING_TOO_LONG = timedelta(minutes=1)


@dataclass(slots=True, frozen=True)
class Part:
    """One part of the installation; `state` is `good`, `caution` or `bad`."""

    name: str
    state: str
    facts: dict[str, object]
    problem: str = ""


def examine(now: datetime) -> list[Part]:
    """Look at every part; one that cannot be looked at is bad, with the reason."""
    return [
        _examine_part("Database", _database),
        _examine_part("Spool", lambda: _spool(now)),
        _examine_part("Worker", _worker),
    ]


def _examine_part(name: str, look: Callable[[], Part]) -> Part:
    try:
        return look()
    except Exception as error:
        return Part(name, "bad", {}, f"{type(error).__name__}: {error}")


def _database() -> Part:
    version, size = _database_facts()
    facts: dict[str, object] = {"Server": version, "Size": f"{size / 1_000_000:,.1f} MB"}
    if problem := find_schema_problem():
        return Part("Database", "bad", facts, f"{problem[:1].upper()}{problem[1:]}.")
    return Part("Database", "good", facts)


def _database_facts() -> tuple[str, int]:
    """The server's name with its version, and the database's bytes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version(), page_count * page_size FROM pragma_page_count, pragma_page_size")
            version, size = cursor.fetchone() or ("", 0)
            return f"SQLite {version}", int(size)
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone() or ("", 0)
        return f"PostgreSQL {version}", int(size)


def _spool(now: datetime) -> Part:
    spool = open_spool()
    try:
        waiting, oldest = spool.size(), spool.oldest_at()
    finally:
        spool.close()
    oldest_at = datetime.fromtimestamp(oldest, UTC) if oldest else None
    facts: dict[str, object] = {"Waiting": waiting, "Oldest": oldest_at, "Dead letters": DeadLetter.objects.count()}
    if oldest_at and now - oldest_at > WAITING_TOO_LONG:
        return Part("Spool", "caution", facts, "Entries wait for more than a minute.")
    return Part("Spool", "good", facts)


def _worker() -> Part:
    age = open_heartbeat().age()
    if age is None:
        return Part("Worker", "bad", {}, "No worker has started.")
    facts: dict[str, object] = {"Last sign": f"{age:.0f} s ago"}
    if age > SILENT_SECONDS:
        return Part("Worker", "bad", facts, "No worker gives a sign. What comes in is kept in the spool.")
    return Part("Worker", "good", facts)
