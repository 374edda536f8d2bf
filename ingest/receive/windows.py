"""Fixed windows of time in which quantities are counted against rate limits."""

import threading
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True, frozen=True)
class Limit:
    """At most `quantity` of a category in each `window_seconds`; an empty category means everything."""

    id: int
    scope: str
    """`key` or `project`, as `X-Sentry-Rate-Limits` says it."""
    category: str
    quantity: int
    window_seconds: int

    def covers(self, category: str) -> bool:
        return self.category in ("", category)

    def window_at(self, now: float) -> int:
        """The number of the window in which a moment lies."""
        return int(now // self.window_seconds)

    def seconds_left(self, now: float) -> int:
        """Whole seconds until the next window, at least one."""
        return max(1, int(self.window_seconds - now % self.window_seconds + 0.999))


class WindowsUnavailable(Exception):
    """The place where quantities are counted does not answer."""


class Windows(Protocol):
    """Counts per limit and window; thread-safe."""

    def take(self, limit: Limit, quantity: int, now: float) -> int:
        """How much of `quantity` the limit grants: all, some or nothing; what is granted is counted.

        Raises WindowsUnavailable.
        """


class LocalWindows:
    """Counts of this process, which on one machine is the only one."""

    _MAX_COUNTS = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used: dict[int, tuple[int, int]] = {}

    def take(self, limit: Limit, quantity: int, now: float) -> int:
        """How much of `quantity` the limit grants; what is granted is counted."""
        window = limit.window_at(now)
        with self._lock:
            counted_in, used = self._used.get(limit.id, (window, 0))
            if counted_in != window:
                used = 0
            granted = max(0, min(quantity, limit.quantity - used))
            if limit.id not in self._used and len(self._used) >= self._MAX_COUNTS:
                del self._used[next(iter(self._used))]
            self._used[limit.id] = window, used + granted
        return granted
