"""`manage.py serve` as an operator sees it: it starts, heals, stops, and leaves nobody behind."""

import contextlib
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import psutil
import pytest

from ingest.health import ALIVE_BODY
from tests.running import Running, running_server, server_to_start

pytestmark = pytest.mark.slow

MIGRATE_FURTHER = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("tracker", "9999_of_next_year")
"""


@pytest.fixture
def server() -> Iterator[Running]:
    """For tests that stop it."""
    with running_server(setup=False) as running:
        yield running


@pytest.fixture(scope="module")
def lasting() -> Iterator[Running]:
    """For tests after which it is as it was."""
    with running_server(setup=False) as running:
        yield running


of_lasting = pytest.mark.xdist_group("lasting server")


def answer(server: Running, path: str, timeout: float = 5) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(server.url + path, timeout=timeout) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_until(what: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def pid_of(server: Running, name: str) -> int:
    return int((server.data_dir / "run" / f"{name}.pid").read_text())


def is_ready(server: Running) -> bool:
    with contextlib.suppress(OSError):
        return answer(server, "/readyz")[0] == 200
    return False


def test_the_first_start_makes_the_tables_and_shows_the_address_and_the_owners_link_and_nothing_else() -> None:
    with running_server(setup=False, from_nothing=True) as server:
        server.manage("migrate", "--check")
        lines = [line.strip() for line in server.log.splitlines() if line.strip()]
    assert lines[0] == f"Stacktale is at {server.url}"
    assert lines[-1].startswith(f"{server.url}/welcome/")
    assert len(lines) == 3


def test_it_stops_with_all_its_processes_and_without_an_error(server: Running) -> None:
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert len(family) >= 2
    assert server.stop() == 0
    wait_until(lambda: not any(member.is_running() for member in family))


def test_ctrl_c_stops_it_as_well(server: Running) -> None:
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(30) == 0


def test_no_process_is_left_when_it_is_killed(server: Running) -> None:
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    server.process.wait()
    wait_until(lambda: not any(member.is_running() for member in family), seconds=30)


@of_lasting
@pytest.mark.parametrize("name", ["web", "worker-1"])
def test_a_child_that_dies_starts_anew(lasting: Running, name: str) -> None:
    before = pid_of(lasting, name)
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: pid_of(lasting, name) != before)
    wait_until(lambda: is_ready(lasting))


@of_lasting
def test_a_process_of_the_web_server_that_dies_is_replaced(lasting: Running) -> None:
    web = psutil.Process(pid_of(lasting, "web"))
    wait_until(lambda: bool(web.children()))
    (serving,) = web.children()
    serving.kill()
    wait_until(lambda: not serving.is_running())
    wait_until(lambda: is_ready(lasting))


@of_lasting
def test_it_lives_and_is_ready(lasting: Running) -> None:
    assert answer(lasting, "/healthz") == (200, ALIVE_BODY)
    assert answer(lasting, "/readyz") == (200, b'{"status":"ok"}')


def test_a_second_start_finds_its_tables_and_keeps_the_link(server: Running) -> None:
    server.stop()
    server.start()
    links = [line.strip() for line in server.log.splitlines() if "/welcome/" in line]
    assert len(links) == 2
    assert links[0] == links[1]


@pytest.mark.parametrize("arguments", [(), ("--no-migrate",)])
def test_tables_of_a_newer_version_are_refused_with_a_sentence(arguments: tuple[str, ...]) -> None:
    with server_to_start(arguments=arguments) as server:
        server.manage("shell", "--no-imports", "-c", MIGRATE_FURTHER)
        with pytest.raises(AssertionError, match="serve ended"):
            server.start()
        assert "The database cannot be used: the database was migrated by a newer version" in server.log
        assert "Traceback" not in server.log


@of_lasting
def test_more_than_one_worker_without_redis_is_refused(lasting: Running) -> None:
    if "REDIS_URL" in lasting.environment:
        pytest.skip("this profile has Redis")
    with pytest.raises(AssertionError, match="REDIS_URL"):
        lasting.manage("serve", "--workers", "2")


@of_lasting
def test_readiness_tells_what_is_missing(lasting: Running) -> None:
    pids = [int(path.read_text()) for path in (lasting.data_dir / "run").glob("worker-*.pid")]
    workers = [psutil.Process(pid) for pid in pids]
    for worker in workers:
        worker.suspend()
    try:
        lasting.manage(
            "shell", "--no-imports", "-c", "from tracker.jobs.heartbeat import open_heartbeat as o; o().forget()"
        )
        status, body = answer(lasting, "/readyz")
    finally:
        for worker in workers:
            worker.resume()
    assert status == 503
    assert json.loads(body) == {"status": "not ready", "reasons": {"worker": "no worker has started"}}
    assert answer(lasting, "/healthz")[0] == 200
