"""Requests that wait for nothing but the spool: they are handled in the event loop, without a thread.

It is the same receiver as everywhere, with everything that might wait taken out of its hands: where it reaches for the
database, for Redis or for much memory, `MustWait` is raised, and the request begins again somewhere else.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ingest.endpoint import Endpoint, early_response, error_response
from ingest.errors import Unavailable
from ingest.receive.body import MemoryBudget, Reservation
from ingest.receive.keys import WAIT_SECONDS, KeyInfo, Keys
from ingest.receive.request import Request, Response
from ingest.receive.windows import Limit, LocalWindows
from tracker.spool import Offer, Spool, SpoolFailure

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
        """What the call returns or raises. Raises Unavailable where too many wait already."""
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


@dataclass(slots=True, frozen=True)
class _Lookup:
    task: "asyncio.Task[KeyInfo | None]"
    started_at: float


class Lookups:
    """For one event loop."""

    def __init__(self, keys: Keys, pool: Pool) -> None:
        self._keys = keys
        self._pool = pool
        self._running: dict[str, _Lookup] = {}

    async def look_up(self, public_key: str) -> None:
        """Ensure that the key is known and fresh; where the database does not answer in time, what is known of the
        key goes on to count. Raises Unavailable where that is nothing and cannot be looked up now."""
        lookup = self._running.get(public_key) or self._start(public_key)
        seconds_left = lookup.started_at + WAIT_SECONDS - time.monotonic()
        done, _ = await asyncio.wait({lookup.task}, timeout=max(0.0, seconds_left))
        if done and lookup.task.exception() is None:
            return
        self._keys.keep_using(public_key)
        if done and not self._keys.is_fresh(public_key):
            lookup.task.result()

    def _start(self, public_key: str) -> _Lookup:
        task = asyncio.ensure_future(self._pool.run(partial(self._keys.find, public_key)))
        lookup = self._running[public_key] = _Lookup(task, time.monotonic())
        task.add_done_callback(partial(self._end, public_key))
        return lookup

    def _end(self, public_key: str, task: "asyncio.Task[KeyInfo | None]") -> None:
        del self._running[public_key]
        if not task.cancelled():
            # Retrieved, as perhaps nobody waits any more; else asyncio complains of an error that nobody saw.
            task.exception()


MAX_PER_BATCH = 512

Waiting = tuple[Offer, "asyncio.Future[SpoolFailure | None]"]


class Appends:
    """One thread writes, a group of offers at a time. For one event loop."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        # Its thread begins with the first write: it may be made before a fork.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._waiting: list[Waiting] = []
        self._is_writing = False

    def append(self, offer: Offer) -> "asyncio.Future[SpoolFailure | None]":
        """What became of the offer, once that is certain."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[SpoolFailure | None] = loop.create_future()
        self._waiting.append((offer, future))
        if not self._is_writing:
            self._is_writing = True
            # Soon and not now: what else came in this turn of the loop goes along.
            loop.call_soon(self._write, loop)
        return future

    def close(self) -> None:
        """Let the write under way end."""
        self._writer.shutdown(wait=True)

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._waiting = self._waiting[:MAX_PER_BATCH], self._waiting[MAX_PER_BATCH:]
        written = loop.run_in_executor(self._writer, self._spool.append_all, [offer for offer, _ in group])
        written.add_done_callback(partial(self._tell, loop, group))

    def _tell(
        self,
        loop: asyncio.AbstractEventLoop,
        group: list[Waiting],
        written: "asyncio.Future[Sequence[SpoolFailure | None]]",
    ) -> None:
        if self._waiting:
            self._write(loop)
        else:
            self._is_writing = False
        error = written.exception()
        for place, (_, future) in enumerate(group):
            if future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(written.result()[place])


class MustWait(Exception):
    """Not to be had at once; until here nothing has been counted or stored."""


class ColdKey(MustWait):
    """The key has to be looked up first."""

    def __init__(self, public_key: str) -> None:
        super().__init__(public_key)
        self.public_key = public_key


class IsLarge(MustWait):
    """To decode it takes long, and may have to wait for memory."""


class FreshKeys:
    """The keys that are known without the database."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def is_fresh(self, public_key: str) -> bool:
        return self._keys.is_fresh(public_key)

    def keep_using(self, public_key: str) -> None:
        self._keys.keep_using(public_key)

    def find(self, public_key: str) -> KeyInfo | None:
        if not self.is_fresh(public_key):
            raise ColdKey(public_key)
        return self._keys.find(public_key)


class FarWindows:
    """Windows that are counted on another machine."""

    def take(self, limit: Limit, quantity: int, now: float) -> int:
        raise MustWait


class NoLargeMemory(MemoryBudget):
    """What is counted against the memory of large bodies is not for the event loop."""

    def take(self, size: int) -> None:
        raise IsLarge


class QuickEndpoint:
    """Answers requests in an event loop."""

    def __init__(self, endpoint: Endpoint, appends: Appends) -> None:
        receiver = endpoint.receiver
        self._memory = NoLargeMemory()
        self._receiver = replace(
            receiver,
            keyring=FreshKeys(receiver.keyring),
            windows=receiver.windows if isinstance(receiver.windows, LocalWindows) else FarWindows(),
            memory=self._memory,
        )
        self._appends = appends

    async def respond(self, request: Request) -> Response:
        """The response to any request that need not wait. Raises MustWait."""
        try:
            if early := early_response(request):
                return early
            examined = self._receiver.examine(request, Reservation(self._memory))
            failure = await self._appends.append(examined.offer) if examined.offer else None
            return self._receiver.conclude(examined, failure)
        except MustWait:
            raise
        except Exception as error:
            return error_response(error)
