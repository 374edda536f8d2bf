"""When did it happen? Clients' clocks are wrong, by minutes or by years."""

from datetime import datetime, timedelta

CORRECTED_FROM = timedelta(seconds=60)
"""A smaller difference between clocks cannot be told from the time that sending took."""
OLDEST = timedelta(days=30)
"""An event that claims to be older is dated by its arrival: it would be filed where no one looks for it."""


def occurred_at(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """The event's time by the server's clock: corrected once by the envelope's `sent_at`, never in the future."""
    if timestamp is None:
        return received_at
    try:
        if sent_at is not None and abs(received_at - sent_at) >= CORRECTED_FROM:
            timestamp += received_at - sent_at
        is_believable = received_at - OLDEST <= timestamp <= received_at
    except OverflowError:
        return received_at
    return timestamp if is_believable else received_at
