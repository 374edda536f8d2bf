"""Bodies share the memory of a process, and no number of them can come to a standstill."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any

import pytest

from ingest.errors import TooSlow, Unavailable
from ingest.server.bodies import Bodies
from ingest.server.protocol import Headers, Stream


class Lines:
    def __init__(self, lines: dict[str, str]) -> None:
        self._lines = lines

    def get(self, key: str, default: Any = None) -> Any:
        return self._lines.get(key, default)

    def items(self) -> list[tuple[str, str]]:
        return list(self._lines.items())


@dataclass
class Sender:
    """A client whose body of `size` bytes comes in pieces, and may come to a halt."""

    size: int
    piece: int = 100_000
    stalls_after: int | None = None
    http_version: str = "1.1"
    server: str = "127.0.0.1:80"
    client: str = "127.0.0.1:81"
    scheme: str = "http"
    method: str = "POST"
    path: str = "/"
    query_string: str = ""

    @property
    def headers(self) -> "Lines":
        return Lines({"content-length": str(self.size)})

    async def __aiter__(self) -> AsyncIterator[bytes]:
        sent = 0
        while sent < self.size:
            if self.stalls_after is not None and sent >= self.stalls_after:
                await asyncio.sleep(3600)
            piece = b"x" * min(self.piece, self.size - sent)
            sent += len(piece)
            await asyncio.sleep(0)
            yield piece
        yield b""

    def __call__(self) -> Awaitable[bytes]:
        raise AssertionError("large bodies are read piece by piece")

    def response_empty(self, status: int, headers: Headers) -> None: ...

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...

    def response_file(self, status: int, headers: Headers, file: str) -> None: ...

    def response_stream(self, status: int, headers: Headers) -> Stream:
        raise AssertionError


def test_bodies_that_exceed_the_memory_together_are_read_one_after_the_other() -> None:
    bodies = Bodies(buffer_limit=3_000_000)
    answered = []

    async def serve(sender: Sender) -> None:
        body = await bodies.read(sender, sender)
        await asyncio.sleep(0.001)
        answered.append(len(body))
        bodies.give_back(len(body))

    async def serve_all() -> None:
        await asyncio.wait_for(asyncio.gather(*(serve(Sender(2_000_000)) for _ in range(30))), 60)

    asyncio.run(serve_all())
    assert answered == [2_000_000] * 30
    assert bodies._buffered == 0


def test_who_found_no_room_is_asked_to_come_again_and_who_stood_still_was_too_slow() -> None:
    bodies = Bodies(buffer_limit=1_000_000, idle_seconds=60, whole_seconds=1, look_seconds=0.01)

    async def serve_both() -> tuple[object, object]:
        stalled, waiting = Sender(3_000_000, stalls_after=950_000), Sender(500_000, piece=90_000)
        return await asyncio.gather(
            bodies.read(stalled, stalled), bodies.read(waiting, waiting), return_exceptions=True
        )

    stalled, waiting = asyncio.run(serve_both())
    assert isinstance(stalled, TooSlow)
    assert isinstance(waiting, Unavailable)
    assert bodies._buffered == 0


def test_who_waits_for_room_does_not_stand_still() -> None:
    bodies = Bodies(buffer_limit=1_000_000, idle_seconds=0.1, whole_seconds=60, look_seconds=0.01)

    async def serve_all() -> int:
        first = Sender(900_000)
        held = await bodies.read(first, first)
        oldest = Sender(10_000_000, stalls_after=500_000)
        second = Sender(400_000)
        running = [asyncio.ensure_future(bodies.read(each, each)) for each in (oldest, second)]
        await asyncio.sleep(0.05)
        with pytest.raises(TooSlow):
            await running[0]
        bodies.give_back(len(held))
        return len(await running[1])

    assert asyncio.run(serve_all()) == 400_000
