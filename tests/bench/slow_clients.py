"""Ingest while hundreds of clients send their bodies byte by byte, and what those clients cost."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.bench.corpus import make_corpus, send
from tests.bench.scenes import Figure, worker_stopped
from tests.bench.target import Target, target

SLOW = 600
PAUSE_SECONDS = 1.0
STARTS = (
    (b"POST %s HTTP/1.1\r\nHost: a.example\r\nX-Slow: ", b"x"),
    (b"POST %s HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000000\r\n\r\n", b"{"),
    (b"POST %s HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
)
"""How a slow request begins, and what it goes on with forever: a head, a declared body, a body in chunks."""


@contextmanager
def slow_clients(to: Target, connections: int) -> Iterator[None]:
    """So many connections that send a byte each second, and come again when they are sent away."""
    where = urlsplit(to.server.url)
    path = f"/api/{to.server.setup['project_id']}/envelope/".encode()
    is_over = threading.Event()

    def begin(number: int) -> tuple[socket.socket, bytes]:
        start, piece = STARTS[number % len(STARTS)]
        connection = socket.create_connection((where.hostname or "", where.port or 80))
        connection.sendall(start % path)
        return connection, piece

    clients = [begin(number) for number in range(connections)]

    def trickle() -> None:
        while not is_over.wait(PAUSE_SECONDS):
            for number, (connection, piece) in enumerate(clients):
                try:
                    connection.send(piece)
                except OSError:
                    connection.close()
                    with contextlib.suppress(OSError):
                        clients[number] = begin(number)

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        for connection, _ in clients:
            connection.close()


def slow_scene(profile: str, events: int) -> list[Figure]:
    """Acceptance alone and among slow clients, and the memory that they take."""
    corpus = make_corpus(2 * events + 500, seed=1)
    with target(profile) as to:
        send(to, corpus, events=500)
        to.wait_for(500)
        with worker_stopped(to):
            alone = send(to, corpus, events=events, start=500)
            before = sum(to.memory_kilobytes().values())
            with slow_clients(to, SLOW):
                time.sleep(2)
                among = send(to, corpus, events=events, start=500 + events)
                taken = sum(to.memory_kilobytes().values()) - before
        return [
            Figure("accepted, worker stopped", profile, f"{alone['accepted_per_s']}/s, p99 {alone['p99_ms']} ms", ""),
            Figure(
                f"  among {SLOW} slow clients",
                profile,
                f"{among['accepted_per_s']}/s, p99 {among['p99_ms']} ms, {among['status']}",
                "p99 ≤ 25 ms",
            ),
            Figure("  memory that these take", profile, f"{taken / 1024:.0f} MB", "≤ 20 MB"),
        ]
