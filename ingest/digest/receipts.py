"""Which entries are recorded although the spool still holds them: a worker died between commit and acknowledgement."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.spool import Claimed
from tracker.models import DigestReceipt

KEPT_FOR = timedelta(days=7)
"""A worker's last receipt outlives it for as long; its entries come again within minutes of a worker's start."""


def find_recorded(claimed: Sequence[Claimed], but_by: str = "") -> set[str]:
    """Ids among those that come again whose rows are committed, by another than the consumer `but_by`.

    No query where all entries are new.
    """
    again = {each.id for each in claimed if each.attempts > 1}
    if not again:
        return set()
    receipts = DigestReceipt.objects.exclude(consumer=but_by).values_list("entry_ids", flat=True)
    return again & {entry_id for ids in receipts for entry_id in ids}


def write_receipt(consumer: str, entry_ids: Sequence[str], now: datetime) -> None:
    """Replace the consumer's receipt, in the transaction that records the entries."""
    DigestReceipt.objects.bulk_create(
        [DigestReceipt(consumer=consumer, entry_ids=list(entry_ids), recorded_at=now)],
        update_conflicts=True,
        unique_fields=["consumer"],
        update_fields=["entry_ids", "recorded_at"],
    )


def forget_receipts(now: datetime) -> None:
    """Remove receipts of workers that are long gone."""
    DigestReceipt.objects.filter(recorded_at__lt=now - KEPT_FOR).delete()
