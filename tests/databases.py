"""Databases of a test's own, beside the one that all tests of a process share."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.templates import copy_database, fill_memory, templates


@contextmanager
def own_database(*, is_migrated: bool) -> Iterator[BaseDatabaseWrapper]:
    """Within, the default connection of this thread leads to a new database of the same kind, with or without tables.

    Access to databases has to be unblocked.
    """
    shared = connections["default"]
    with _new_name(shared.vendor, is_migrated) as name:
        own = type(shared)({**shared.settings_dict, "NAME": name}, "default")
        connections["default"] = own
        try:
            if shared.vendor == "sqlite" and is_migrated:
                own.ensure_connection()
                fill_memory(own.connection)
            yield own
        finally:
            connections["default"] = shared
            own.close()


@contextmanager
def _new_name(vendor: str, is_migrated: bool) -> Iterator[str]:
    if vendor == "sqlite":
        yield ":memory:"
        return
    name = f"own_{uuid.uuid4().hex[:12]}"
    copy_database(templates().migrated if is_migrated else "template1", name)
    try:
        yield name
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
