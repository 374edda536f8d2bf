"""Databases of a test's own, beside the one that all tests of a process share."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.templates import copy_database, fill_memory, templates


@contextmanager
def own_database(*, is_migrated: bool) -> Iterator[BaseDatabaseWrapper]:
    """Within, the default connection of this thread leads to a new database of the same kind, with or without tables.

    Access to databases has to be unblocked.
    """
    shared = connections["default"]
    own = type(shared)({**shared.settings_dict, "NAME": _new_database(shared.vendor, is_migrated)}, "default")
    connections["default"] = own
    try:
        if shared.vendor == "sqlite" and is_migrated:
            own.ensure_connection()
            fill_memory(own.connection)
        yield own
    finally:
        connections["default"] = shared
        own.close()


def _new_database(vendor: str, is_migrated: bool) -> str:
    if vendor == "sqlite":
        return ":memory:"
    name = f"own_{uuid.uuid4().hex[:12]}"
    copy_database(os.environ["DATABASE_URL"], templates().migrated if is_migrated else "template1", name)
    # It goes with the run's server: dropping it would take longer than all that is done in it.
    return name
