"""Read a request's body within a bound, whatever its Content-Length says."""

from dataclasses import dataclass
from typing import Any

from ingest.encodings import IDENTITY, decompress, parse_encoding
from ingest.errors import Malformed, TooLarge
from ingest.receive.memory import COPIES_OF_WIRE, Reservation
from ingest.receive.request import Request

WIRE_LIMIT = 20_000_000
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


def read_body(request: Request, memory: Reservation) -> SentBody:
    """The body as sent, still encoded; that of an old GET request is its `sentry_data`.

    Raises TooLarge (before reading, where the declared length says so), Malformed for a body that ends early, and
    Unavailable where too many large bodies are under way.
    """
    if request.method == "GET":
        return SentBody(IDENTITY, request.query.get("sentry_data", "").encode())
    encoding = parse_encoding(request.header("HTTP_CONTENT_ENCODING"))
    body = _read(request, memory)
    return SentBody(_real_encoding(encoding, body), body)


def _real_encoding(named: str, body: bytes) -> str:
    """Proxies and tunnels forward a body without its Content-Encoding, or the header after they decompressed."""
    if named == IDENTITY:
        if body.startswith(_GZIP_MAGIC):
            return "gzip"
        return "zstd" if body.startswith(_ZSTD_MAGIC) else IDENTITY
    return IDENTITY if named in ("gzip", "zstd") and body.startswith(b"{") else named


def _read(request: Request, memory: Reservation) -> bytes:
    """Servers differ (PEP 3333): where the input ends by itself (`wsgi.input_terminated`) and no length is declared, it
    is read to its end, else exactly the declared length. A short read is a client that went away; not every server
    tells it otherwise."""
    environ = request.environ
    declared = _declared_length(request)
    if declared is not None and declared > WIRE_LIMIT:
        raise _too_large()
    source = environ["wsgi.input"]
    if declared is None:
        return _read_to_end(source, memory) if environ.get("wsgi.input_terminated") else b""
    if declared > SMALL_BODY:
        memory.grow(COPIES_OF_WIRE * declared)
    try:
        body: bytes = source.read(declared)
    except OSError as error:
        raise Malformed(f"the body could not be read to its end: {error}") from None
    if len(body) < declared:
        raise Malformed(f"the body ended after {len(body):,} of {declared:,} bytes")
    return body


def _read_to_end(source: Any, memory: Reservation) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := source.read(SMALL_BODY if not pieces else _PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > WIRE_LIMIT:
                raise _too_large()
            if len(pieces) > 1:
                memory.grow(COPIES_OF_WIRE * len(piece))
    except OSError as error:
        raise Malformed(f"the body could not be read to its end: {error}") from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _declared_length(request: Request) -> int | None:
    # RFC 9112, 6.3: with Transfer-Encoding, Content-Length means nothing.
    text = request.header("CONTENT_LENGTH").strip()
    if not text or request.header("HTTP_TRANSFER_ENCODING"):
        return None
    if not (text.isascii() and text.isdigit()):
        raise Malformed("Content-Length is not a number")
    return int(text) if len(text) < 16 else WIRE_LIMIT + 1


def _too_large() -> TooLarge:
    return TooLarge(f"the body is larger than {WIRE_LIMIT:,} bytes")
