"""`manage.py serve` that finds no database: it answers, says what it waits for, and goes on when there is one."""

import json
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.running import Running, server_to_start
from tests.servers import RealPostgres

pytestmark = pytest.mark.slow


@pytest.fixture
def postgres() -> Iterator[RealPostgres]:
    """In a short folder: PostgreSQL puts its socket there."""
    folder = Path(tempfile.mkdtemp(prefix="stacktale-"))
    started = RealPostgres(folder)
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


def answer(address: str, body: bytes | None = None) -> tuple[int, bytes, str | None]:
    """Status, body and `Retry-After`; 0 where nobody listens yet."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body), timeout=10) as reply:
            return reply.status, reply.read(), None
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers["Retry-After"]
    except OSError:
        return 0, b"", None


def start_and_wait_for_an_answer(server: Running) -> threading.Thread:
    """`server.start` waits until it is ready, or complains that it was stopped, in a thread of its own here."""

    def start() -> None:
        with suppress(AssertionError):
            server.start()

    starting = threading.Thread(target=start)
    starting.start()
    deadline = time.monotonic() + 30
    while answer(f"{server.url}/healthz")[0] != 200:
        assert time.monotonic() < deadline, server.log[-3000:]
        time.sleep(0.1)
    return starting


def test_without_a_database_it_starts_and_is_ready_when_there_is_one(postgres: RealPostgres) -> None:
    with server_to_start({"DATABASE_URL": postgres.url}) as server:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE empty")
        server.environment["DATABASE_URL"] = postgres.url.replace("/postgres?", "/empty?")
        assert server.environment["DATABASE_URL"] != postgres.url
        postgres.kill()
        starting = start_and_wait_for_an_answer(server)
        try:
            status, body, _ = answer(f"{server.url}/readyz")
            assert status == 503
            assert "database" in json.loads(body)["reasons"]
            event = answer(f"{server.url}/api/1/store/?sentry_key={'0' * 32}", b'{"message":"hello"}')
            assert (event[0], event[2]) == (503, "10")
            assert "the database is away" in server.log
        finally:
            postgres.start()
            starting.join(60)
        assert answer(f"{server.url}/readyz")[0] == 200
        server.manage("migrate", "--check")
        assert "the tables are up to date" in server.log
        assert "Traceback" not in server.log
        assert server.stop() == 0


def test_it_stops_at_once_although_it_waits_for_a_database(postgres: RealPostgres) -> None:
    with server_to_start({"DATABASE_URL": postgres.url}) as server:
        postgres.kill()
        starting = start_and_wait_for_an_answer(server)
        assert server.stop() == 0
        postgres.start()
        server.start()
        starting.join(60)
