"""A served endpoint under hostile requests of the largest kind: a reason for each, little memory, nobody else waits."""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.ingest.crowds import CROWDS, OVERSIZED, Request
from tests.running import Running, running_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hostile_served")]

MAX_MEMORY = 300_000_000
AT_ONCE = 6


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_server() as running:
        yield running


def post(server: Running, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and reason; a server may close on a body that it does not want to read, then the status is 0."""
    dsn = urlsplit(server.setup["dsn"])
    connection = http.client.HTTPConnection(dsn.hostname or "", dsn.port or 80, timeout=60)
    try:
        connection.request("POST", f"/api{dsn.path}/envelope/?sentry_key={dsn.username}", body, headers)
        answer = connection.getresponse()
        told = answer.read()
        return answer.status, json.loads(told).get("detail", "") if told.startswith(b"{") else ""
    except (ConnectionError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def web_memory(server: Running) -> int:
    """Bytes of the web server's processes; what they share with others counts in part."""
    web = psutil.Process(int((server.data_dir / "run" / "web.pid").read_text()))
    return sum(process.memory_full_info().pss for process in (web, *web.children()))


def is_stored(server: Running) -> bool:
    """Whether an event that is sent now can soon be read."""
    event_id = uuid.uuid4().hex
    body = f'{{"event_id":"{event_id}"}}\n{{"type":"event"}}\n{{"message":"hello"}}\n'.encode()
    if post(server, body, {}) != (200, ""):
        return False
    deadline = time.monotonic() + 60
    while server.get(f"/api/0/projects/acme/shop/events/{event_id}/")[0] != 200:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("make", OVERSIZED)
def test_what_is_too_much_is_refused_with_a_reason_and_little_memory(
    server: Running, make: Callable[[], Request]
) -> None:
    body, headers = make()
    with ThreadPoolExecutor(AT_ONCE) as together:
        answers = [together.submit(partial(post, server, body, headers)) for _ in range(AT_ONCE)]
        most = 0
        while not all(answer.done() for answer in answers):
            most = max(most, web_memory(server))
            time.sleep(0.02)
    for status, reason in (answer.result() for answer in answers):
        assert 400 <= status < 500 or status in (0, 503)
        assert reason or status in (0, 431)
    assert most < MAX_MEMORY
    assert is_stored(server)
    assert "Traceback" not in server.log, server.log[-3000:]


def most_memory(server: Running) -> int:
    """The most bytes that any process of the server ever had, what it shares with others included."""
    serve = psutil.Process(server.process.pid)
    statuses = [Path(f"/proc/{each.pid}/status").read_text() for each in (serve, *serve.children(recursive=True))]
    return max(int(status.partition("VmHWM:")[2].split()[0]) * 1024 for status in statuses)


@pytest.mark.parametrize(("make", "times"), CROWDS)
def test_crowds_that_the_door_takes_take_little_memory_in_the_worker(
    server: Running, make: Callable[[], bytes], times: int
) -> None:
    assert is_stored(server)
    body = make()
    for _ in range(times):
        assert post(server, body, {"Content-Encoding": "gzip"}) == (200, "")
    assert is_stored(server)
    assert most_memory(server) < MAX_MEMORY
    assert "Traceback" not in server.log, server.log[-3000:]


@pytest.mark.parametrize("host", ["", "a,b", "a b", "<script>"])
def test_a_wrong_host_is_no_error_of_ours(server: Running, host: str) -> None:
    at = urlsplit(server.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port or 80, timeout=20)
    connection.request("GET", "/accounts/login/", headers={"Host": host})
    assert connection.getresponse().status == 400
    connection.close()
    assert "Traceback" not in server.log
    assert " ERROR " not in server.log
