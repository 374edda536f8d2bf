"""How an entry lies in a file: a frame that tells by itself whether it is whole.

    magic (4) · length of the record (4) · CRC-32 of the record (4) · record
    record: project id (8) · key id (8) · received at (8, float) · encoding (1) · length (2) of
            contents · contents · body

All numbers are big-endian. What is left of a write that a crash cut short is recognized and stepped over.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from zlib import crc32

from tracker.spool.entry import Entry

MAGIC = b"\xf5StF"
HEADER = struct.Struct(">4sII")
RECORD = struct.Struct(">QQdBH")
ENCODINGS = ("identity", "gzip", "deflate", "br", "zstd")
ENCODING_NUMBER = {name: number for number, name in enumerate(ENCODINGS)}
SEARCH_BYTES = 1 << 20


@dataclass(slots=True, frozen=True)
class Frame:
    """One whole frame of a file, from byte `start` up to `end`."""

    start: int
    end: int
    record: bytes

    def entry(self) -> Entry:
        project_id, key_id, received_at, encoding, length = RECORD.unpack_from(self.record)
        contents, body = self.record[RECORD.size : RECORD.size + length], self.record[RECORD.size + length :]
        return Entry(project_id, key_id, received_at, ENCODINGS[encoding], body, contents.decode())


def frame_bytes(entry: Entry) -> bytes:
    """The frame of an entry. Raises KeyError for an encoding that is not one of `ENCODINGS`."""
    contents = entry.contents.encode()
    encoding = ENCODING_NUMBER[entry.encoding]
    start = RECORD.pack(entry.project_id, entry.key_id, entry.received_at, encoding, len(contents)) + contents
    checksum = crc32(entry.body, crc32(start))
    return b"".join((HEADER.pack(MAGIC, len(start) + len(entry.body), checksum), start, entry.body))


def read_frames(file: BinaryIO, offset: int) -> Iterator[Frame]:
    """Whole frames from `offset` on, in order; bytes that are no whole frame are stepped over.

    The file may grow meanwhile, so it must be opened without a buffer.
    """
    while True:
        frame = _read_frame(file, offset)
        if frame is None:
            next_start = _find_frame(file, offset + 1)
            if next_start is None:
                return
            # Frames are written one after the other: with a later one there, this one is whole by now, or garbage.
            frame = _read_frame(file, offset)
            if frame is None:
                offset = next_start
                continue
        yield frame
        offset = frame.end


def _read_frame(file: BinaryIO, offset: int) -> Frame | None:
    file.seek(offset)
    header = file.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    magic, length, checksum = HEADER.unpack(header)
    if magic != MAGIC or length < RECORD.size:
        return None
    record = file.read(length)
    if len(record) < length or crc32(record) != checksum:
        return None
    return Frame(offset, offset + HEADER.size + length, record)


def _find_frame(file: BinaryIO, offset: int) -> int | None:
    """Where the next whole frame starts at or after `offset`, if there is one."""
    while True:
        file.seek(offset)
        window = file.read(SEARCH_BYTES)
        found = window.find(MAGIC)
        while found >= 0:
            if _read_frame(file, offset + found) is not None:
                return offset + found
            found = window.find(MAGIC, found + 1)
        if len(window) < SEARCH_BYTES:
            return None
        offset += len(window) - len(MAGIC) + 1
