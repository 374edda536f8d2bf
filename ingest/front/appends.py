"""The spool for an event loop: requests that come while it is busy share the next write."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ingest.spool import Offer, Spool, SpoolFailure

MOST_AT_ONCE = 512

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
        group, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
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
