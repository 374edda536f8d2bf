"""Bodies: every encoding in use, within bounds, and honest about what arrives."""

import gzip
import io
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard

from ingest.encodings import MAX_DECOMPRESSED, compress, decompress, parse_encoding
from ingest.errors import Malformed, TooLarge, Unavailable
from ingest.receive.body import MemoryBudget, Reservation
from tests.ingest.endpoint_setup import EVENT_ID, KEY, EndpointWorld, envelope_of, event_envelope


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressor.compress(body) + compressor.flush()


def zstd_without_size(body: bytes) -> bytes:
    compressor = zstandard.ZstdCompressor().compressobj()
    return compressor.compress(body) + compressor.flush()


WAYS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", lambda body: brotli.compress(body, quality=3)),
    ("zstd", zstandard.ZstdCompressor().compress),
    ("zstd", zstd_without_size),
]


@pytest.mark.parametrize(("encoding", "encode"), WAYS)
@pytest.mark.parametrize("size", [0, 1, 20_000, 999_999, 1_000_000, 1_000_001, 3_000_000])
def test_every_encoding_is_undone_at_every_size(encoding: str, encode: Callable[[bytes], bytes], size: int) -> None:
    body = os.urandom(size // 2) + b"x" * (size - size // 2)
    assert decompress(encode(body), encoding) == body


@pytest.mark.parametrize(("encoding", "encode"), WAYS)
def test_a_truncated_stream_is_malformed_wherever_it_is_cut(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    encoded = encode(os.urandom(1_500_000) + b"x" * 100_000)
    for cut in (0, 1, 20, len(encoded) // 2, len(encoded) - 1):
        with pytest.raises(Malformed):
            decompress(encoded[:cut], encoding)


@pytest.mark.parametrize(("encoding", "encode"), WAYS)
def test_bytes_behind_the_stream_are_malformed(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    for size in (10, 70_000):
        with pytest.raises(Malformed):
            decompress(encode(b"hello") + b"x" * size, encoding)


@pytest.mark.parametrize(("encoding", "encode"), WAYS)
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    for limit in (100, 1_000_000, 2_000_000):
        assert len(decompress(encode(b"x" * limit), encoding, limit=limit)) == limit
        with pytest.raises(TooLarge):
            decompress(encode(b"x" * (limit + 1)), encoding, limit=limit)


def five_gigabytes(encoding: str) -> bytes:
    """A small body that stands for 5 GB of zeros; that of gzip lacks only its last bytes."""
    piece = bytes(50_000_000)
    if encoding == "gzip":
        compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
        header = compressor.flush(zlib.Z_FULL_FLUSH)
        return header + (compressor.compress(piece) + compressor.flush(zlib.Z_FULL_FLUSH)) * 100
    if encoding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join([*(packer.process(piece) for _ in range(100)), packer.finish()])
    writer = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join(writer.compress(piece) for _ in range(100)) + writer.flush()


DEFUSE = """
import resource, sys
from ingest.encodings import decompress
from ingest.errors import TooLarge
bomb = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decompress(bomb, sys.argv[1])
except TooLarge:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_bomb_of_five_gigabytes_takes_less_than_fifty_megabytes(encoding: str) -> None:
    bomb = five_gigabytes(encoding)
    assert len(bomb) < 20_000_000
    defused = subprocess.run([sys.executable, "-c", DEFUSE, encoding], input=bomb, capture_output=True, check=True)
    assert int(defused.stdout) < 50_000


def test_what_the_door_compresses_itself_is_read_back() -> None:
    encoding, packed = compress(b"hello" * 1000)
    assert decompress(packed, encoding) == b"hello" * 1000


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", "identity"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        (" br ", "br"),
        ("identity, gzip", "gzip"),
        ("gzip,", "gzip"),
        ("identity", "identity"),
    ],
)
def test_content_encodings_are_understood(header: str, encoding: str) -> None:
    assert parse_encoding(header) == encoding


@pytest.mark.parametrize("header", ["gzip, br", "lzma", "gzip gzip", "\x00"])
def test_other_content_encodings_are_refused_by_name(header: str) -> None:
    with pytest.raises(Malformed, match="Content-Encoding"):
        parse_encoding(header)


@pytest.mark.parametrize(("encoding", "encode"), WAYS)
def test_the_door_takes_every_encoding_and_spools_the_body_as_sent(
    encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    world = EndpointWorld()
    sent = encode(event_envelope())
    assert world.post(sent, HTTP_CONTENT_ENCODING=encoding).json == {"id": EVENT_ID}
    (entry,) = world.spool.entries.values()
    assert (entry.encoding, entry.body) == (encoding, sent)


def test_a_body_without_the_header_of_its_encoding_is_recognised() -> None:
    for encoding, encode in (("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)):
        world = EndpointWorld()
        assert world.post(encode(event_envelope())).status == 200
        assert [entry.encoding for entry in world.spool.entries.values()] == [encoding]


def test_a_body_that_a_proxy_has_decompressed_is_taken_in_spite_of_its_header() -> None:
    for encoding in ("gzip", "zstd"):
        world = EndpointWorld()
        assert world.post(event_envelope(), HTTP_CONTENT_ENCODING=encoding).status == 200
        assert [entry.encoding for entry in world.spool.entries.values()] == ["identity"]


def test_a_chunked_body_has_no_declared_length() -> None:
    world = EndpointWorld()
    assert world.post(event_envelope(), length=-1).json == {"id": EVENT_ID}
    assert world.post(event_envelope(), length=3, HTTP_TRANSFER_ENCODING="chunked").json == {"id": EVENT_ID}


def test_a_large_chunked_body_arrives_whole() -> None:
    world = EndpointWorld()
    body = envelope_of(({"type": "attachment"}, os.urandom(3_000_000)))
    assert world.post(body, length=-1).status == 200
    assert [entry.body for entry in world.spool.entries.values()] == [body]


def test_a_body_that_ends_before_its_declared_length_is_refused() -> None:
    world = EndpointWorld()
    reply = world.post(event_envelope(), length=10_000)
    assert reply.status == 400
    assert "of 10,000 bytes" in reply.json["detail"]
    assert world.spool.size() == 0


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "٣", "0x10"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    assert EndpointWorld().post(event_envelope(), CONTENT_LENGTH=length, length=-1).status == 400


@pytest.mark.parametrize("length", [20_000_001, 10**30])
def test_a_body_declared_too_large_is_refused_unread(length: int) -> None:
    world = EndpointWorld()
    reply = world.post(b"never read", length=length)
    assert (reply.status, reply.json["detail"]) == (413, "the body is larger than 20,000,000 bytes")


def test_a_chunked_body_that_turns_out_too_large_is_refused() -> None:
    assert EndpointWorld().post(bytes(20_000_001), length=-1).status == 413


def test_a_body_too_large_after_decompression_is_refused_with_a_reason() -> None:
    reply = EndpointWorld().post(gzip.compress(bytes(MAX_DECOMPRESSED + 1), 1), HTTP_CONTENT_ENCODING="gzip")
    assert reply.status == 413
    assert "after decompression" in reply.json["detail"]


def test_a_server_whose_input_never_ends_is_read_by_the_declared_length() -> None:
    world = EndpointWorld()
    body = event_envelope()
    endless: dict[str, Any] = {
        "wsgi.input": io.BytesIO(body + b"the next request"),
        "wsgi.input_terminated": False,
        "HTTP_X_SENTRY_AUTH": f"Sentry sentry_key={KEY}",
    }
    assert world.request("POST", "/api/7/envelope/", length=len(body), **endless).status == 200
    assert world.request("POST", "/api/7/envelope/", length=-1, **endless).status == 400


def test_large_bodies_share_a_bounded_memory_and_give_it_back() -> None:
    budget = MemoryBudget(100, wait_seconds=0)
    with Reservation(budget) as first:
        first.grow(80)
        with Reservation(budget) as second, pytest.raises(Unavailable):
            second.grow(30)
    with Reservation(budget) as third:
        third.grow(100)


def test_a_large_body_waits_for_another_to_be_done() -> None:
    budget = MemoryBudget(100, wait_seconds=10)
    first = Reservation(budget)
    first.grow(80)
    releasing = threading.Timer(0.05, first.__exit__)
    releasing.start()
    with Reservation(budget) as second:
        second.grow(80)
    releasing.join()


def test_a_large_body_is_asked_to_come_again_when_others_fill_the_memory() -> None:
    world = EndpointWorld()
    world.receiver.memory = MemoryBudget(1_000_000, wait_seconds=0)
    reply = world.post(envelope_of(({"type": "attachment"}, bytes(2_000_000))))
    assert reply.status == 503
    assert "Retry-After" in reply.headers
    assert world.post(event_envelope()).status == 200
