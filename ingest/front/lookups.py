"""Keys that are not known, or not fresh: looked up in a thread, once for all requests that wait for the same one."""

import asyncio
from functools import partial

from ingest.front.pool import Pool
from ingest.receive.keys import KeyInfo, Keys


class Lookups:
    """For one event loop."""

    def __init__(self, keys: Keys, pool: Pool) -> None:
        self._keys = keys
        self._pool = pool
        self._running: dict[str, asyncio.Task[KeyInfo | None]] = {}

    async def look_up(self, public_key: str) -> None:
        """See to it that the key is known. Raises Unavailable where that cannot be done now."""
        running = self._running.get(public_key)
        if running is None:
            running = asyncio.ensure_future(self._pool.run(partial(self._keys.find, public_key)))
            self._running[public_key] = running
            running.add_done_callback(lambda _: self._running.pop(public_key))
        await running
