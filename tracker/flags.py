"""Whether a message of a kind is waiting for a worker, as all processes see it: while one waits, no second is sent."""

import contextlib
import os
import time
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

FALLS_AFTER_SECONDS = 5
"""A flag falls by itself then: its message got lost, or waits in a queue in which one more does no harm."""


class Flag(Protocol):
    """Raised by whoever sends the message, lowered by whoever takes it."""

    def raise_(self) -> bool:
        """Raise the flag; False where it was up already."""

    def lower(self) -> None:
        """The next `raise_` is true again."""


class FileFlag:
    """A file that is there or not. For one machine."""

    def __init__(self, name: str) -> None:
        for folder in (settings.SPOOL_DIR, settings.BROKER_DIR):
            folder.mkdir(parents=True, exist_ok=True)
        self._path: Path = settings.SPOOL_DIR / name

    def raise_(self) -> bool:
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return self._raise_fallen()
        return True

    def lower(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _raise_fallen(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if time.time() - self._path.stat().st_mtime > FALLS_AFTER_SECONDS:
                self._path.touch()
                return True
        return False


@cache
def open_flag(name: str) -> Flag:
    """The installation's flag of a name, loaded so that one machine never pays for the Redis client's memory."""
    flag: Flag = import_string("tracker.flags_redis.RedisFlag")(name) if settings.REDIS_URL else FileFlag(name)
    return flag
