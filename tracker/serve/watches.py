"""How the supervisor sees that a child still answers: a process may live and do nothing any more.

Neither needs the child's interpreter: where something holds it, no thread of the child runs, and the sign stays away.
"""

import contextlib
import mmap
import socket
import threading
import time
from collections.abc import Callable
from typing import Protocol

PULSE_SECONDS = 0.5
ASK_SECONDS = 2.0
"""Between two questions, and between two tries to connect."""
CONNECT_SECONDS = 0.2
MAX_ANSWER_BYTES = 4_096
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
GOOD = b"HTTP/1.1 200 "


class Watch(Protocol):
    limit_seconds: float
    """How long a child may be silent."""

    def begin(self) -> None:
        """A child was started."""

    def has_answered(self) -> bool:
        """Whether there was a sign of life since the last look; never waits for one."""


class Pulse:
    """A number in memory that parent and child share: the child counts it up as long as its work goes on."""

    def __init__(self, limit_seconds: float) -> None:
        self.limit_seconds = limit_seconds
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)
        self._seen = self._read()

    def begin(self) -> None:
        self._seen = self._read()

    def has_answered(self) -> bool:
        before, self._seen = self._seen, self._read()
        return self._seen != before

    def start(self, is_stuck: Callable[[], bool]) -> None:
        """In the child: count on from a thread, until the work is stuck."""
        threading.Thread(target=self._count, args=(is_stuck,), name="pulse", daemon=True).start()

    def _count(self, is_stuck: Callable[[], bool]) -> None:
        while not is_stuck():
            self._memory[:8] = (self._read() + 1).to_bytes(8, "big")
            time.sleep(PULSE_SECONDS)

    def _read(self) -> int:
        return int.from_bytes(self._memory[:8], "big")


class HealthProbe:
    """Asks the web server how it is, over one connection that stays: later connections cannot crowd it out."""

    def __init__(self, host: str, port: int, limit_seconds: float) -> None:
        self.limit_seconds = limit_seconds
        self._address = (host, port)
        self._connection: socket.socket | None = None
        self._is_waiting = False
        self._next_at = 0.0

    def begin(self) -> None:
        self._drop()

    def has_answered(self) -> bool:
        now = time.monotonic()
        try:
            if self._is_waiting and self._connection:
                return self._read(self._connection)
            if now >= self._next_at:
                self._next_at = now + ASK_SECONDS
                self._ask()
        except OSError:
            self._drop()
        return False

    def _ask(self) -> None:
        if self._connection is None:
            self._connection = socket.create_connection(self._address, CONNECT_SECONDS)
            self._connection.setblocking(False)
        self._connection.sendall(QUESTION)
        self._is_waiting = True

    def _read(self, connection: socket.socket) -> bool:
        with contextlib.suppress(BlockingIOError):
            answer = connection.recv(MAX_ANSWER_BYTES)
            self._is_waiting = False
            if answer.startswith(GOOD):
                return True
            self._drop()
        return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._is_waiting = None, False


def local_host(bound_to: str) -> str:
    """Where a server that is bound to an address is reached from its own machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound_to, bound_to)  # noqa: S104
