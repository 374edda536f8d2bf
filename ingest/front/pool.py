"""Threads for what may wait: for the database, for the disk, for a template."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ingest.errors import Unavailable

Value = TypeVar("Value")

WAITING_PER_THREAD = 64


class Pool:
    """A fixed number of threads, and a bounded number of calls that wait for one. For one event loop."""

    def __init__(self, name: str, threads: int) -> None:
        # Its threads begin with the first call: it may be made before a fork.
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._limit = threads * (1 + WAITING_PER_THREAD)
        self._calls = 0

    async def run(self, call: Callable[[], Value]) -> Value:
        """What the call answers or raises. Raises Unavailable where too many wait already."""
        if self._calls >= self._limit:
            raise Unavailable("too many requests are waiting", retry_after_seconds=5)
        self._calls += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, call)
        finally:
            self._calls -= 1

    def close(self) -> None:
        """Let running calls end; those that wait are dropped."""
        self._executor.shutdown(wait=True, cancel_futures=True)
