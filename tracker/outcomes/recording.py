"""What became of each item that was received: counted, so that the sum balances.

    received = stored + duplicate + filtered + rate_limited + invalid + waiting

per project and category, exactly, whatever is killed when:

* An item in the spool is `waiting`: the entry itself is the record of it, no counter is. The worker that digests the
  entry counts `received` and the item's outcome together, in the transaction that stores its rows, through
  `record_outcomes`.
* An item that the ingest endpoint refuses never enters the spool. The endpoint counts `received` and the outcome
  together in memory (`Tally`) and they are written in one statement; a killed process loses both or neither.

So each counted item is counted under `received` and under exactly one other outcome of the sum. Items are counted in
the quantity of `ingest.item_types.quantity_of`: a container of 100 logs is 100. Requests without a known key are not
counted, for they belong to no project.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from multiprocessing.util import Finalize

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F

from tracker.models import OutcomeCount, Project
from tracker.storage.connections import close_obsolete_connections
from tracker.storage.sql import Columns, write_rows

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    RECEIVED = "received"
    STORED = "stored"
    DUPLICATE = "duplicate"
    FILTERED = "filtered"
    RATE_LIMITED = "rate_limited"
    INVALID = "invalid"
    UNCHECKED = "unchecked"
    """Beside the sum: what passed its rate limits unasked, as their counts could not be reached."""
    CLIENT_DISCARD = "client_discard"
    """Beside the sum: what clients say that they dropped before they sent it."""


@dataclass(slots=True, frozen=True, order=True)
class OutcomeKey:
    """One row of `OutcomeCount`; `minute` is minutes since 1970 UTC."""

    project_id: int
    key_id: int
    minute: int
    category: str
    outcome: str
    reason: str = ""


def minute_of(seconds: float) -> int:
    """The minute since 1970 in which a moment lies."""
    return int(seconds // 60)


_ROWS_PER_BATCH = 1_000
# A project may have been deleted while its items were under way; the join leaves out what belongs to no one any more.
_UPSERT = """
INSERT INTO tracker_outcomecount (project_id, key_id, minute, category, outcome, reason, quantity)
SELECT column1, column2, column3, column4, column5, column6, column7
FROM (VALUES {rows}) AS counted JOIN tracker_project ON tracker_project.id = column1
WHERE true
ON CONFLICT (project_id, minute, key_id, category, outcome, reason)
DO UPDATE SET quantity = tracker_outcomecount.quantity + excluded.quantity
"""


def record_outcomes(counts: Mapping[OutcomeKey, int]) -> None:
    """Add counts to `OutcomeCount`, in the caller's transaction: one statement for up to a thousand rows."""
    # Sorted, so that two writers lock rows in the same order and never wait for each other in a circle.
    rows = iter(sorted(counts.items()))
    with connection.cursor() as cursor:
        while batch := list(islice(rows, _ROWS_PER_BATCH)):
            cursor.execute(
                _UPSERT.format(rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(batch))),
                [value for key, quantity in batch for value in (*_row(key), quantity)],
            )


def _row(key: OutcomeKey) -> tuple[int, int, int, str, str, str]:
    return key.project_id, key.key_id, key.minute, key.category, key.outcome, key.reason


class Tally:
    """Counts of this process that are not written yet; bounded, safe to use from many threads."""

    def __init__(self, *, rows_limit: int = 10_000) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[OutcomeKey] = Counter()
        self._rows_limit = rows_limit

    def add(self, keys: Iterable[tuple[OutcomeKey, int]]) -> None:
        """Count; when there are too many rows, minutes are folded together and no quantity is lost."""
        with self._lock:
            for key, quantity in keys:
                self._counts[key] += quantity
            if len(self._counts) > self._rows_limit:
                self._counts = _fold_minutes(self._counts)

    def take(self) -> Counter[OutcomeKey]:
        """All counts, which the caller now has to write or to give back by `add`."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

    def flush(self) -> None:
        """Write all counts in one transaction; those that cannot be written now are kept for the next time."""
        taken = self.take()
        if not taken:
            return
        close_obsolete_connections()
        try:
            with transaction.atomic():
                record_outcomes(taken)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("outcomes are kept in memory, the database does not take them: %s", error)
            self.add(taken.items())
        finally:
            close_obsolete_connections()


def _fold_minutes(counts: Counter[OutcomeKey]) -> Counter[OutcomeKey]:
    newest = max(key.minute for key in counts)
    folded: Counter[OutcomeKey] = Counter()
    for key, quantity in counts.items():
        folded[replace(key, minute=newest)] += quantity
    return folded


class Flusher:
    """A tally and the daemon thread that flushes it every few seconds and at exit; the first count starts it."""

    def __init__(self, tally: Tally, *, interval_seconds: float = 5.0) -> None:
        self._tally = tally
        self._interval_seconds = interval_seconds
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, counts: Iterable[tuple[OutcomeKey, int]]) -> None:
        """Count, and ensure that the counts are written soon."""
        self._tally.add(counts)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="outcomes", daemon=True)
                self._thread.start()
                # Not `atexit`, which a forked web server's process does not run.
                Finalize(None, self._tally.flush, exitpriority=0)

    def _run(self) -> None:
        while True:
            time.sleep(self._interval_seconds)
            try:
                self._tally.flush()
            except Exception:
                logger.exception("outcomes could not be flushed")


MINUTES_KEPT = timedelta(days=2)
BATCH_ROWS = 500
COLUMNS: Columns = (
    ("project_id", "bigint"),
    ("minute", "integer"),
    ("key_id", "bigint"),
    ("category", "text"),
    ("outcome", "text"),
    ("reason", "text"),
    ("quantity", "bigint"),
)
ADD = (
    "ON CONFLICT (project_id, minute, key_id, category, outcome, reason) "
    "DO UPDATE SET quantity = tracker_outcomecount.quantity + excluded.quantity"
)


def fold_outcomes(project: Project, now: datetime) -> int:
    """All of `folding` at once; returns how many rows."""
    return sum(folding(project, now))


def folding(project: Project, now: datetime) -> Iterator[int]:
    """Add what was counted in each minute to its hour's first minute; yields how many rows after each transaction."""
    before = int((now - MINUTES_KEPT).timestamp()) // 60
    rows = OutcomeCount.objects.filter(project=project, minute__lt=before - before % 60)
    fine = rows.annotate(past_hour=F("minute") % 60).filter(past_hour__gt=0)
    while True:
        with transaction.atomic():
            # Locked, so that nothing that is counted late is lost between reading and deleting.
            batch = list(fine.order_by("minute", "pk").select_for_update()[:BATCH_ROWS])
            hours: Counter[tuple[int, int, int, str, str, str]] = Counter()
            for row in batch:
                hour = row.minute - row.minute % 60
                hours[row.project_id, hour, row.key_id, row.category, row.outcome, row.reason] += row.quantity
            write_rows("tracker_outcomecount", COLUMNS, [(*key, total) for key, total in sorted(hours.items())], ADD)
            OutcomeCount.objects.filter(pk__in=[row.pk for row in batch]).delete()
        if batch:
            yield len(batch)
        if len(batch) < BATCH_ROWS:
            return
