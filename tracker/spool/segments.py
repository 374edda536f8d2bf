"""Segment files: each is written by one process, which holds a lock on it as long as it may grow."""

import contextlib
import fcntl
import os
import secrets
import time
from pathlib import Path

SUFFIX = ".segment"
UNBORN = ".unborn"
JOINED_BYTES = 1 << 20


class SegmentWriter:
    """Appends to one segment file. Not thread-safe: one caller at a time."""

    def __init__(self, directory: Path) -> None:
        """Make an empty segment whose name is durable. Raises OSError."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(2)}"
        unborn = directory / (name + UNBORN)
        self.path = directory / (name + SUFFIX)
        self._descriptor = os.open(unborn, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            # Locked before it can be seen: a reader removes read-out segments that no one has locked.
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            unborn.rename(self.path)
            sync_directory(directory)
        except OSError:
            os.close(self._descriptor)
            unborn.unlink(missing_ok=True)
            raise
        self.size = 0

    def append(self, chunks: list[bytes]) -> None:
        """Write and force to disk. Raises OSError; the segment must then be closed and never be written again.

        After a failed fdatasync the kernel may forget what it could not write, so that a second one tells nothing;
        and a reader may have gone past this end already.
        """
        total = sum(map(len, chunks))
        try:
            for chunk in [b"".join(chunks)] if total <= JOINED_BYTES else chunks:
                self._write(chunk)
            os.fdatasync(self._descriptor)
        except OSError:
            self._cut_back()
            raise
        self.size += total

    def _write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _cut_back(self) -> None:
        """Give a full disk its bytes back; a reader steps over them where even that fails."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, self.size)

    def close(self) -> None:
        """Seal the segment: it grows no more."""
        os.close(self._descriptor)


def sync_directory(directory: Path) -> None:
    """Force names in the directory to disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def list_segments(directory: Path) -> list[Path]:
    """Segments, the oldest first."""
    return sorted(path for path in directory.iterdir() if path.suffix == SUFFIX)


def bytes_in_segments(directory: Path) -> int:
    """Bytes of all segments; one that vanishes meanwhile counts nothing."""
    total = 0
    for path in list_segments(directory):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def is_sealed(path: Path) -> bool:
    """Whether no process can append any more. Raises FileNotFoundError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
