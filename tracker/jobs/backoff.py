"""What is kept of a failure, and how long to wait after so many."""

import traceback
from datetime import timedelta

LONGEST_ERROR = 300
LONGEST_TRACEBACK = 10_000

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 8


def pause_before(tries: int) -> timedelta:
    """How long to wait before the next try, after so many: 10 s, 30 s, 90 s … an hour."""
    return min(FIRST_PAUSE * int(3**tries), LONGEST_PAUSE)


def describe(error: BaseException) -> tuple[str, str]:
    """Type and text, and the end of the traceback, as a database takes them."""
    text = f"{type(error).__name__}: {error}"
    lines = "".join(traceback.format_exception(error))
    return text[:LONGEST_ERROR].replace("\0", ""), lines[-LONGEST_TRACEBACK:].replace("\0", "")
