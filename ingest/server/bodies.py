"""Read bodies whole in the event loop: no slower than allowed, no more of them at once than there is memory for."""

import asyncio
import time
from dataclasses import dataclass

from ingest.errors import Malformed, TooSlow, Unavailable
from ingest.receive.body import MAX_WIRE
from ingest.server.protocol import Proto, Scope

IDLE_SECONDS = 10.0
"""How long a client may send nothing in the middle of a body."""

WHOLE_SECONDS = 60.0
"""How long a body may take in all."""

MAX_BUFFER = 120_000_000
"""Bytes of bodies in memory, read or being read, until they are handled; beyond, large ones are read one by one."""

TINY_BODY = 16_384
MAX_TINY = 4_000
"""Bodies of a declared length up to `TINY_BODY` are read in one go, which is cheaper, and never wait for memory."""

LOOK_SECONDS = 1.0
NO_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True, eq=False)
class Reading:
    """A body that is being read, and when of it came last."""

    task: "asyncio.Task[None]"
    started_at: float
    moved_at: float
    waits_for_room: bool = False
    is_ended: bool = False


class Bodies:
    """The bodies that are being read, and the bytes of those that are not handled yet. For one event loop."""

    def __init__(
        self,
        *,
        idle_seconds: float = IDLE_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        buffer_limit: int = MAX_BUFFER,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._idle_seconds = idle_seconds
        self._whole_seconds = whole_seconds
        self._buffer_limit = buffer_limit
        self._check_seconds = look_seconds
        self._buffered = 0
        self._tiny = 0
        self._readings: dict[Reading, None] = {}
        """The oldest first."""
        self._large: dict[Reading, None] = {}
        self._returned = asyncio.Event()
        self._is_looking = False

    def give_back(self, size: int) -> None:
        """What was read is no longer in memory."""
        self._buffered -= size
        self._returned.set()

    async def read(self, scope: Scope, proto: Proto) -> bytes:
        """The body, to be given back: as many bytes as came, but hardly more than `MAX_WIRE`.

        Nothing is read of what is declared to be larger. Raises TooSlow, Unavailable, and Malformed where the client
        went away before the end.
        """
        headers = scope.headers
        is_chunked = headers.get("transfer-encoding") is not None
        declared = headers.get("content-length")
        if not is_chunked and (declared is None or declared == "0" or scope.method in NO_BODY):
            return b""
        size = int(declared) if declared is not None and not is_chunked else None
        if size is not None and size > MAX_WIRE:
            return b""
        reading = self._begin()
        try:
            if size is not None and size <= TINY_BODY and self._tiny < MAX_TINY:
                return await self._read_tiny(proto)
            return await self._read_pieces(proto, reading, has_trailers=headers.get("trailer") is not None)
        except asyncio.CancelledError:
            if not reading.is_ended:
                raise
            reading.task.uncancel()
            if reading.waits_for_room:
                raise Unavailable("too many large bodies are being received at once", retry_after_seconds=5) from None
            raise TooSlow("the body came too slowly") from None
        finally:
            del self._readings[reading]

    async def _read_tiny(self, proto: Proto) -> bytes:
        self._tiny += 1
        try:
            body = await proto()
        except RuntimeError as error:
            raise Malformed("the body ended early") from error
        finally:
            self._tiny -= 1
        self._buffered += len(body)
        return body

    async def _read_pieces(self, proto: Proto, reading: Reading, *, has_trailers: bool) -> bytes:
        # Not a list: a body in pieces of one byte would take forty times its size.
        body = bytearray()
        empty_pieces = 0
        self._large[reading] = None
        try:
            async for piece in proto:
                if self._buffered + len(piece) > self._buffer_limit:
                    await self._wait_for_room(reading, len(piece))
                self._buffered += len(piece)
                body += piece
                empty_pieces += not piece
                reading.moved_at = time.monotonic()
                if len(body) > MAX_WIRE:
                    break
            if empty_pieces > 1 and not has_trailers:
                raise Malformed("the body ended early")
        except BaseException:
            self.give_back(len(body))
            raise
        finally:
            del self._large[reading]
            # Another one is the oldest now.
            self._returned.set()
        return bytes(body)

    async def _wait_for_room(self, reading: Reading, size: int) -> None:
        """The client waits as well, for nothing is read of what it sends. The oldest body has memory of its own, so
        that bodies of which each has a part in memory cannot wait for each other."""
        reading.waits_for_room = True
        while self._buffered + size > self._buffer_limit + (MAX_WIRE if next(iter(self._large)) is reading else 0):
            self._returned.clear()
            await self._returned.wait()
        reading.waits_for_room = False

    def _begin(self) -> Reading:
        task = asyncio.current_task()
        assert task is not None
        now = time.monotonic()
        reading = Reading(task, now, now)
        self._readings[reading] = None
        if not self._is_looking:
            self._is_looking = True
            task.get_loop().call_later(self._check_seconds, self._end_slow_readings)
        return reading

    def _end_slow_readings(self) -> None:
        """End what is too slow, again and again as long as anything is being read."""
        now = time.monotonic()
        for reading in self._readings:
            stands_still = now - reading.moved_at > self._idle_seconds and not reading.waits_for_room
            if stands_still or now - reading.started_at > self._whole_seconds:
                reading.is_ended = True
                reading.task.cancel()
        self._is_looking = bool(self._readings)
        if self._is_looking:
            asyncio.get_running_loop().call_later(self._check_seconds, self._end_slow_readings)
