"""The ingest endpoint's side of the spool on disk: appends from many threads, durable when they return."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracker.spool.entry import Offer, SpoolFailure, SpoolFull, SpoolUnavailable
from tracker.spool.frames import frame_bytes
from tracker.spool.segments import SegmentWriter, bytes_in_segments


@dataclass(slots=True)
class _Group:
    chunks: list[bytes] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    error: OSError | None = None


class GroupCommit:
    """Calls `write(chunks)` for groups of chunks, one group at a time; the first caller of a group writes it."""

    def __init__(self, write: Callable[[list[bytes]], None]) -> None:
        self._write = write
        self._gathering = threading.Lock()
        self._writing = threading.Lock()
        self._group = _Group()

    def add(self, chunks: list[bytes]) -> None:
        """Return when the chunks, at least one, are written. Raises the OSError of the write."""
        with self._gathering:
            group = self._group
            leads = not group.chunks
            group.chunks += chunks
        if leads:
            self._lead(group)
        else:
            group.done.wait()
        if group.error is not None:
            raise group.error

    def _lead(self, group: _Group) -> None:
        with self._writing:
            with self._gathering:
                self._group = _Group()
            try:
                self._write(group.chunks)
            except OSError as error:
                group.error = error
            finally:
                group.done.set()


SEGMENT_BYTES = 16_000_000
RECOUNT_SECONDS = 0.2


class DiskAppender:
    """Writes this process's own segment; `max_bytes` bounds the segments of all processes together."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        # The segment being written is never removed, so it must stay a small part of the bound.
        self._segment_bytes = min(SEGMENT_BYTES, max_bytes // 8)
        self._segment: SegmentWriter | None = None
        self._commit = GroupCommit(self._write)
        self._counting = threading.Lock()
        self._waiting_bytes = 0
        self._recount_at = 0.0

    def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
        """Store durably all for which there is space; returns what became of each."""
        failures: list[SpoolFailure | None] = []
        frames: list[bytes] = []
        for offer in offers:
            frame = frame_bytes(offer.entry)
            failure = self._take_room(len(frame), int(self._max_bytes * offer.share))
            failures.append(failure)
            if failure is None:
                frames.append(frame)
        try:
            if frames:
                self._commit.add(frames)
        except OSError as error:
            unavailable = SpoolUnavailable(str(error))
            unavailable.__cause__ = error
            return [failure or unavailable for failure in failures]
        return failures

    def close(self) -> None:
        """Seal this process's segment."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def _take_room(self, size: int, bound: int) -> SpoolFailure | None:
        """Count `size` bytes as waiting; other processes' bytes are looked at a few times a second."""
        with self._counting:
            now = time.monotonic()
            if now >= self._recount_at:
                try:
                    self._waiting_bytes = bytes_in_segments(self._directory)
                except OSError as error:
                    return SpoolUnavailable(str(error))
                self._recount_at = now + RECOUNT_SECONDS
            if self._waiting_bytes + size > bound:
                return SpoolFull(f"{self._waiting_bytes} of {bound} bytes are waiting")
            self._waiting_bytes += size
            return None

    def _write(self, chunks: list[bytes]) -> None:
        segment, self._segment = self._segment or SegmentWriter(self._directory), None
        try:
            segment.append(chunks)
        except OSError:
            segment.close()
            raise
        if segment.size >= self._segment_bytes:
            segment.close()
        else:
            self._segment = segment
