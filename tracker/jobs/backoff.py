"""What is kept of a failure, and how long to wait after so many."""

import traceback
from dataclasses import dataclass
from datetime import timedelta

MAX_ERROR_LENGTH = 300
MAX_TRACEBACK_LENGTH = 10_000


@dataclass(slots=True, frozen=True)
class Backoff:
    """Pauses that grow by a factor up to a longest one; after so many attempts it is over."""

    first: timedelta
    factor: int
    longest: timedelta
    max_attempts: int

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts, at least one."""
        # Bounded before it is multiplied, since a factor's power soon is more than a time span holds.
        growth = min(int(self.factor ** min(attempts - 1, 64)), int(self.longest / self.first) + 1)
        return min(self.first * growth, self.longest)

    def is_over(self, attempts: int) -> bool:
        return attempts >= self.max_attempts


WORK_BACKOFF = Backoff(timedelta(seconds=10), 3, timedelta(hours=1), max_attempts=8)
"""10 s, 30 s, 90 s … an hour."""
DELIVER_BACKOFF = Backoff(timedelta(seconds=1), 2, timedelta(hours=1), max_attempts=36)
"""1 s, 2 s, 4 s … an hour, and for a day: the thirty-sixth attempt begins 24 hours after the first."""


def describe(error: BaseException) -> tuple[str, str]:
    """Type and text, and the end of the traceback, as a database takes them."""
    text = f"{type(error).__name__}: {error}"
    lines = "".join(traceback.format_exception(error))
    return storable(text)[:MAX_ERROR_LENGTH], storable(lines)[-MAX_TRACEBACK_LENGTH:]


def storable(text: str) -> str:
    """Without what a database refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
