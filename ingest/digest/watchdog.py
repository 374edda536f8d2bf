"""The hard limit: a worker that spends too much processor time without any progress is killed by the kernel.

Only the kernel can: a regular expression holds the interpreter, so that no thread of the worker gets its turn. Counted
is processor time, because waiting for the database is nobody's fault. Where the worker was is written down while it
dies, by a signal handler in C.
"""

import faulthandler
import signal
import sys
from pathlib import Path

from tracker.spool.workers import WorkerFile, read_last_words


class Watchdog:
    """For the one thread that digests; in use as a context manager."""

    def __init__(self, folder: Path, worker: str, seconds: float) -> None:
        """`seconds` of processor time; the file of `worker` in `folder` gets the last words. Raises OSError."""
        self._file = WorkerFile(folder, worker)
        self._seconds = seconds

    def __enter__(self) -> "Watchdog":
        # Chained to what the signal does by itself: it ends the process.
        faulthandler.register(signal.SIGPROF, file=self._file.descriptor, all_threads=False, chain=True)
        self.progress()
        return self

    def __exit__(self, *failure: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.register(signal.SIGPROF, file=sys.__stderr__ or 2, all_threads=False, chain=True)

    def progress(self) -> None:
        """An entry is done: the time counts from here. Costs less than a microsecond."""
        signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def last_words_of(self, worker: str) -> str:
        """Where a worker of this machine was when the hard limit stopped it; empty where it was not."""
        return read_last_words(self._file.folder, worker)


class NoWatchdog:
    """Where nobody would start the process again."""

    def __enter__(self) -> "NoWatchdog":
        return self

    def __exit__(self, *failure: object) -> None:
        return

    def progress(self) -> None:
        return

    def last_words_of(self, worker: str) -> str:
        return ""
