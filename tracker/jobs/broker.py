"""Celery's broker of one machine: kombu's folder of messages, in which every message appears whole.

kombu makes a message's file before it writes it, so that a worker that looks in between reads an empty one and dies of
it; and it takes messages by way of the machine's folder for temporary files. Here both are one rename. And where kombu
looks into the folder fifty times a second, here a worker sleeps until the process that puts a message in wakes it
through a pipe.
"""

import contextlib
import json
import os
import select
import uuid
from math import inf
from pathlib import Path
from queue import Empty
from time import monotonic, monotonic_ns, sleep
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem

PIPE = "wake-up"
MAX_SLEEP_SECONDS = 0.5
"""A wake-up may get lost with the worker that took it."""
SLEEP_WITHOUT_PIPE_SECONDS = 0.02
"""Where the file system has no pipes."""


def wake_sleeper(folder: Path) -> None:
    """Wake the worker that sleeps at the folder's pipe, if one does."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder / PIPE, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(descriptor, b"!")
        finally:
            os.close(descriptor)


class WakeUpPipe:
    """A named pipe: the sleeper holds it open, and a process that wakes it writes a byte."""

    def __init__(self, folder: Path) -> None:
        path = folder / PIPE
        self._descriptor: int | None = None
        with contextlib.suppress(OSError):
            if not path.exists():
                os.mkfifo(path, 0o600)
            # For writing as well, so that it is never at its end and the sleep never over without a wake-up.
            self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def sleep(self, seconds: float) -> None:
        """Until it is woken, or at most so many seconds; a wake-up since the last sleep counts."""
        if self._descriptor is None:
            sleep(min(seconds, SLEEP_WITHOUT_PIPE_SECONDS))
        elif select.select([self._descriptor], [], [], min(seconds, MAX_SLEEP_SECONDS))[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._descriptor, 4096)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


class Channel(filesystem.Channel):
    """Puts and gets by rename within the folder."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        path = Path(self.data_folder_out) / f"{monotonic_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        unborn = path.with_suffix(".new")
        try:
            unborn.write_text(json.dumps(payload))
            unborn.rename(path)
        except OSError as error:
            raise ChannelError(f"Cannot put a message into {path.parent}") from error
        wake_sleeper(path.parent)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                # Another worker was faster.
                continue
            text = taken.read_text()
            taken.unlink()
            return json.loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """Waits for messages at the pipe."""

    Channel = Channel
    client: Any
    cycle: Any
    _pipe: WakeUpPipe | None = None

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """Deliver the next message. Raises TimeoutError where none comes within so many seconds."""
        deadline = monotonic() + (inf if timeout is None else timeout)
        pipe = self._pipe = self._pipe or WakeUpPipe(Path(self.client.transport_options["data_folder_in"]))
        while True:
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = deadline - monotonic()
                if left <= 0:
                    raise TimeoutError from None
                pipe.sleep(left)
            else:
                return

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


def use_whole_messages() -> None:
    """Let `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
