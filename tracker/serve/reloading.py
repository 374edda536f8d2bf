"""A program that starts again whenever code changes: for development, with nothing but Python."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

LOOK_SECONDS = 0.3
STOP_SECONDS = 30.0
Snapshot = dict[Path, int]
"""When each file was changed last, in nanoseconds."""


def snapshot(folders: Sequence[Path]) -> Snapshot:
    """Every Python file below the folders."""
    return dict(_changes(folders))


def _changes(folders: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    for folder in folders:
        for path in folder.rglob("*.py"):
            try:
                yield path, path.stat().st_mtime_ns
            except FileNotFoundError:
                # It was replaced just now; the next look finds it.
                continue


def changed(before: Snapshot, now: Snapshot) -> list[Path]:
    """Files that are new, gone, or have changed, in order."""
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


class Reloader:
    """Runs a command, and runs it again after each change below some folders."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folders: Sequence[Path],
        tell: Callable[[str], None],
    ) -> None:
        self._command = command
        self._environment = environment
        self._folders = folders
        self._tell = tell
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopping = False

    def run(self) -> None:
        """Until `stop` is called. A command that ends by itself is started again only after a change."""
        seen = snapshot(self._folders)
        try:
            while not self._is_stopping:
                self._start()
                seen = self._wait_for_change(seen)
                self._end()
        finally:
            self._end()

    def stop(self) -> None:
        self._is_stopping = True

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, env=dict(self._environment))  # noqa: S603

    def _wait_for_change(self, seen: Snapshot) -> Snapshot:
        """Watch; returns what there is after a change, or once it is told to stop."""
        is_running = True
        while not self._is_stopping:
            time.sleep(LOOK_SECONDS)
            if is_running and self._process and self._process.poll() is not None:
                is_running = False
                self._tell("It ended; it starts again after the next change.")
            now = snapshot(self._folders)
            if paths := changed(seen, now):
                others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
                self._tell(f"{paths[0].name}{others} changed: starting again.")
                return now
        return seen

    def _end(self) -> None:
        """Tell it to stop, and wait; after a while it is killed."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
