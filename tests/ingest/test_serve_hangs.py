"""`manage.py serve` and children that live but no longer answer; `manage.py health` says which."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.ingest.hanging import HANGING_PAGE, SLOW_PAGE, SLOW_QUERY
from tests.ingest.test_serve import answer, is_ready, pid_of, wait_until
from tests.running import ROOT, Running, running_server, server_to_start

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    extra = {"DJANGO_SETTINGS_MODULE": "tests.ingest.hanging_settings", "DIGEST_HARD_SECONDS": "1", "WEB_THREADS": "4"}
    with running_server(extra) as running:
        yield running


def health(server: Running, part: str) -> tuple[int, str]:
    command = [sys.executable, "manage.py", "health", part]
    finished = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True)
    return finished.returncode, finished.stderr


def wait_for_health(server: Running, part: str, status: int) -> str:
    """Wait until the command exits with the status; returns what it said then."""
    deadline = time.monotonic() + 180
    while True:
        found, said = health(server, part)
        if found == status:
            return said
        assert time.monotonic() < deadline, (found, said)


def ask_in_thread(server: Running, path: str) -> threading.Thread:
    """Whatever becomes of it."""

    def ask() -> None:
        try:
            answer(server, path, timeout=60)
        except OSError:
            return

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_a_web_server_that_something_holds_up_is_killed_and_started_anew_with_the_reason(server: Running) -> None:
    # One that was never heard of is given longer, as it may still be starting.
    wait_for_health(server, "web", 0)
    before = pid_of(server, "web")
    ask_in_thread(server, HANGING_PAGE)
    wait_until(lambda: pid_of(server, "web") != before, seconds=180)
    wait_until(lambda: is_ready(server), seconds=180)
    assert wait_for_health(server, "web", 0) == ""
    assert "web has not answered for" in server.log
    assert "in never_end" in server.log


def test_pages_that_are_slow_kill_nobody(server: Running) -> None:
    before = pid_of(server, "web")
    slow = [ask_in_thread(server, SLOW_PAGE) for _ in range(8)]
    deadline = time.monotonic() + 240
    while any(thread.is_alive() for thread in slow):
        assert answer(server, "/healthz")[0] == 200
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert pid_of(server, "web") == before


def test_a_worker_that_stands_still_is_killed_and_started_anew_with_the_reason(server: Running) -> None:
    before = pid_of(server, "worker-1")
    wait_for_health(server, "worker", 0)
    psutil.Process(before).suspend()
    wait_until(lambda: pid_of(server, "worker-1") != before, seconds=180)
    wait_for_health(server, "worker", 0)
    assert "worker-1 has not answered for" in server.log


def test_parts_that_do_not_run_are_not_healthy_and_it_says_so() -> None:
    with server_to_start() as server:
        for part in ("web", "worker"):
            status, said = health(server, part)
            assert status == 1 and part in said


def test_a_statement_of_a_page_that_takes_too_long_is_stopped_and_said(server: Running) -> None:
    wait_until(lambda: is_ready(server), seconds=180)
    status, body = server.get(f"/api/0/projects/acme/shop/issues/?query={SLOW_QUERY}")
    assert (status, b"too long" in body) == (503, True)
    assert "Traceback" not in server.log.partition(SLOW_QUERY)[2]
    assert server.issues() == []
