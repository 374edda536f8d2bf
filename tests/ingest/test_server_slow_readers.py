"""Clients that ask and never read their responses: they hold little, hold up nobody, and are sent away."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from tests.ingest.server_setup import serving
from tests.ingest.test_server_slow_clients import address, kilobytes, send_event
from tests.ingest.test_server_slow_clients import serving as process_of
from tests.running import Running, running_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("deaf_clients")]

SLOW_READERS = 300
MAX_KILOBYTES_OF_ANSWERS = 100
MAX_KILOBYTES_OF_HEADS = 40
PATIENCE_SECONDS = 20


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_server() as running:
        yield running


def slow_reader(to: tuple[str, int]) -> socket.socket:
    """One whose buffer takes a few responses only."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.connect(to)
    connection.setblocking(False)
    return connection


def ask_on(connections: list[socket.socket], requests: bytes, seconds: float) -> int:
    """Ask for as long, whenever the socket takes it; returns how many bytes the server has read."""
    until = time.monotonic() + seconds
    places = [0] * len(connections)
    while time.monotonic() < until:
        for number, connection in enumerate(connections):
            with contextlib.suppress(BlockingIOError):
                places[number] += connection.send(requests[places[number] % len(requests) :])
        time.sleep(0.01)
    return sum(places)


def test_heads_that_never_end_hold_little_memory(server: Running) -> None:
    send_event(server)
    before = kilobytes(process_of(server))
    start = b"POST /api/1/store/ HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1_000) for n in range(60))
    slow = [slow_reader(address(server)) for _ in range(SLOW_READERS)]
    try:
        for connection in slow:
            with contextlib.suppress(OSError):
                connection.send(start)
        assert send_event(server) == 200
        assert kilobytes(process_of(server)) < before + SLOW_READERS * MAX_KILOBYTES_OF_HEADS
    finally:
        for connection in slow:
            connection.close()


def test_hundreds_that_never_read_hold_little_memory_and_nobody_up(server: Running) -> None:
    send_event(server)
    before = kilobytes(process_of(server))
    path = f"/api/{server.setup['project_id']}/store/"
    refused = f"POST {path} HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\n{{}}".encode() * 400
    slow_readers = [slow_reader(address(server)) for _ in range(SLOW_READERS)]
    try:
        assert ask_on(slow_readers, refused, seconds=8) > SLOW_READERS * 100_000
        assert kilobytes(process_of(server)) < before + SLOW_READERS * MAX_KILOBYTES_OF_ANSWERS
        assert send_event(server) == 200
    finally:
        for connection in slow_readers:
            connection.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux ends a connection that is not read")
def test_who_never_reads_is_sent_away() -> None:
    with serving("rsgi") as world:
        slow_readers = slow_reader(("127.0.0.1", world.port))
        until = time.monotonic() + PATIENCE_SECONDS
        with pytest.raises(ConnectionError):
            while time.monotonic() < until:
                ask_on([slow_readers], b"GET /cookies HTTP/1.1\r\nHost: a.example\r\n\r\n" * 400, seconds=0.2)
        slow_readers.close()
        assert world.request("GET", b"/cookies").status == 201
