"""Requests of the largest kind: bodies and headers, each too much in its own way."""

import gzip
from collections.abc import Callable

import brotli
import zstandard

ZEROS = bytes(50_000_000)
Mass = tuple[bytes, dict[str, str]]
"""A body and its headers."""


def five_gigabytes_of_gzip() -> Mass:
    return gzip.compress(ZEROS) * 100, {"Content-Encoding": "gzip"}


def five_gigabytes_of_zstd() -> Mass:
    return zstandard.compress(ZEROS) * 100, {"Content-Encoding": "zstd"}


def a_bomb_of_brotli() -> Mass:
    return brotli.compress(ZEROS * 4, quality=1), {"Content-Encoding": "br"}


def a_bomb_that_ends_early() -> Mass:
    return gzip.compress(ZEROS)[:-9], {"Content-Encoding": "gzip"}


def fifty_megabytes() -> Mass:
    return ZEROS, {}


def a_header_line_of_ten_megabytes() -> Mass:
    return b'{"a":"' + b"x" * 10_000_000 + b'"}\n{"type":"event"}\n{}', {}


def a_hundred_thousand_items() -> Mass:
    return b"{}\n" + b'{"type":"event"}\n{}\n' * 100_000, {}


def a_hundred_thousand_lists() -> Mass:
    return b"{}\n{}\n" + b"[" * 100_000, {}


def a_long_header_of_http() -> Mass:
    return b"{}", {"X-Sentry-Auth": "Sentry " + "x" * 900_000}


def ten_thousand_headers_of_http() -> Mass:
    return b"{}", {f"X-{number}": "x" for number in range(10_000)}


MASSES: tuple[Callable[[], Mass], ...] = (
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
