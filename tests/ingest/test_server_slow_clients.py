"""Slow clients hold no thread: among hundreds of them good events are taken, and after a while they are sent away."""

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from tests.ingest.endpoint_setup import event_envelope
from tests.running import Running, running_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("slow_clients")]

EACH = 70
PATIENCE_SECONDS = 20
"""A body may stand still for ten seconds."""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_server() as running:
        yield running


def address(server: Running) -> tuple[str, int]:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return host, int(port)


def key(server: Running) -> str:
    return str(server.setup["dsn"].split("//")[1].split("@")[0])


def head(server: Running, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: a.example", *lines, "", ""]).encode()


class Trickle:
    """Many connections that send `first` and then one more piece every now and then, until they are closed."""

    def __init__(self, server: Running, first: bytes, piece: bytes, connections: int = EACH) -> None:
        self._piece = piece
        self.open = [socket.create_connection(address(server)) for _ in range(connections)]
        self.answers: list[bytes] = []
        for each in self.open:
            each.sendall(first)
            each.setblocking(False)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self.open and not self._is_over.wait(0.5):
            for each in list(self.open):
                self._step(each)

    def _step(self, connection: socket.socket) -> None:
        try:
            answer = connection.recv(65_536)
            self.answers.append(answer)
        except BlockingIOError:
            try:
                connection.send(self._piece)
                return
            except OSError:
                self.answers.append(b"")
        except OSError:
            self.answers.append(b"")
        connection.close()
        self.open.remove(connection)

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        for each in self.open:
            each.close()


def send_event(server: Running) -> int:
    request = urllib.request.Request(
        f"{server.url}/api/{server.setup['project_id']}/envelope/",
        event_envelope(uuid4().hex),
        {"X-Sentry-Auth": f"Sentry sentry_key={key(server)}"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return int(answer.status)


def serving(server: Running) -> psutil.Process:
    web = psutil.Process(int((server.data_dir / "run" / "web.pid").read_text()))
    return next(iter(web.children()), web)


def kilobytes(process: psutil.Process) -> int:
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def wait_until_closed(trickle: Trickle, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while trickle.open:
        assert time.monotonic() < deadline, f"{len(trickle.open)} are still there"
        time.sleep(0.2)


def test_good_events_are_taken_among_hundreds_of_slow_clients(server: Running) -> None:
    path = f"/api/{server.setup['project_id']}/envelope/"
    send_event(server)
    before = kilobytes(serving(server))
    slow = [
        Trickle(server, b"POST " + path.encode() + b" HTTP/1.1\r\nHost: a.example\r\nX-A: ", b"a"),
        Trickle(server, head(server, path, "Content-Length: 100000"), b"{"),
        Trickle(server, head(server, path, "Transfer-Encoding: chunked"), b"1\r\n{\r\n"),
        Trickle(server, head(server, "/accounts/login/", "Content-Length: 9000"), b""),
    ]
    try:
        for _ in range(50):
            assert send_event(server) == 200
        with urllib.request.urlopen(server.url + "/accounts/login/", timeout=5) as page:
            assert page.status == 200
        assert kilobytes(serving(server)) < before + 20_000
    finally:
        for each in slow:
            each.close()


def test_a_body_that_stands_still_is_answered_408_and_its_connection_closed(server: Running) -> None:
    stalled = Trickle(server, head(server, "/api/1/envelope/", "Content-Length: 100000") + b"{", b"")
    chunked = Trickle(server, head(server, "/api/1/envelope/", "Transfer-Encoding: chunked") + b"1\r\n{\r\n", b"")
    try:
        wait_until_closed(stalled, PATIENCE_SECONDS)
        wait_until_closed(chunked, PATIENCE_SECONDS)
        for answer in stalled.answers + chunked.answers:
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"access-control-allow-origin: *" in answer
            assert b'"detail"' in answer
        assert send_event(server) == 200
    finally:
        stalled.close()
        chunked.close()
