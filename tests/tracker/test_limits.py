"""Statements that take too long end, and every session has its limits from the start."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.ingest.hanging import FOREVER
from tracker.storage.connections import limit_database
from tracker.storage.limits import COMMANDS, Limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited() -> Iterator[BaseDatabaseWrapper]:
    """A connection of a process whose statements may take a second."""
    receivers = list(connection_created.receivers)
    options = dict(connections.settings["default"]["OPTIONS"])
    limit_database(Limits(statement=1, lock=1, idle_in_transaction=1))
    made = connections.create_connection("default")
    yield made
    made.close()
    connection_created.receivers = receivers
    connections.settings["default"]["OPTIONS"] = options


def test_a_statement_that_never_ends_is_stopped_and_the_connection_goes_on(limited: BaseDatabaseWrapper) -> None:
    with pytest.raises(OperationalError), limited.cursor() as cursor:
        cursor.execute(FOREVER[limited.vendor])
        cursor.fetchall()
    with limited.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_it_is_watched_anew_when_it_connects_anew(limited: BaseDatabaseWrapper) -> None:
    for _ in range(3):
        limited.close()
        limited.connect()
    assert len(limited.execute_wrappers) <= 1


@pytest.mark.skipif(settings.ON_SQLITE, reason="SQLite has no sessions")
def test_a_command_has_no_limit_on_statements_but_one_on_silence_in_a_transaction() -> None:
    with connection.cursor() as cursor:
        values = []
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SELECT current_setting('{name}')")
            values.append(cursor.fetchone()[0])
    assert values == ["0", f"{COMMANDS.idle_in_transaction // 60}min"]


def test_limits_are_said_as_postgresql_takes_them() -> None:
    options = Limits(statement=10, lock=0, idle_in_transaction=8).session_options
    assert options.startswith(
        "-c statement_timeout=10000 -c lock_timeout=0 -c idle_in_transaction_session_timeout=8000"
    )
    assert "-c tcp_user_timeout=" in options
