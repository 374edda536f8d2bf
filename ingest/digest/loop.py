"""From the spool to the database until the spool is empty: claim, digest, acknowledge.

What can go wrong with a batch, and what happens then:

* The database or the spool is away, or refuses everyone: nothing is acknowledged, the entries wait, none is blamed.
* The database refuses this batch: it is halved until the offending entry is alone, and that one becomes a dead letter.
* Another worker has taken over some of the batch: it is rolled back, and what is still ours is digested again.
* The worker died over a batch, or lost it: what was claimed before is tried entry by entry, and remembered durably
  before. A worker that is stopped by the hard limit over a lone entry leaves a trace of it: a dead letter. One that was
  killed otherwise leaves none; then it takes `MAX_LONE_TRIES`, so that no entry is blamed for a power cut.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from ingest.digest.batch import (
    ClaimLost,
    digest_batch,
    find_recorded,
    forget_receipts,
    write_dead_letter,
    write_receipt,
)
from ingest.digest.entry import Reading, count_item
from ingest.digest.watchdog import NoWatchdog, Watchdog
from tracker.outcomes.recording import Outcome, record_outcomes
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.spool import Claimed, Spool, SpoolUnavailable

logger = logging.getLogger(__name__)

MAX_LONE_TRIES = 3
PROBE = "probe"
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code where somebody else held a lock for longer than `lock_timeout`."""
CONFLICTS = (LOCK_NOT_AVAILABLE, "40P01", "40001")
"""PostgreSQL's codes where it depends on others whether a transaction goes through: locks, deadlocks, serialization."""
STOPPED = "its worker spent more than {seconds:g} s of processor time on it and was killed, there:\n{place}"
DIED = "its worker did not survive it, {times} times"


class DatabaseAway(Exception):
    """The database takes nothing from anyone at the moment."""


class Digester:
    """Digests one spool, in one thread."""

    def __init__(self, spool: Spool, watchdog: Watchdog | NoWatchdog | None = None) -> None:
        self._spool = spool
        self._watchdog = watchdog or NoWatchdog()
        self._database_was_away = False
        self._is_new = True
        self._excused: set[str] = set()
        """Entries that were claimed when database or spool turned out to be away."""
        self._unacknowledged: Sequence[str] = ()
        """Entries that are recorded, but the spool did not hear of it."""

    def run(self, seconds: float) -> bool:
        """Digest until the spool is empty (true) or the time is over (false). Raises DatabaseAway, SpoolUnavailable."""
        self._prepare()
        deadline = time.monotonic() + seconds
        with self._watchdog:
            while claimed := self._spool.claim(settings.DIGEST_BATCH):
                try:
                    self._digest(claimed)
                except ClaimLost:
                    logger.warning("another worker took over some of a batch, what is still ours is digested again")
                    self._recover()
                except (DatabaseAway, SpoolUnavailable):
                    self._excused = {each.id for each in claimed if not self._is_suspect(each)}
                    raise
                if time.monotonic() >= deadline:
                    return False
        return True

    def _digest(self, claimed: Sequence[Claimed]) -> None:
        """In their order: the spool on disk forgets what is acknowledged behind something that is not."""
        for is_suspect, group in groupby(claimed, self._is_suspect):
            if is_suspect:
                self._digest_one_by_one(list(group))
            else:
                self._digest_all(list(group))

    def _is_suspect(self, claimed: Claimed) -> bool:
        return claimed.attempts > 1 and claimed.id not in self._excused

    def _acknowledge(self, ids: Sequence[str]) -> None:
        self._unacknowledged = ids
        self._spool.ack(ids)
        self._unacknowledged = ()

    def _prepare(self) -> None:
        if self._unacknowledged:
            # Before anything else is recorded, whose receipt replaces theirs: a worker that has taken them over
            # meanwhile then either reads that receipt, or finds that they are gone.
            self._acknowledge(self._unacknowledged)
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
        """Record and acknowledge entries from the front; returns their ids. Alone, a bad one becomes a dead letter."""
        for last_try in (False, True):
            self._watchdog.progress()
            try:
                done = self._digest_batch(claimed)
            except (ClaimLost, SpoolUnavailable):
                raise
            except (OperationalError, InterfaceError) as error:
                self._recover()
                code = getattr(error.__cause__, "sqlstate", None)
                if code == LOCK_NOT_AVAILABLE or (last_try and code in CONFLICTS):
                    raise DatabaseAway(str(error)) from error
                if not last_try:
                    # The commit may have gone through although its confirmation never came.
                    claimed = [replace(each, attempts=each.attempts + 1) for each in claimed]
                    continue
                failure: Exception = error
            except Exception as error:
                self._recover()
                failure = error
            else:
                self._acknowledge(done)
                return done
            break
        if len(claimed) > 1:
            half = len(claimed) // 2
            self._digest_all(claimed[:half])
            return [*(each.id for each in claimed[:half]), *self._record(claimed[half:])]
        self._give_up(claimed[0], failure)
        return [claimed[0].id]

    def _digest_batch(self, claimed: Sequence[Claimed]) -> list[str]:
        return digest_batch(claimed, self._spool.consumer, _now(), self._spool.is_held, self._watchdog.progress)

    def _give_up(self, claimed: Claimed, error: Exception | str) -> None:
        now = _now()

        def record() -> None:
            with transaction.atomic():
                write_dead_letter(claimed, error, now)
                self._count_as_dead_letter(claimed, now)

        self._guarded(record)
        self._acknowledge([claimed.id])

    def _count_as_dead_letter(self, claimed: Claimed, now: datetime) -> None:
        counted = Reading()
        count_item(counted.outcomes, claimed.entry, "error", Outcome.INVALID, "set_aside", 1)
        record_outcomes(counted.outcomes)
        write_receipt(self._spool.consumer, [claimed.id], now)

    def _digest_one_by_one(self, claimed: Sequence[Claimed]) -> None:
        logger.warning("%d entries were claimed before and never finished: one by one now", len(claimed))
        for each in claimed:
            self._guarded(partial(self._try_alone, each))

    def _try_alone(self, claimed: Claimed) -> None:
        if find_recorded([claimed]):
            self._acknowledge([claimed.id])
        elif reason := self._why_dead(claimed):
            self._give_up(claimed, reason)
        else:
            self._spool.begin_lone_try(claimed)
            try:
                self._record([claimed])
            except DatabaseAway:
                self._spool.withdraw_lone_try(claimed)
                raise

    def _why_dead(self, claimed: Claimed) -> str:
        """Why the entry becomes a dead letter; empty where it is tried once more."""
        for worker in claimed.tried_alone_by:
            if place := self._watchdog.last_words_of(worker):
                return STOPPED.format(seconds=settings.DIGEST_HARD_SECONDS, place=place)
        times = len(claimed.tried_alone_by)
        return DIED.format(times=times) if times >= MAX_LONE_TRIES else ""

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
