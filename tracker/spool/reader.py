"""The worker's side of the spool on disk: one reader at a time, and a durable cursor that moves at `ack`."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

import orjson

from tracker.spool.entry import Claimed
from tracker.spool.frames import HEADER, MAGIC, Frame, read_frames
from tracker.spool.segments import is_sealed, list_segments, sync_directory

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


@dataclass(slots=True, frozen=True)
class Tries:
    """How often an entry was claimed, and which workers began to digest it alone."""

    claims: int = 0
    alone: tuple[str, ...] = ()


NEVER = Tries()


class Attempts:
    """The tries of each entry, by entry id; survives the death of the process that claimed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Tries]:
        """Tries of the entries that were claimed last; empty where none can be read."""
        try:
            stored: dict[str, tuple[int, list[str]] | int] = orjson.loads(self.path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        # A number alone was written by an earlier version.
        pairs = {key: (value, []) if isinstance(value, int) else value for key, value in stored.items()}
        return {key: Tries(claims, tuple(alone)) for key, (claims, alone) in pairs.items()}

    def save(self, tries: dict[str, Tries], *, durably: bool = False) -> None:
        """Remember, whole or not at all; forced to disk where it matters after a power cut. Raises OSError."""
        written = self.path.with_suffix(".new")
        with written.open("wb") as file:
            file.write(orjson.dumps({key: (each.claims, each.alone) for key, each in tries.items()}))
            if durably:
                file.flush()
                os.fsync(file.fileno())
        written.replace(self.path)
        if durably:
            sync_directory(self.path.parent)


CLAIM_BYTES = 16_000_000


class DiskReader:
    """Reads segments of all processes. For one thread; `size` and `oldest_at` may be asked from others."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._cursor = Cursor(directory / "cursor")
        self._attempts = Attempts(directory / "attempts")
        self._lock: int | None = None
        self._claimed: dict[str, list[Frame]] = {}
        """Frames by segment that are in our hands or, behind one that is, already acknowledged."""
        self._acked: set[str] = set()
        self._read_out: set[str] = set()
        """Sealed segments whose last frame was claimed."""
        self._counted: dict[str, Position] = {}

    def claim(self, limit: int) -> list[Claimed]:
        """The oldest entries that are not acknowledged, this reader's own included; none while another one reads."""
        if not self._take_lock():
            return []
        found = self._find(limit)
        if not found:
            self._release_lock()
            return []
        tries = self._attempts.load()
        for entry_id, _ in found:
            before = tries.get(entry_id, NEVER)
            tries[entry_id] = replace(before, claims=before.claims + 1)
        self._attempts.save(tries)
        return [
            Claimed(entry_id, frame.entry(), tries[entry_id].claims, tries[entry_id].alone) for entry_id, frame in found
        ]

    def set_lone_tries(self, claimed: Claimed, workers: tuple[str, ...]) -> None:
        """Remember durably who began to digest the entry alone. Raises OSError."""
        tries = self._attempts.load()
        tries[claimed.id] = Tries(tries.get(claimed.id, NEVER).claims, workers)
        self._attempts.save(tries, durably=True)

    def ack(self, ids: Sequence[str]) -> None:
        """Move the cursor over what is acknowledged without a gap; raises OSError."""
        self._acked.update(ids)
        for name, frames in self._claimed.items():
            done = 0
            while done < len(frames) and _entry_id(name, frames[done]) in self._acked:
                self._acked.discard(_entry_id(name, frames[done]))
                done += 1
            if done:
                before = self._cursor.positions.get(name, START)
                self._cursor.positions[name] = Position(frames[done - 1].end, before.entries + done)
                del frames[:done]
        self._cursor.save()
        gone = set(ids)
        self._attempts.save({key: tries for key, tries in self._attempts.load().items() if key not in gone})
        if not any(self._claimed.values()):
            self._remove(self._read_out)
            self._release_lock()

    def size(self) -> int:
        """Whole frames behind the cursor; only what was written since the last call is looked at."""
        positions = Cursor(self._cursor.path).positions
        counted = {path.name: _count(path, self._counted.get(path.name, START)) for path in self._segments()}
        self._counted = counted
        return sum(max(0, total.entries - positions.get(name, START).entries) for name, total in counted.items())

    def oldest_at(self) -> float | None:
        """The earliest time among the first frames behind the cursor."""
        positions = Cursor(self._cursor.path).positions
        firsts = (self._frames(path, positions) for path in self._segments())
        times = [frame.entry().received_at for frames in firsts if (frame := next(frames, None)) is not None]
        return min(times, default=None)

    def close(self) -> None:
        """Give up what is claimed."""
        self._release_lock()

    def _find(self, limit: int) -> list[tuple[str, Frame]]:
        found: list[tuple[str, Frame]] = []
        size = 0
        self._claimed, self._read_out = {}, set()
        empty: set[str] = set()
        for path in self._segments():
            sealed = is_sealed(path)
            frames = self._claimed.setdefault(path.name, [])
            for frame in self._frames(path, self._cursor.positions):
                frames.append(frame)
                if _entry_id(path.name, frame) in self._acked:
                    continue
                found.append((_entry_id(path.name, frame), frame))
                size += len(frame.record)
                if len(found) >= limit or size >= CLAIM_BYTES:
                    self._remove(empty)
                    return found
            if sealed:
                (self._read_out if frames else empty).add(path.name)
        self._remove(empty)
        return found

    def _segments(self) -> list[Path]:
        return list_segments(self._directory)

    def _frames(self, path: Path, positions: dict[str, Position]) -> Iterator[Frame]:
        try:
            with path.open("rb", buffering=0) as file:
                yield from read_frames(file, positions.get(path.name, START).offset)
        except FileNotFoundError:
            return

    def _remove(self, names: set[str]) -> None:
        """Remove read-out segments; their positions are forgotten only when the names are durably gone."""
        if not names:
            return
        for name in names:
            (self._directory / name).unlink(missing_ok=True)
        sync_directory(self._directory)
        for name in names:
            self._cursor.positions.pop(name, None)
            self._claimed.pop(name, None)
        self._read_out = self._read_out - names

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        descriptor = os.open(self._directory / "reader.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        self._cursor.load()
        there = {path.name for path in self._segments()}
        self._cursor.positions = {name: at for name, at in self._cursor.positions.items() if name in there}
        return True

    def _release_lock(self) -> None:
        self._claimed, self._acked, self._read_out = {}, set(), set()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _entry_id(name: str, frame: Frame) -> str:
    return f"{name}:{frame.start}"


def _count(path: Path, known: Position) -> Position:
    """Frames of a segment, hopping from header to header behind what is known."""
    offset, entries = known.offset, known.entries
    try:
        with path.open("rb") as file:
            end = os.fstat(file.fileno()).st_size
            while offset + HEADER.size <= end:
                magic, length, _ = HEADER.unpack(os.pread(file.fileno(), HEADER.size, offset))
                if magic != MAGIC or offset + HEADER.size + length > end:
                    break
                offset += HEADER.size + length
                entries += 1
    except FileNotFoundError:
        return START
    return Position(offset, entries)
