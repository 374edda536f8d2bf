"""Who may take which row: at most one worker has one, on any number of machines, for as long as its lock lasts.

A worker that dies says nothing; when its lock has expired, the row is due again and its next claim tells of the loss.
The lock's end also names the claim: a worker whose claim is over changes nothing any more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from tracker.models.jobs import PENDING, Claimable, JobStatus

LOST = "A worker took it up and never said what became of it: it was killed, or the machine stopped."

Row = TypeVar("Row", bound=Claimable)


@dataclass(slots=True, frozen=True)
class Claim(Generic[Row]):
    """A row in this worker's hands. `row` is as it was claimed, its `attempts` counting this one."""

    row: Row
    was_lost: bool
    """Whether it comes from a worker of which nothing was heard any more."""

    def update(self, **values: Any) -> bool:
        """Change the row, unless it was asked for again, dismissed or claimed by another meanwhile; whether it was."""
        rows = type(self.row)._default_manager.filter(
            pk=self.row.pk, status=JobStatus.RUNNING, locked_until=self.row.locked_until
        )
        return bool(rows.update(**values))

    def release(self, run_at: datetime, **values: Any) -> bool:
        """Let it wait until then."""
        return self.update(status=JobStatus.WAITING, locked_until=None, run_at=run_at, **values)

    def give_up(self, **values: Any) -> bool:
        return self.update(status=JobStatus.FAILED, locked_until=None, **values)


def due(rows: QuerySet[Row], now: datetime) -> QuerySet[Row]:
    """Those whose turn it is, what has waited longest first."""
    unlocked = Q(locked_until=None) | Q(locked_until__lte=now)
    return rows.filter(unlocked, status__in=PENDING, run_at__lte=now).order_by("run_at", "pk")


def claim(rows: QuerySet[Row], now: datetime, lock_for: Callable[[int], timedelta]) -> Claim[Row] | None:
    """Take the row whose turn it is; None where there is none. Raises database errors.

    `lock_for` tells from the number of attempts how long the lock lasts.
    """
    if not due(rows, now).exists():
        # A query that only looks must not wait for another worker's write.
        return None
    with transaction.atomic():
        row = due(rows, now).select_for_update(skip_locked=True).first()
        if row is None:
            return None
        was_lost = row.status == JobStatus.RUNNING
        row.status, row.attempts = JobStatus.RUNNING, row.attempts + 1
        row.locked_until = now + lock_for(row.attempts)
        row.save(update_fields=["status", "attempts", "locked_until"])
    return Claim(row, was_lost)
