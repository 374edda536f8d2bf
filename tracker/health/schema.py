"""Whether the database has the tables that this version of the code works with."""

from functools import cache
from pathlib import Path

from django.db import connection

MIGRATIONS = Path(__file__).parent.parent / "migrations"


@cache
def newest_migration() -> str:
    """The name of the latest migration that the code brings."""
    return max(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))


def is_migrated() -> bool:
    """Whether that migration is applied; one cheap query. Raises a database error where there are no tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations WHERE app = 'tracker' AND name = %s", [newest_migration()])
        return cursor.fetchone() is not None
