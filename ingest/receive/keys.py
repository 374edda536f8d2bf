"""Client keys as the ingest endpoint knows them: kept for seconds, and longer while the database is away."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import DatabaseError, InterfaceError
from django.db.models import Q

from ingest.errors import Unavailable
from ingest.receive.windows import Limit
from tracker.models import ProjectKey, RateLimit
from tracker.storage.connections import close_obsolete_connections

FRESH_SECONDS = 10.0
RETRY_SECONDS = 2.0
WAIT_SECONDS = 1.0
MAX_KEYS = 20_000

Value = TypeVar("Value")


@dataclass(slots=True, frozen=True)
class KeyInfo:
    key_id: int
    public_key: str
    project_id: int
    is_active: bool
    limits: tuple[Limit, ...] = ()
    """The rate limits of the key and of its project."""


class KeysUnavailable(Exception):
    """The place where keys are kept does not answer."""


@dataclass(slots=True)
class _Known:
    info: KeyInfo
    fresh_until: float


class Keys(Protocol):
    """Where keys are looked up."""

    def find(self, public_key: str) -> KeyInfo | None:
        """What is known of a key, or None if there is no such key. Raises Unavailable where that cannot be told now."""

    def is_fresh(self, public_key: str) -> bool:
        """Whether `find` answers at once, without the database."""

    def keep_using(self, public_key: str) -> None:
        """For a moment, what is known of a key counts as fresh: the database does not answer in time."""


class Keyring:
    """Keys that were looked up, fresh for ten seconds.

    Known and unknown keys are kept apart and each is bounded, so that a flood of wrong keys evicts no good one. One
    thread at a time asks the database; while it asks about a known key, the others go on with what they know, and
    when the database is away everyone does.
    """

    def __init__(
        self,
        load: Callable[[str], KeyInfo | None],
        *,
        clock: Callable[[], float] = time.monotonic,
        keys_limit: int = MAX_KEYS,
    ) -> None:
        self._load = load
        self._clock = clock
        self._keys_limit = keys_limit
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._unknown: dict[str, float] = {}

    def find(self, public_key: str) -> KeyInfo | None:
        """What is known of a key, or None if there is no such key. Raises Unavailable where that cannot be told now."""
        known = self._known.get(public_key)
        now = self._clock()
        if known is not None:
            return known.info if now < known.fresh_until else self._refresh(public_key, known, now)
        if now < self._unknown.get(public_key, 0.0):
            return None
        return self._look_up(public_key)

    def is_fresh(self, public_key: str) -> bool:
        """Whether `find` answers at once, without the database."""
        known = self._known.get(public_key)
        return self._clock() < (self._unknown.get(public_key, 0.0) if known is None else known.fresh_until)

    def keep_using(self, public_key: str) -> None:
        """For a moment, what is known of a key counts as fresh: the database does not answer in time."""
        known = self._known.get(public_key)
        if known is not None:
            known.fresh_until = self._clock() + RETRY_SECONDS

    def _refresh(self, public_key: str, known: _Known, now: float) -> KeyInfo | None:
        if not self._lock.acquire(blocking=False):
            self.keep_using(public_key)
            return known.info
        try:
            info = self._load(public_key)
        except KeysUnavailable:
            self.keep_using(public_key)
            return known.info
        else:
            self._remember(public_key, info)
            return info
        finally:
            self._lock.release()

    def _look_up(self, public_key: str) -> KeyInfo | None:
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("the key cannot be looked up at the moment")
        try:
            known = self._known.get(public_key)
            if known is not None:
                return known.info
            info = self._load(public_key)
        except KeysUnavailable:
            raise Unavailable("the key cannot be looked up at the moment") from None
        else:
            self._remember(public_key, info)
            return info
        finally:
            self._lock.release()

    def _remember(self, public_key: str, info: KeyInfo | None) -> None:
        until = self._clock() + FRESH_SECONDS
        if info is None:
            self._known.pop(public_key, None)
            _make_room(self._unknown, self._keys_limit)
            self._unknown[public_key] = until
        else:
            self._unknown.pop(public_key, None)
            if public_key not in self._known:
                _make_room(self._known, self._keys_limit)
            self._known[public_key] = _Known(info, until)


def _make_room(kept: dict[str, Value], limit: int) -> None:
    while len(kept) >= limit:
        del kept[next(iter(kept))]


def load_key(public_key: str) -> KeyInfo | None:
    """The key as the database has it now, or None. Two queries. Raises KeysUnavailable.

    No request signals fire at the ingest endpoint, so obsolete connections are closed here.
    """
    close_obsolete_connections()
    try:
        row = ProjectKey.objects.filter(public_key=public_key).values_list("pk", "project_id", "is_active").first()
        if row is None:
            return None
        key_id, project_id, is_active = row
        limits = RateLimit.objects.filter(Q(key_id=key_id) | Q(key_id=None, project_id=project_id)).order_by("pk")
        return KeyInfo(key_id, public_key, project_id, is_active, tuple(_limit(row) for row in limits))
    except (DatabaseError, InterfaceError) as error:
        raise KeysUnavailable from error
    finally:
        close_obsolete_connections()


def _limit(row: RateLimit) -> Limit:
    return Limit(
        id=row.pk,
        scope="project" if row.key_id is None else "key",
        category=row.category,
        quantity=row.limit,
        window_seconds=max(1, row.window_seconds),
    )
