"""Read bodies whole in the event loop: no slower than allowed, no more of them at once than there is memory for."""

import asyncio
import time
from dataclasses import dataclass

from ingest.errors import Malformed, TooSlow, Unavailable
from ingest.front.rsgi import Proto, Scope
from ingest.receive.body import WIRE_LIMIT

IDLE_SECONDS = 10.0
"""How long a client may send nothing in the middle of a body."""

WHOLE_SECONDS = 60.0
"""How long a body may take in all."""

BUFFER_LIMIT = 150_000_000
"""Bytes of bodies that lie in memory together, until they are answered."""

TINY_BODY = 16_384
TINY_AT_ONCE = 4_000
"""Bodies of a declared length up to `TINY_BODY` are read in one go, which is cheaper; so many at once are no burden."""

LOOK_SECONDS = 1.0
NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True, eq=False)
class Reading:
    """A body that is being read, and when of it came last."""

    task: "asyncio.Task[None]"
    started_at: float
    moved_at: float
    is_too_slow: bool = False


class Bodies:
    """The bodies that are being read, and the bytes of those that are not answered. For one event loop."""

    def __init__(
        self,
        *,
        idle_seconds: float = IDLE_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        buffer_limit: int = BUFFER_LIMIT,
    ) -> None:
        self._idle_seconds = idle_seconds
        self._whole_seconds = whole_seconds
        self._buffer_limit = buffer_limit
        self._buffered = 0
        self._tiny = 0
        self._readings: set[Reading] = set()
        self._is_looking = False

    def take(self, size: int) -> None:
        """Count bytes that lie in memory. Raises Unavailable where there are too many; then none are counted."""
        if self._buffered + size > self._buffer_limit:
            raise Unavailable("too many bodies are being received at once", retry_after_seconds=5)
        self._buffered += size

    def give_back(self, size: int) -> None:
        self._buffered -= size

    async def read(self, scope: Scope, proto: Proto) -> bytes:
        """The body, counted by `take`: as many bytes as came, but at most one more than `WIRE_LIMIT`.

        Nothing is read of what is declared to be larger. Raises TooSlow, Unavailable, and Malformed where the client
        went away before the end.
        """
        headers = scope.headers
        is_chunked = headers.get("transfer-encoding") is not None
        declared = headers.get("content-length")
        if not is_chunked and (declared is None or declared == "0" or scope.method in NO_BODY):
            return b""
        size = int(declared) if declared is not None and not is_chunked else None
        if size is not None and size > WIRE_LIMIT:
            return b""
        reading = self._begin()
        try:
            if size is not None and size <= TINY_BODY and self._tiny < TINY_AT_ONCE:
                return await self._read_tiny(proto)
            return await self._read_pieces(proto, reading, has_trailers=headers.get("trailer") is not None)
        except asyncio.CancelledError:
            if not reading.is_too_slow:
                raise
            reading.task.uncancel()
            raise TooSlow("the body came too slowly") from None
        finally:
            self._readings.discard(reading)

    async def _read_tiny(self, proto: Proto) -> bytes:
        self._tiny += 1
        try:
            body = await proto()
        except RuntimeError as error:
            raise Malformed("the body ended early") from error
        finally:
            self._tiny -= 1
        self.take(len(body))
        return body

    async def _read_pieces(self, proto: Proto, reading: Reading, *, has_trailers: bool) -> bytes:
        # Not a list: a body in pieces of one byte would take forty times its size.
        body = bytearray()
        empty_pieces = 0
        try:
            async for piece in proto:
                self.take(len(piece))
                body += piece
                empty_pieces += not piece
                reading.moved_at = time.monotonic()
                if len(body) > WIRE_LIMIT:
                    break
            if empty_pieces > 1 and not has_trailers:
                raise Malformed("the body ended early")
        except BaseException:
            self.give_back(len(body))
            raise
        return bytes(body)

    def _begin(self) -> Reading:
        task = asyncio.current_task()
        assert task is not None
        now = time.monotonic()
        reading = Reading(task, now, now)
        self._readings.add(reading)
        if not self._is_looking:
            self._is_looking = True
            task.get_loop().call_later(LOOK_SECONDS, self._look)
        return reading

    def _look(self) -> None:
        """End what is too slow, and look again as long as anything is being read."""
        now = time.monotonic()
        for reading in self._readings:
            if now - reading.moved_at > self._idle_seconds or now - reading.started_at > self._whole_seconds:
                reading.is_too_slow = True
                reading.task.cancel()
        self._is_looking = bool(self._readings)
        if self._is_looking:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
