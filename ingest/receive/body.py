"""Read a request's body within a bound, whatever its Content-Length says, and no further than asked."""

import ctypes
import threading
from dataclasses import dataclass
from typing import Any

from ingest.encodings import IDENTITY, decompress, decompress_start, parse_encoding
from ingest.envelope import MAX_ENVELOPE_HEADER
from ingest.errors import Malformed, TooLarge, Unavailable
from ingest.receive.request import Request

MAX_MEMORY = 200_000_000
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
    a few minutes of large bodies leave a process at half a gigabyte forever. Other C libraries have no such setting.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGE_ALLOCATION)
    mallopt(_M_ARENA_MAX, _ARENAS)


class MemoryBudget:
    """Bytes that requests have reserved; thread-safe."""

    def __init__(self, limit: int = MAX_MEMORY, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._limit = limit
        self._wait_seconds = wait_seconds
        self._returned = threading.Condition()
        self._reserved = 0

    def take(self, size: int) -> None:
        """Reserve, after waiting for free memory if need be. Raises Unavailable where none is given back in time."""
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


MAX_WIRE = 20_000_000
"""Bytes of a body as sent (https://develop.sentry.dev/sdk/data-model/envelopes/#size-limits)."""

SMALL_BODY = 262_144
"""Bodies up to here are read in one go and are not counted against the memory of large bodies."""

_PIECE = 1_000_000
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(slots=True, frozen=True)
class SentBody:
    """A body as sent, and the encoding that it really has."""

    encoding: str
    body: bytes

    def decode(self, memory: Reservation) -> bytes | bytearray:
        """The decompressed body. Raises Malformed, TooLarge and Unavailable."""
        return decompress(self.body, self.encoding, reserve=memory.grow)


class BodyReader:
    """One request's body. Reading raises Malformed for a body that ends early, and Unavailable where too many large
    bodies are under way.

    Servers differ (PEP 3333): where the input ends by itself (`wsgi.input_terminated`) and no length is declared, it is
    read to its end, else exactly the declared length. A short read is a client that went away; not every server tells
    it otherwise.
    """

    __slots__ = ("_declared", "_ends_by_itself", "_first", "_memory", "_named_encoding", "_source")

    def __init__(self, request: Request, memory: Reservation) -> None:
        """Raises TooLarge where the declared length says so, and Malformed for headers that cannot be read."""
        self._named_encoding = parse_encoding(request.header("HTTP_CONTENT_ENCODING"))
        self._declared = _declared_length(request)
        self._memory = memory
        self._first: bytes | None = None
        if request.method == "GET":
            # An old browser's event, in an address that it asks for as if it were an image.
            self._first = request.query.get("sentry_data", "").encode()
            self._declared = len(self._first)
        if self._declared is not None and self._declared > MAX_WIRE:
            raise _too_large()
        self._source: Any = request.environ["wsgi.input"]
        self._ends_by_itself = bool(request.environ.get("wsgi.input_terminated"))

    def read_start(self) -> bytes:
        """The decompressed bytes in which an envelope's header line lies, or what there is of them."""
        first = self._read_first()
        return decompress_start(first, _real_encoding(self._named_encoding, first), MAX_ENVELOPE_HEADER + 1)

    def read(self) -> SentBody:
        """The whole body, still encoded. Raises TooLarge where it turns out to be larger than `MAX_WIRE`."""
        if self._declared is None:
            first = self._read_first()
            body = self._read_to_end(first) if len(first) >= SMALL_BODY else first
        else:
            body = self._read_declared(self._declared)
        return SentBody(_real_encoding(self._named_encoding, body), body)

    def _read_first(self) -> bytes:
        if self._first is None:
            length = self._declared if self._declared is not None else SMALL_BODY if self._ends_by_itself else 0
            self._first = self._read_up_to(min(length, SMALL_BODY))
        return self._first

    def _read_declared(self, declared: int) -> bytes:
        if declared > SMALL_BODY:
            self._memory.grow(COPIES_OF_WIRE * declared)
        body = self._first or b""
        if len(body) < declared:
            rest = self._read_up_to(declared - len(body))
            body = body + rest if body else rest
        if len(body) < declared:
            raise Malformed(f"the body ended after {len(body):,} of {declared:,} bytes")
        return body

    def _read_to_end(self, first: bytes) -> bytes:
        pieces = [first]
        size = len(first)
        while piece := self._read_up_to(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_WIRE:
                raise _too_large()
            self._memory.grow(COPIES_OF_WIRE * len(piece))
        return b"".join(pieces)

    def _read_up_to(self, size: int) -> bytes:
        """`size` bytes, or fewer where the body ends: a server may give less at a time than it is asked for."""
        try:
            piece: bytes = self._source.read(size)
            while 0 < len(piece) < size and (more := self._source.read(size - len(piece))):
                piece += more
        except OSError as error:
            raise Malformed(f"the body could not be read to its end: {error}") from None
        return piece


def _real_encoding(named: str, body: bytes) -> str:
    """Proxies and tunnels forward a body without its Content-Encoding, or the header after they decompressed."""
    if named == IDENTITY:
        if body.startswith(_GZIP_MAGIC):
            return "gzip"
        return "zstd" if body.startswith(_ZSTD_MAGIC) else IDENTITY
    return IDENTITY if named in ("gzip", "zstd") and body.startswith(b"{") else named


def _declared_length(request: Request) -> int | None:
    # RFC 9112, 6.3: with Transfer-Encoding, Content-Length means nothing.
    text = request.header("CONTENT_LENGTH").strip()
    if not text or request.header("HTTP_TRANSFER_ENCODING"):
        return None
    if not (text.isascii() and text.isdigit()):
        raise Malformed("Content-Length is not a number")
    return int(text) if len(text) < 16 else MAX_WIRE + 1


def _too_large() -> TooLarge:
    return TooLarge(f"the body is larger than {MAX_WIRE:,} bytes")
