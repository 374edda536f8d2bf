"""Files that tell other processes which of this machine's children of `serve` live; `manage.py health` reads them."""

import contextlib
import socket
import time
from pathlib import Path

SUFFIX = ".alive"
TOUCH_SECONDS = 1.0
STALE_SECONDS = 15.0


class AliveFiles:
    """Written by the supervisor. Several machines may share the folder, so that the names begin with the machine's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._touched_at: dict[str, float] = {}

    def clear(self) -> None:
        """Forget the children of an earlier start."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob(f"{socket.gethostname()}-*{SUFFIX}"):
            path.unlink(missing_ok=True)

    def touch(self, name: str) -> None:
        """The child has answered. A full or broken disk is no trouble of the child's."""
        now = time.monotonic()
        if now - self._touched_at.get(name, 0.0) >= TOUCH_SECONDS:
            self._touched_at[name] = now
            with contextlib.suppress(OSError):
                _path(self._folder, name).touch()


def find_silent(folder: Path, kind: str) -> list[str]:
    """Why this machine's children of a kind (`worker`, `beat`) are not well, a sentence each; empty where they are."""
    paths = list(folder.glob(f"{socket.gethostname()}-{kind}*{SUFFIX}"))
    if not paths:
        return [f"no {kind} of this machine has answered yet"]
    ages = {path.stem: time.time() - path.stat().st_mtime for path in paths}
    return [f"{name} has not answered for {age:.0f} s" for name, age in ages.items() if age > STALE_SECONDS]


def _path(folder: Path, name: str) -> Path:
    return folder / f"{socket.gethostname()}-{name}{SUFFIX}"
