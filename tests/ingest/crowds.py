"""Requests of the largest kind: bodies and headers, each too much in its own way."""

import gzip
import json
import uuid
from collections.abc import Callable

import brotli
import zstandard

from tests.ingest.endpoint_setup import envelope_of, event_envelope

ZEROS = bytes(50_000_000)
Request = tuple[bytes, dict[str, str]]
"""A body and its headers."""


def five_gigabytes_of_gzip() -> Request:
    return gzip.compress(ZEROS) * 100, {"Content-Encoding": "gzip"}


def five_gigabytes_of_zstd() -> Request:
    return zstandard.compress(ZEROS) * 100, {"Content-Encoding": "zstd"}


def a_bomb_of_brotli() -> Request:
    return brotli.compress(ZEROS * 4, quality=1), {"Content-Encoding": "br"}


def a_bomb_that_ends_early() -> Request:
    return gzip.compress(ZEROS)[:-9], {"Content-Encoding": "gzip"}


def fifty_megabytes() -> Request:
    return ZEROS, {}


def a_header_line_of_ten_megabytes() -> Request:
    return b'{"a":"' + b"x" * 10_000_000 + b'"}\n{"type":"event"}\n{}', {}


def a_hundred_thousand_items() -> Request:
    return b"{}\n" + b'{"type":"event"}\n{}\n' * 100_000, {}


def a_hundred_thousand_lists() -> Request:
    return b"{}\n{}\n" + b"[" * 100_000, {}


def a_long_header_of_http() -> Request:
    return b"{}", {"X-Sentry-Auth": "Sentry " + "x" * 900_000}


def ten_thousand_headers_of_http() -> Request:
    return b"{}", {f"X-{number}": "x" for number in range(10_000)}


OVERSIZED: tuple[Callable[[], Request], ...] = (
    five_gigabytes_of_gzip,
    five_gigabytes_of_zstd,
    a_bomb_of_brotli,
    a_bomb_that_ends_early,
    fifty_megabytes,
    a_header_line_of_ten_megabytes,
    a_hundred_thousand_items,
    a_hundred_thousand_lists,
    a_long_header_of_http,
    ten_thousand_headers_of_http,
)


def a_crowd_of_sessions() -> bytes:
    """Fifty thousand, in as many bytes compressed; the ingest endpoint takes it."""
    summed = {"aggregates": [{"started": "2026-01-01T00:00:00Z", "exited": 1, "did": str(n)} for n in range(100)]}
    items = [({"type": "sessions"}, json.dumps(summed | {"attrs": {"release": f"r{n}"}}).encode()) for n in range(500)]
    return gzip.compress(envelope_of(*items), 1)


def a_crowd_of_frames() -> bytes:
    """Fifteen thousand in sixty exceptions; the ingest endpoint takes it."""
    frames = [{"filename": f"a{n}.py", "function": "f", "lineno": n} for n in range(250)]
    chain = [{"type": f"E{n}", "value": "v", "stacktrace": {"frames": frames}} for n in range(60)]
    return gzip.compress(event_envelope(uuid.uuid4().hex, exception={"values": chain}), 1)


def a_large_attachment() -> bytes:
    """Ninety megabytes of nothing; the ingest endpoint takes it."""
    return gzip.compress(envelope_of(({"type": "attachment", "filename": "a"}, ZEROS + ZEROS[:40_000_000])), 1)


CROWDS: tuple[tuple[Callable[[], bytes], int], ...] = (
    (a_crowd_of_sessions, 15),
    (a_crowd_of_frames, 60),
    (a_large_attachment, 8),
)
"""Bodies that the ingest endpoint takes, and how often they are to come."""
