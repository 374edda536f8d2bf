"""From the spool to the database until the spool is empty: claim, digest, acknowledge.

What can go wrong with a batch, and what happens then:

* The database is away or refuses everyone: nothing is acknowledged, `DatabaseAway` is raised, entries wait.
* The database refuses this batch: it is halved until the guilty entry is alone, and that one is set aside.
* The database stands still for so long that another worker has claimed the batch: it is rolled back and left to them.
* The worker dies over a batch, again and again: its entries are taken one by one, each marked as set aside before it is
  tried, so that the guilty one is known when it strikes again.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from ingest.digest.batch import NotOurs, digest_batch, find_recorded, forget_receipts, set_aside, write_receipt
from ingest.digest.entry import Reading, count_item
from tracker.models import DeadLetter
from tracker.outcomes.recording import Outcome, record_outcomes
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.spool import Claimed, Spool

logger = logging.getLogger(__name__)

SUSPECT_FROM_ATTEMPT = 4
PROBE = "probe"


class DatabaseAway(Exception):
    """The database takes nothing from anyone at the moment."""


class Digester:
    """Digests one spool, in one thread."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._database_was_away = False
        self._is_new = True

    def run(self, seconds: float) -> bool:
        """Digest until the spool is empty (true) or the time is over (false). Raises DatabaseAway, SpoolUnavailable."""
        self._prepare()
        deadline = time.monotonic() + seconds
        while claimed := self._spool.claim(settings.DIGEST_BATCH):
            try:
                if any(each.attempts >= SUSPECT_FROM_ATTEMPT for each in claimed):
                    self._digest_one_by_one(claimed)
                else:
                    self._digest_all(claimed)
            except NotOurs:
                logger.warning("a batch took longer than its claim lasts, what is still ours is digested anew")
                self._recover()
            if time.monotonic() >= deadline:
                return False
        return True

    def _prepare(self) -> None:
        if self._database_was_away:
            # Asked before entries are claimed: waiting for a database must not make them suspicious.
            _check_database()
            self._database_was_away = False
        if self._is_new:
            self._guarded(partial(forget_receipts, _now()))
            self._is_new = False
        if connection.vendor == "sqlite":
            # The spool forgets what is committed; a power cut must not, so this connection waits for the disk.
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA synchronous = FULL")

    def _digest_all(self, claimed: Sequence[Claimed]) -> None:
        rest = list(claimed)
        while rest:
            done = self._record(rest)
            rest = rest[len(done) :]

    def _record(self, claimed: Sequence[Claimed]) -> Sequence[str]:
        """Record and acknowledge entries from the front; returns their ids. Alone, a guilty entry is set aside."""
        for last_try in (False, True):
            try:
                done = digest_batch(claimed, self._spool.consumer, _now(), self._spool.is_held)
            except NotOurs:
                raise
            except (OperationalError, InterfaceError) as error:
                self._recover()
                if not last_try:
                    continue
                failure: Exception = error
            except Exception as error:
                self._recover()
                failure = error
            else:
                self._spool.ack(done)
                return done
            break
        if len(claimed) > 1:
            half = len(claimed) // 2
            self._digest_all(claimed[:half])
            return [*(each.id for each in claimed[:half]), *self._record(claimed[half:])]
        self._give_up(claimed[0], failure)
        return [claimed[0].id]

    def _give_up(self, claimed: Claimed, error: Exception | str) -> None:
        now = _now()

        def record() -> None:
            with transaction.atomic():
                set_aside(claimed, error, now)
                self._count_as_dead_letter(claimed, now)

        self._guarded(record)
        self._spool.ack([claimed.id])

    def _count_as_dead_letter(self, claimed: Claimed, now: datetime) -> None:
        counted = Reading()
        count_item(counted.outcomes, claimed.entry, "error", Outcome.INVALID, "set_aside", 1)
        record_outcomes(counted.outcomes)
        write_receipt(self._spool.consumer, [claimed.id], now)

    def _digest_one_by_one(self, claimed: Sequence[Claimed]) -> None:
        logger.warning("%d entries were claimed several times and never finished: one by one now", len(claimed))
        for each in claimed:
            self._guarded(partial(self._try_alone, each))

    def _try_alone(self, claimed: Claimed) -> None:
        now = _now()
        if find_recorded([claimed]):
            self._spool.ack([claimed.id])
            return
        if DeadLetter.objects.filter(entry_id=claimed.id).exists():
            with transaction.atomic():
                self._count_as_dead_letter(claimed, now)
            self._spool.ack([claimed.id])
            return
        mark = set_aside(claimed, "the worker did not survive it", now)
        try:
            with transaction.atomic():
                mark.delete()
                digest_batch([claimed], self._spool.consumer, now, self._spool.is_held)
        except (OperationalError, InterfaceError, NotOurs):
            DeadLetter.objects.filter(entry_id=claimed.id).delete()
            raise
        except Exception as error:
            self._recover()
            with transaction.atomic():
                DeadLetter.objects.filter(entry_id=claimed.id).delete()
                set_aside(claimed, error, now)
                self._count_as_dead_letter(claimed, now)
        self._spool.ack([claimed.id])

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do something in the database. Raises DatabaseAway where that is the trouble."""
        try:
            work()
        except (OperationalError, InterfaceError):
            self._recover()
            work()

    def _recover(self) -> None:
        """After a failed transaction: forget what it may have invented. Raises DatabaseAway."""
        forget_dimensions()
        forget_keys()
        try:
            _check_database()
        except DatabaseAway:
            self._database_was_away = True
            raise


def _check_database() -> None:
    """Write something on a fresh connection: also a full disk or a standby server is no database to us."""
    connection.close()
    try:
        with transaction.atomic():
            write_receipt(PROBE, [], _now())
    except Error as error:
        connection.close()
        raise DatabaseAway(str(error)) from error


def _now() -> datetime:
    return datetime.now(UTC)
