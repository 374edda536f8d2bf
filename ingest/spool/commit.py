"""Group commit: callers that come while the disk is busy share the next write and its fdatasync."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


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
