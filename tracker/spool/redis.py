"""The spool of several machines: one Redis stream and its consumer group.

Redis must keep what it acknowledges: `appendonly yes`, `appendfsync always`, no eviction.
"""

import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from tracker.spool.entry import Claimed, Entry, Offer, SpoolFailure, SpoolFull, SpoolUnavailable
from tracker.spool.redis_claims import DeadWorkers, HeldClaims

STREAM = "stacktale:spool"
WAITING_BYTES = "stacktale:spool:bytes"
LONE_TRIES = "stacktale:spool:alone"
"""A hash: by entry id, the workers that began to digest it alone."""
GROUP = "digest"
CLAIM_BYTES = 16_000_000
FIRST_READ_ENTRIES = 16
REST_SECONDS = 0.5
LOOK_SECONDS = 1.0
"""Between two looks for what dead workers held."""
LONG_DEAD_MILLISECONDS = 3_600_000

APPEND = """
local waiting = tonumber(redis.call('GET', KEYS[2]) or '0')
local before = waiting
local taken = {}
for i = 1, #ARGV, 7 do
  local body = ARGV[i + 6]
  if waiting + #body > tonumber(ARGV[i]) then
    taken[#taken + 1] = 0
  else
    redis.call('XADD', KEYS[1], '*',
      'p', ARGV[i + 1], 'k', ARGV[i + 2], 'r', ARGV[i + 3], 'e', ARGV[i + 4],
      'c', ARGV[i + 5], 'b', body)
    waiting = waiting + #body
    taken[#taken + 1] = 1
  end
end
if waiting > before then redis.call('INCRBY', KEYS[2], waiting - before) end
return taken
"""
ACK = """
for i = 2, #ARGV, 2 do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then redis.call('DECRBY', KEYS[2], ARGV[i + 1]) end
end
if redis.call('XLEN', KEYS[1]) == 0 then redis.call('SET', KEYS[2], 0) end
if redis.call('EXISTS', KEYS[3]) == 1 then
  for i = 2, #ARGV, 2 do redis.call('HDEL', KEYS[3], ARGV[i]) end
end
"""

Reply = list[tuple[bytes, dict[bytes, bytes]]]


class RedisSpool:
    """Appends are thread-safe; each spool object is one consumer and claims from one thread."""

    def __init__(self, url: str, max_bytes: int, reclaim_after_seconds: float, workers: Path | None = None) -> None:
        """`workers` is the folder with the files of this machine's workers."""
        # One retry for a pooled connection that a restarted server has closed; none after a timeout, when the
        # command may have been taken.
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        self._redis = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=3, retry=retry)
        self._max_bytes = max_bytes
        self._reclaim_after = reclaim_after_seconds
        self.consumer = self.worker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._held = HeldClaims(self._redis, STREAM, GROUP, self.worker, reclaim_after_seconds)
        self._dead = DeadWorkers(self._redis, STREAM, GROUP, self.worker, workers) if workers else None
        self._append = self._redis.register_script(APPEND)
        self._ack = self._redis.register_script(ACK)
        self._sizes: dict[str, int] = {}
        """Body bytes of the entries in our hands."""
        self._may_hold_more = False
        """A command failed after which some may be ours that we have not seen."""
        self._scanned_to: Any = "0-0"
        self._reclaim_at = 0.0
        self._rests_until = 0.0

    @classmethod
    def from_settings(cls) -> "RedisSpool":
        return cls(settings.REDIS_URL, settings.SPOOL_MAX_BYTES, settings.SPOOL_RECLAIM_SECONDS, settings.WORKERS_DIR)

    def append(self, entry: Entry, share: float = 1.0) -> None:
        """Store durably, within a share of the bound. Raises SpoolFull or SpoolUnavailable."""
        if failure := self.append_all([Offer(entry, share)])[0]:
            raise failure

    def append_all(self, offers: Sequence[Offer]) -> Sequence[SpoolFailure | None]:
        """Store durably all for which there is space, with one command; returns what became of each. After a failure
        nothing is tried for a moment, so that threads do not queue up before a server that is away."""
        if time.monotonic() < self._rests_until:
            return [SpoolUnavailable("Redis did not answer a moment ago")] * len(offers)
        try:
            taken = self._append(
                keys=(STREAM, WAITING_BYTES), args=[part for offer in offers for part in self._arguments(offer)]
            )
        except RedisError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            unavailable = SpoolUnavailable(str(error))
            unavailable.__cause__ = error
            return [unavailable] * len(offers)
        return [None if is_taken else SpoolFull("the bound of waiting bytes is reached") for is_taken in taken]

    def _arguments(self, offer: Offer) -> tuple[int | str | bytes, ...]:
        entry = offer.entry
        bound = int(self._max_bytes * offer.share)
        received_at = repr(entry.received_at)
        return bound, entry.project_id, entry.key_id, received_at, entry.encoding, entry.contents, entry.body

    def claim(self, limit: int) -> list[Claimed]:
        """Own entries first that were not acknowledged, then those of dead workers, then new ones."""
        claimed_at = time.monotonic()
        asks_for_own = self._may_hold_more or bool(self._sizes)
        self._may_hold_more = True
        with _unavailable_where_redis_is():
            claimed = self._find(limit, asks_for_own=asks_for_own)
        self._may_hold_more = False
        self._sizes = {each.id: len(each.entry.body) for each in claimed}
        self._held.take(self._sizes, claimed_at)
        return claimed

    def _find(self, limit: int, *, asks_for_own: bool) -> list[Claimed]:
        if asks_for_own:
            self._renew(limit)
            if held := self._read("0", limit):
                return self._again(held)
        if time.monotonic() >= self._reclaim_at:
            if found := (self._dead.take_over(limit) if self._dead else []) or self._reclaim(limit):
                return self._again(found)
            # Where some were found, more may be left.
            self._reclaim_at = time.monotonic() + min(LOOK_SECONDS, self._reclaim_after)
        return [_claimed(entry) for entry in self._read_new(limit)]

    def is_held(self) -> bool:
        """Whether nobody else has claimed meanwhile what was claimed last, nor can for a while.

        Raises SpoolUnavailable.
        """
        with _unavailable_where_redis_is():
            return self._held.are_ours()

    def begin_lone_try(self, claimed: Claimed) -> None:
        """Remember durably that this worker takes up the entry alone. Raises SpoolUnavailable."""
        self._set_lone_tries(claimed, (*claimed.tried_alone_by, self.worker))

    def withdraw_lone_try(self, claimed: Claimed) -> None:
        """As if its last lone try had never begun. Raises SpoolUnavailable."""
        self._set_lone_tries(claimed, claimed.tried_alone_by)

    def _set_lone_tries(self, claimed: Claimed, workers: tuple[str, ...]) -> None:
        with _unavailable_where_redis_is():
            self._redis.hset(LONE_TRIES, claimed.id, " ".join(workers))

    def ack(self, ids: Sequence[str]) -> None:
        """Forget entries whose rows are committed. Raises SpoolUnavailable."""
        if not ids:
            return
        self._held.let_go(ids)
        with _unavailable_where_redis_is():
            pairs = [part for entry_id in ids for part in (entry_id, self._sizes.get(entry_id, 0))]
            self._ack(keys=(STREAM, WAITING_BYTES, LONE_TRIES), args=(GROUP, *pairs))
        for entry_id in ids:
            self._sizes.pop(entry_id, None)

    def size(self) -> int:
        """Entries that are waiting or claimed. Raises SpoolUnavailable."""
        with _unavailable_where_redis_is():
            return int(self._redis.xlen(STREAM))

    def oldest_at(self) -> float | None:
        """When the oldest entry was appended by Redis's clock; None if nothing waits. Raises SpoolUnavailable."""
        with _unavailable_where_redis_is():
            first: Any = self._redis.xrange(STREAM, count=1)
        return int(first[0][0].split(b"-")[0]) / 1000 if first else None

    def close(self) -> None:
        """Drop the connections."""
        self._held.close()
        self._redis.close()

    def _read_new(self, limit: int) -> Reply:
        """New entries in reads that grow with what the first ones weigh, so that large bodies stay few."""
        found: Reply = []
        weight, count = 0, min(limit, FIRST_READ_ENTRIES)
        while count > 0:
            entries = self._read(">", count)
            found += entries
            weight += sum(len(fields[b"b"]) for _, fields in entries)
            if len(entries) < count:
                break
            affordable = (CLAIM_BYTES - weight) * len(found) // max(weight, 1)
            count = min(limit - len(found), affordable)
        return found

    def _read(self, start: str, count: int) -> Reply:
        try:
            reply: Any = self._redis.xreadgroup(GROUP, self.consumer, {STREAM: start}, count=count)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            # The first claim of an installation, or Redis came back empty.
            self._make_group()
            reply = self._redis.xreadgroup(GROUP, self.consumer, {STREAM: start}, count=count)
        entries = reply.get(STREAM.encode(), [[]])[0] if isinstance(reply, dict) else (reply[0][1] if reply else [])
        return [(entry_id, fields) for entry_id, fields in entries if fields]

    def _renew(self, limit: int) -> None:
        """What is still ours counts as claimed only now; what somebody took over since stays theirs."""
        idle = int(self._reclaim_after * 500)
        with _ignoring("NOGROUP"):
            pending: Any = self._redis.xpending_range(STREAM, GROUP, "-", "+", limit, self.consumer, idle)
            if pending:
                ids = [row["message_id"] for row in pending]
                self._redis.xclaim(STREAM, GROUP, self.consumer, idle, ids, justid=True)

    def _make_group(self) -> None:
        with _ignoring("BUSYGROUP"):
            self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)

    def _reclaim(self, limit: int) -> Reply:
        """Entries that another consumer has held for too long to be alive."""
        idle = int(self._reclaim_after * 1000)
        reply: Any = [b"", []]
        with _ignoring("NOGROUP"):
            reply = self._redis.xautoclaim(
                STREAM, GROUP, self.consumer, idle, start_id=self._scanned_to, count=min(limit, 100)
            )
            self._scanned_to = reply[0]
            for consumer in self._redis.xinfo_consumers(STREAM, GROUP):
                if not consumer["pending"] and consumer["idle"] > LONG_DEAD_MILLISECONDS:
                    self._redis.xgroup_delconsumer(STREAM, GROUP, consumer["name"])
        return [(entry_id, fields) for entry_id, fields in reply[1] if fields]

    def _again(self, entries: Reply) -> list[Claimed]:
        """Each entry with how often Redis has delivered it, and who tried it alone."""
        if not entries:
            return []
        pending: Any = self._redis.xpending_range(
            STREAM, GROUP, entries[0][0], entries[-1][0], len(entries), consumername=self.consumer
        )
        delivered = {row["message_id"]: int(row["times_delivered"]) for row in pending}
        alone: Any = self._redis.hmget(LONE_TRIES, [entry_id for entry_id, _ in entries])
        return [
            _claimed(entry, delivered.get(entry[0], 2), tuple((workers or b"").decode().split()))
            for entry, workers in zip(entries, alone, strict=True)
        ]


def _claimed(read: tuple[bytes, dict[bytes, bytes]], attempts: int = 1, alone: tuple[str, ...] = ()) -> Claimed:
    entry_id, fields = read
    entry = Entry(
        project_id=int(fields[b"p"]),
        key_id=int(fields[b"k"]),
        received_at=float(fields[b"r"]),
        encoding=fields[b"e"].decode(),
        body=fields[b"b"],
        contents=fields[b"c"].decode(),
    )
    return Claimed(entry_id.decode(), entry, attempts, alone)


@contextmanager
def _ignoring(code: str) -> Iterator[None]:
    """What Redis refuses with this code is no trouble here."""
    try:
        yield
    except ResponseError as error:
        if not str(error).startswith(code):
            raise


@contextmanager
def _unavailable_where_redis_is() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise SpoolUnavailable(str(error)) from error
