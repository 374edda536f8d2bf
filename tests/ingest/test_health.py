"""`/healthz` and `/readyz`, without a server around them."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from ingest.health import Health
from tests.ingest.digest_setup import ListSpool
from tests.servers import free_port
from tracker.health.schema import forget_schema_check, newest_migration
from tracker.health.version import VERSION
from tracker.jobs.heartbeat import open_heartbeat
from tracker.spool import Spool
from tracker.spool.redis import RedisSpool

# Outside of a transaction, because an old connection is looked at first, and closed.
pytestmark = pytest.mark.django_db(transaction=True)


def pages(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("299 Pages", [])
    return [b"pages"]


def ask(path: str, spool: Spool | None = None) -> tuple[int, Any]:
    statuses: list[str] = []
    body = b"".join(
        Health(pages, spool or ListSpool())({"PATH_INFO": path}, lambda status, headers: statuses.append(status))  # type: ignore[arg-type]
    )
    return int(statuses[0].split()[0]), json.loads(body) if body.startswith(b"{") else body


def test_a_process_that_answers_lives_whatever_else_is_away() -> None:
    open_heartbeat().forget()
    assert ask("/healthz") == (200, {"status": "ok", "version": VERSION})


def test_it_is_ready_when_database_spool_and_worker_are() -> None:
    open_heartbeat().beat()
    assert ask("/readyz") == (200, {"status": "ok"})


def test_it_says_that_no_worker_is_there() -> None:
    open_heartbeat().forget()
    assert ask("/readyz") == (503, {"status": "not ready", "reasons": {"worker": "no worker has started"}})


def test_it_says_that_the_spool_is_away() -> None:
    open_heartbeat().beat()
    away = RedisSpool(f"redis://127.0.0.1:{free_port()}/0", 1000, 1)
    status, answer = ask("/readyz", away)
    assert status == 503
    assert set(answer["reasons"]) == {"spool"}


def test_it_says_that_the_tables_are_not_up_to_date() -> None:
    open_heartbeat().beat()
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("tracker", newest_migration())
    try:
        status, answer = ask("/readyz")
    finally:
        recorder.record_applied("tracker", newest_migration())
    assert status == 503
    assert set(answer["reasons"]) == {"database"}


def test_it_names_the_table_and_the_column_that_do_not_fit(own_tables: BaseDatabaseWrapper) -> None:
    open_heartbeat().beat()
    assert ask("/readyz")[0] == 200
    with own_tables.cursor() as cursor:
        cursor.execute("ALTER TABLE tracker_job DROP COLUMN finished_at")
    # What fitted is not looked at again by a process; another one sees it.
    assert ask("/readyz")[0] == 200
    forget_schema_check()
    reason = "the database's tables do not fit this version: tracker_job lacks the column finished_at"
    assert ask("/readyz") == (503, {"status": "not ready", "reasons": {"database": reason}})


def test_it_says_that_the_tables_are_of_a_newer_version(own_tables: BaseDatabaseWrapper) -> None:
    open_heartbeat().beat()
    MigrationRecorder(own_tables).record_applied("tracker", "9999_of_next_year")
    status, answer = ask("/readyz")
    assert status == 503
    assert "newer version (this one does not know 9999_of_next_year)" in answer["reasons"]["database"]


def test_every_other_address_goes_on_to_the_pages() -> None:
    assert ask("/healthz/") == (299, b"pages")
    assert ask("/") == (299, b"pages")
