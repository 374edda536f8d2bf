"""How much memory large bodies may take together, so that many at once cannot exhaust the machine."""

import ctypes
import threading

from ingest.errors import Unavailable

MEMORY_LIMIT = 200_000_000
"""Bytes for all large bodies of this process: enough for the largest allowed one with an event in it."""

WAIT_SECONDS = 2.0
"""How long a request waits for others to give memory back: SDKs do not come again after a refusal."""

COPIES_OF_WIRE = 4
"""How often a body lies in memory as sent: in the server (twice, while it grows), the request, the spool's frame."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE_ALLOCATION = 131_072
_ARENAS = 2


def give_large_memory_back() -> None:
    """Tell glibc to return large blocks to the system as soon as they are freed, whichever thread had them.

    By default it raises that threshold to 32 MB after the first large block and keeps an arena for each thread, so that
    a few minutes of large bodies leave a process at half a gigabyte for ever. Other C libraries have no such knob.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGE_ALLOCATION)
    mallopt(_M_ARENA_MAX, _ARENAS)


class MemoryBudget:
    """Bytes that requests have reserved; thread-safe."""

    def __init__(self, limit: int = MEMORY_LIMIT, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._returned = threading.Condition()
        self._reserved = 0

    def take(self, size: int) -> None:
        """Reserve, after waiting for room if need be. Raises Unavailable where none comes."""
        with self._returned:
            if not self._returned.wait_for(lambda: self._reserved + size <= self._limit, self._wait_seconds):
                raise Unavailable("too many large bodies are being received at once", retry_after_seconds=5)
            self._reserved += size

    def give_back(self, size: int) -> None:
        with self._returned:
            self._reserved -= size
            self._returned.notify_all()


class Reservation:
    """What one request has reserved; given back when the `with` block ends."""

    __slots__ = ("_budget", "_size")

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._size = 0

    def __enter__(self) -> "Reservation":
        return self

    def __exit__(self, *_: object) -> None:
        if self._size:
            self._budget.give_back(self._size)
            self._size = 0

    def grow(self, size: int) -> None:
        """Reserve `size` bytes more. Raises Unavailable."""
        self._budget.take(size)
        self._size += size
