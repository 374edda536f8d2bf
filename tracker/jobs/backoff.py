"""What is kept of a failure, and how long to wait after so many."""

import traceback
from datetime import timedelta

MAX_ERROR_LENGTH = 300
MAX_TRACEBACK_LENGTH = 10_000

FIRST_PAUSE = timedelta(seconds=10)
MAX_PAUSE = timedelta(hours=1)
MAX_TRIES = 8


def pause_before(tries: int) -> timedelta:
    """How long to wait before the next try, after so many: 10 s, 30 s, 90 s … an hour."""
    return min(FIRST_PAUSE * int(3**tries), MAX_PAUSE)


def describe(error: BaseException) -> tuple[str, str]:
    """Type and text, and the end of the traceback, as a database takes them."""
    text = f"{type(error).__name__}: {error}"
    lines = "".join(traceback.format_exception(error))
    return text[:MAX_ERROR_LENGTH].replace("\0", ""), lines[-MAX_TRACEBACK_LENGTH:].replace("\0", "")
