"""How far the spool on disk has been read out, and how often each entry was tried."""

import os
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import orjson

SLOT_BYTES = 1 << 16


@dataclass(slots=True, frozen=True)
class Position:
    """How far a segment is read out: bytes, and the entries in them."""

    offset: int = 0
    entries: int = 0


START = Position()


class Cursor:
    """Positions by segment name, in two slots that are written in turn: a torn write leaves the other one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = 0
        self.positions: dict[str, Position] = {}
        self.load()

    def load(self) -> None:
        """Take the newest whole slot; none is the start of everything."""
        self._turn, self.positions = 0, {}
        try:
            stored = self.path.read_bytes()
        except FileNotFoundError:
            return
        for slot in (stored[:SLOT_BYTES], stored[SLOT_BYTES:]):
            checksum, _, text = slot.partition(b"\n")[0].partition(b" ")
            if not text or checksum != b"%08x" % crc32(text):
                continue
            turn, positions = orjson.loads(text)
            if turn > self._turn:
                self._turn = turn
                self.positions = {name: Position(*numbers) for name, numbers in positions.items()}

    def save(self) -> None:
        """Force the positions to disk. Raises OSError."""
        self._turn += 1
        numbers = {name: (position.offset, position.entries) for name, position in self.positions.items()}
        text = orjson.dumps((self._turn, numbers))
        slot = b"%08x %s\n" % (crc32(text), text)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, slot, self._turn % 2 * SLOT_BYTES)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)


class Attempts:
    """How often each entry was claimed, by entry id; survives the death of the process that claimed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, int]:
        """Counts of the entries that were claimed last; empty where none can be read."""
        try:
            counts: dict[str, int] = orjson.loads(self.path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return counts

    def save(self, counts: dict[str, int]) -> None:
        """Remember; not forced to disk, as a power cut is no one's fault."""
        self.path.write_bytes(orjson.dumps(counts))
