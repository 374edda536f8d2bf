"""Content encodings: decompress within a bound, so that a small bomb never becomes a large allocation."""

from collections.abc import Callable
from typing import Protocol, cast

import brotli
import zstandard
from isal import isal_zlib

from ingest.errors import Malformed, TooLarge

IDENTITY = "identity"
ENCODINGS = (IDENTITY, "gzip", "deflate", "br", "zstd")
_ALIASES = {"": IDENTITY, "x-gzip": "gzip"}

MAX_DECOMPRESSED = 100_000_000
"""Bytes of one envelope after decompression (https://develop.sentry.dev/sdk/data-model/envelopes/#size-limits)."""

COMFORTABLE_BYTES = 1_000_000
"""Up to here a body is decompressed in one go; beyond, its size is measured first."""

_PIECE = 262_144
_CHUNK_BYTES = 65_536
_ZSTD_CHUNK_BYTES = 64
_WINDOW_BYTES = 16_000_000
"""What a decoder may need for itself: brotli's largest window."""
_FASTEST = 1
_MAX_ZSTD_WINDOW = 8 * 1024 * 1024
"""RFC 8878, 3.1.1.1.2: decoders are recommended to support windows of up to 8 MB."""

# The library's stub calls this class an instance of Exception.
_InflateError = cast("type[Exception]", isal_zlib.error)


def parse_encoding(header: str) -> str:
    """The one encoding a Content-Encoding header names; `identity` where it is empty. Raises Malformed."""
    named = header.strip().lower()
    if "," in named:
        effective = [part for part in (part.strip() for part in named.split(",")) if part not in ("", IDENTITY)]
        if len(effective) > 1:
            raise Malformed(f"Content-Encoding names {len(effective)} encodings; only one is supported")
        named = effective[0] if effective else IDENTITY
    encoding = _ALIASES.get(named, named)
    if encoding not in ENCODINGS:
        raise Malformed(f"Content-Encoding {named[:40]!r} is not one of {', '.join(ENCODINGS)}")
    return encoding


def decompress(
    body: bytes, encoding: str, *, limit: int = MAX_DECOMPRESSED, reserve: Callable[[int], None] | None = None
) -> bytes | bytearray:
    """The body without its encoding, at most `limit` bytes.

    `reserve` is told what memory is about to be taken for a body larger than `COMFORTABLE_BYTES`, and may raise. Raises
    Malformed for a broken stream and TooLarge beyond the limit; neither takes more memory than a decoder's window.
    """
    if encoding == IDENTITY:
        if len(body) > limit:
            raise _too_large(limit)
        return body
    if encoding == "zstd" and _declares_at_most(body, min(COMFORTABLE_BYTES, limit)):
        return _decompress_small_zstd(body)
    source = _open(body, encoding)
    first = source.read(min(COMFORTABLE_BYTES, limit + 1))
    if len(first) < COMFORTABLE_BYTES and len(first) <= limit:
        return first
    if reserve is not None:
        reserve(_WINDOW_BYTES)
    size = _measure(source, len(first), limit)
    if reserve is not None:
        reserve(max(0, size - _WINDOW_BYTES))
    return _read_exactly(_open(body, encoding), size)


def decompress_start(body: bytes, encoding: str, size: int) -> bytes:
    """Up to `size` bytes from the start of what may be only a part of a body. Raises Malformed for a broken stream."""
    if encoding == IDENTITY:
        return body[:size]
    return _open(body, encoding).read(size, is_whole=False)


def _declares_at_most(body: bytes, size: int) -> bool:
    try:
        return 0 <= zstandard.frame_content_size(body) <= size
    except zstandard.ZstdError:
        return False


def _decompress_small_zstd(body: bytes) -> bytes:
    """In one go, into a buffer of the size that the frame declares; the decoder refuses a frame whose size is false."""
    decoder = zstandard.ZstdDecompressor(max_window_size=_MAX_ZSTD_WINDOW)
    try:
        whole: bytes = decoder.decompress(body, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Malformed(f"the body is not valid zstd: {error}") from None
    return whole


def _measure(source: "_Source", size: int, limit: int) -> int:
    while size <= limit and (piece := source.read(_PIECE)):
        size += len(piece)
    if size > limit:
        raise _too_large(limit)
    return size


def _read_exactly(source: "_Source", size: int) -> bytearray:
    whole = bytearray(size)
    at = 0
    while at < size and (piece := source.read(_PIECE)):
        whole[at : at + len(piece)] = piece
        at += len(piece)
    return whole


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit:,} bytes after decompression")


class _Source(Protocol):
    def read(self, size: int, *, is_whole: bool = True) -> bytes:
        """Exactly `size` bytes, or fewer at the end of the stream, which is verified unless the body is but a part.

        Raises Malformed.
        """


def _open(body: bytes, encoding: str) -> _Source:
    if encoding == "gzip":
        return _Inflated(body, "gzip", 31)
    if encoding == "deflate":
        return _open_deflate(body)
    return _Unbrotlied(body) if encoding == "br" else _Unzstandarded(body)


def _open_deflate(body: bytes) -> _Source:
    # RFC 9110 means the zlib format; some clients send raw deflate, as the same word was long understood.
    try:
        isal_zlib.decompressobj(15).decompress(body[:64], 1)
    except _InflateError:
        return _Inflated(body, "deflate", -15)
    return _Inflated(body, "deflate", 15)


class _Pieces:
    """Gathers what a decoder gives into reads of the size asked for."""

    def __init__(self, body: bytes, name: str) -> None:
        self._body = memoryview(body)
        self._at = 0
        self._name = name

    def read(self, size: int, *, is_whole: bool = True) -> bytes:
        parts = []
        missing = size
        while missing > 0 and not self._is_over():
            is_starved = self._at >= len(self._body)
            part = self._decode(missing)
            if not part and is_starved and not self._is_over():
                if is_whole:
                    raise self._broken("it ends too early")
                break
            missing -= len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _next_input(self, size: int = _CHUNK_BYTES) -> memoryview:
        piece = self._body[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def _broken(self, reason: str) -> Malformed:
        return Malformed(f"the body is not valid {self._name}: {reason}")

    def _is_over(self) -> bool:
        raise NotImplementedError

    def _decode(self, size: int) -> bytes:
        """Some bytes, at most `size`; none where there is no more to decode. Raises Malformed."""
        raise NotImplementedError


class _Inflated(_Pieces):
    def __init__(self, body: bytes, name: str, window_bits: int) -> None:
        super().__init__(body, name)
        self._decoder = isal_zlib.decompressobj(window_bits)
        self._tail: bytes | memoryview = b""

    def _is_over(self) -> bool:
        return self._decoder.eof

    def _decode(self, size: int) -> bytes:
        fed = self._tail or self._next_input()
        try:
            part = self._decoder.decompress(fed, size)
        except _InflateError as error:
            raise self._broken(str(error)) from None
        self._tail = self._decoder.unconsumed_tail
        if self._decoder.eof and (self._decoder.unused_data or self._at < len(self._body)):
            raise self._broken("bytes follow the end of the stream")
        return part


class _Unbrotlied(_Pieces):
    def __init__(self, body: bytes) -> None:
        super().__init__(body, "br")
        self._decoder = brotli.Decompressor()

    def _is_over(self) -> bool:
        return bool(self._decoder.is_finished())

    def _decode(self, size: int) -> bytes:
        fed = bytes(self._next_input()) if self._decoder.can_accept_more_data() else b""
        try:
            part: bytes = self._decoder.process(fed, output_buffer_limit=size)
        except brotli.error as error:
            raise self._broken(str(error)) from None
        if self._decoder.is_finished() and self._at < len(self._body):
            raise self._broken("bytes follow the end of the stream")
        return part


class _Unzstandarded(_Pieces):
    """Fed in crumbs, because this decoder gives all output of its input at once: four bytes can stand for 128 KiB."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body, "zstd")
        self._decoder = zstandard.ZstdDecompressor(max_window_size=_MAX_ZSTD_WINDOW).decompressobj()
        self._pending = memoryview(b"")

    def _is_over(self) -> bool:
        return bool(self._decoder.eof) and not self._pending

    def _decode(self, size: int) -> bytes:
        if not self._pending and self._at < len(self._body):
            try:
                self._pending = memoryview(self._decoder.decompress(self._next_input(_ZSTD_CHUNK_BYTES)))
            except zstandard.ZstdError as error:
                raise self._broken(str(error)) from None
            if self._decoder.eof and (self._decoder.unused_data or self._at < len(self._body)):
                raise self._broken("bytes follow the end of the stream")
        part = bytes(self._pending[:size])
        self._pending = self._pending[size:]
        return part


def compress(body: bytes | bytearray) -> tuple[str, bytes]:
    """Encoding and bytes of a body that the ingest endpoint has rewritten and hands to the spool."""
    return "zstd", zstandard.ZstdCompressor(level=_FASTEST).compress(body)
