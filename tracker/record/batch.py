"""Record a batch of digested events."""

from collections.abc import Sequence
from datetime import datetime

from tracker.record.digested import Digested, Recorded


def record_batch(batch: Sequence[Digested], now: datetime) -> list[Recorded]:
    """Store the batch in one transaction; answers in the batch's order. Repeating it changes nothing (duplicates)."""
    raise NotImplementedError
