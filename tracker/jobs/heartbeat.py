"""Whether a worker is there: it leaves a sign with every sweep, and `/readyz` looks at its age."""

import time
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Heartbeat(Protocol):
    def beat(self) -> None:
        """A worker is there, now."""

    def age(self) -> float | None:
        """Seconds since the last beat of any worker; None where there was none."""

    def forget(self) -> None:
        """As if there had never been one."""


class FileHeartbeat:
    """The time of a file's last change. For one machine."""

    def __init__(self) -> None:
        settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
        self._path: Path = settings.SPOOL_DIR / "worker-alive"

    def beat(self) -> None:
        self._path.touch()

    def age(self) -> float | None:
        try:
            return time.time() - self._path.stat().st_mtime
        except FileNotFoundError:
            return None

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


@cache
def open_heartbeat() -> Heartbeat:
    """The installation's heartbeat, loaded by name as the spool is."""
    heartbeat: Heartbeat = import_string(settings.HEARTBEAT_BACKEND)()
    return heartbeat
