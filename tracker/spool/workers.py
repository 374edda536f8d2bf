"""One file for each worker of this machine: locked while the worker lives, with its last words where it was stopped.

A process that finds the lock free knows at once that the worker is dead, and need not wait until its claims are over.
"""

import fcntl
import os
from collections.abc import Collection
from pathlib import Path

NEW = ".new"
MAX_DEAD = 100
"""Files of dead workers that are kept: their last words tell why an entry is a dead letter."""
MAX_LAST_WORDS = 1_500


class WorkerFile:
    """The file of this process. The kernel gives the lock back, however the process ends."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make and lock it. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.name = name
        unborn = folder / (name + NEW)
        self.descriptor = os.open(unborn, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        # Locked before it can be seen: a file that nobody has locked is a dead worker's.
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        unborn.rename(folder / name)
        _forget_oldest(folder)

    def close(self) -> None:
        """As if the process had ended."""
        os.close(self.descriptor)


def find_dead(folder: Path, leave_out: Collection[str] = ()) -> list[str]:
    """Names of the workers that are dead, the latest first."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix != NEW and path.name not in leave_out]
    except FileNotFoundError:
        return []
    dead = [(_changed_at(path), path.name) for path in paths if _is_dead(path)]
    return [name for _, name in sorted(dead, reverse=True)]


def read_last_words(folder: Path, name: str) -> str:
    """Where the worker was when the hard limit stopped it; empty where it was not, or where its file is not here."""
    try:
        with (folder / name).open("rb") as file:
            return file.read(MAX_LAST_WORDS).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _is_dead(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _forget_oldest(folder: Path) -> None:
    for name in find_dead(folder)[MAX_DEAD:]:
        (folder / name).unlink(missing_ok=True)
