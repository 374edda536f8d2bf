"""Keys that are not known, or not fresh: looked up in a thread, once for all requests that wait for the same one."""

import asyncio
import time
from dataclasses import dataclass
from functools import partial

from ingest.front.pool import Pool
from ingest.receive.keys import WAIT_SECONDS, KeyInfo, Keys


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
        """See to it that the key is known and fresh; where the database does not answer in time, what is known of the
        key goes on to count. Raises Unavailable where that is nothing and cannot be looked up now."""
        lookup = self._running.get(public_key) or self._start(public_key)
        seconds_left = lookup.started_at + WAIT_SECONDS - time.monotonic()
        done, _ = await asyncio.wait({lookup.task}, timeout=max(0.0, seconds_left))
        if done and lookup.task.exception() is None:
            return
        self._keys.go_on(public_key)
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
            # Asked for, as perhaps nobody waits any more; else asyncio complains of an error that nobody saw.
            task.exception()
