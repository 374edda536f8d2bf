"""Whether the database has the tables that this version of the code works with."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import connection

from tracker.health.schema_fit import find_misfits

MIGRATIONS = Path(__file__).parent.parent / "migrations"
WITHDRAWN = frozenset({"0016_event_user_by_email"})
"""Migrations that landed and were taken back: a database that has one is no newer than this code."""

CHECK_AGAIN_SECONDS = 10.0
MAX_NAMED = 3


class NewerTables(Exception):
    """The database was migrated by a newer version; the text says so to people."""


@dataclass(slots=True, frozen=True)
class SchemaCheck:
    """What a check of the tables found, so that a health check costs one small query."""

    applied: frozenset[str]
    misfits: tuple[str, ...]
    at: float
    """Of `time.monotonic`."""

    def holds(self, applied: frozenset[str]) -> bool:
        """Tables that fit do so until a migration changes them; others may have been repaired by hand."""
        return self.applied == applied and (not self.misfits or time.monotonic() < self.at + CHECK_AGAIN_SECONDS)


_last: SchemaCheck | None = None


@cache
def known_migrations() -> frozenset[str]:
    """The names of the migrations that the code brings."""
    return frozenset(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def newest_migration() -> str:
    """The name of the latest of them."""
    return max(known_migrations())


def applied_migrations() -> frozenset[str]:
    """The names of those that the database has; one small query. Raises a database error where there are no tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'tracker'")
        return frozenset(name for (name,) in cursor.fetchall()) - WITHDRAWN


def check_not_newer(applied: Collection[str]) -> None:
    """Raises NewerTables where a migration was applied that this code does not know."""
    if unknown := sorted(set(applied) - known_migrations() - WITHDRAWN):
        raise NewerTables(
            f"the database was migrated by a newer version (this one does not know {_list(unknown, MAX_NAMED)}); "
            "start that version, or restore a backup from before its upgrade"
        )


def find_schema_problem(max_named: int = MAX_NAMED) -> str:
    """Why this code cannot work with the database's tables; empty where it can. At most `max_named` things are named.

    Raises a database error where the database is away or has no tables at all.
    """
    applied = applied_migrations()
    try:
        check_not_newer(applied)
    except NewerTables as error:
        return str(error)
    if missing := sorted(known_migrations() - applied):
        names = _list(missing, max_named)
        return f"the database has the tables of an older version; migrations bring it up to date: {names}"
    misfits = _check_schema(applied).misfits
    return f"the database's tables do not fit this version: {_list(misfits, max_named)}" if misfits else ""


def forget_schema_check() -> None:
    """Check the tables again the next time."""
    global _last
    _last = None


def _check_schema(applied: frozenset[str]) -> SchemaCheck:
    global _last
    check = _last
    if check is None or not check.holds(applied):
        misfits = tuple(str(misfit) for misfit in find_misfits(connection))
        _last = check = SchemaCheck(applied, misfits, time.monotonic())
    return check


def _list(names: Sequence[str], max_named: int) -> str:
    shown = ", ".join(names[:max_named])
    return f"{shown} and {len(names) - max_named} more" if len(names) > max_named else shown
