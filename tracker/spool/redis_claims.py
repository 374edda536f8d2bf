"""What one worker holds of the Redis spool: extended while work goes on, and taken over at once from a dead worker."""

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from tracker.spool.workers import find_dead

EXTEND = """
local lost = {}
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
"""
TAKE_OVER = """
local found = {}
for i = 4, #ARGV do
  local left = tonumber(ARGV[3]) - #found
  if left <= 0 then break end
  for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', left, ARGV[i])) do
    for _, entry in ipairs(redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, pending[1])) do
      if entry then found[#found + 1] = entry end
    end
  end
end
return found
"""
EXTENSIONS_PER_CLAIM = 4
"""A claim is extended so often within the time for which it lasts."""

Fields = dict[bytes, bytes]


class HeldClaims:
    """The entries that a worker works on; a thread extends the claims, as long as nothing holds the interpreter."""

    def __init__(self, redis: "Redis", stream: str, group: str, worker: str, lasts_seconds: float) -> None:
        self._names = (stream, group, worker)
        self._script = redis.register_script(EXTEND)
        self._lasts = lasts_seconds
        self._lock = threading.Lock()
        self._ids: set[str] = set()
        self._are_some_lost = False
        self._extended_at = 0.0
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, ids: Iterable[str], claimed_at: float) -> None:
        """From now on these are held, claimed when the monotonic clock showed `claimed_at`, and no others."""
        with self._lock:
            self._ids, self._are_some_lost, self._extended_at = set(ids), False, claimed_at
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep, name="claims", daemon=True)
            self._thread.start()

    def let_go(self, ids: Iterable[str]) -> None:
        with self._lock:
            self._ids.difference_update(ids)

    def are_ours(self) -> bool:
        """Whether nobody has taken one, nor can for half of the time that a claim lasts. Raises RedisError."""
        if time.monotonic() - self._extended_at >= self._lasts / 2:
            self._extend()
        return not self._are_some_lost

    def close(self) -> None:
        self._is_over.set()

    def _keep(self) -> None:
        while not self._is_over.wait(self._lasts / EXTENSIONS_PER_CLAIM):
            try:
                self._extend()
            except RedisError:
                # The digest asks again before it commits.
                continue

    def _extend(self) -> None:
        stream, group, worker = self._names
        with self._lock:
            ids = list(self._ids)
        begun_at = time.monotonic()
        try:
            lost = self._script(keys=(stream,), args=(group, worker, *ids)) if ids else []
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            # Redis came back empty: nobody can claim what is not there.
            lost = []
        with self._lock:
            self._are_some_lost |= not self._ids.isdisjoint(entry_id.decode() for entry_id in lost)
            if self._ids.issubset(ids):
                self._extended_at = max(self._extended_at, begun_at)


class DeadWorkers:
    """Takes over what workers of this machine held when they died, without waiting until their claims are over."""

    def __init__(self, redis: "Redis", stream: str, group: str, worker: str, folder: Path) -> None:
        """`folder` has the workers' files."""
        self._redis = redis
        self._names = (stream, group, worker)
        self._script = redis.register_script(TAKE_OVER)
        self._folder = folder
        self._done: set[str] = set()
        """Those that hold nothing any more."""

    def take_over(self, limit: int) -> list[tuple[bytes, Fields]]:
        """Up to `limit` entries, oldest first. Raises RedisError."""
        dead = find_dead(self._folder, leave_out=self._done)
        if not dead:
            return []
        stream, group, worker = self._names
        found: Sequence[Any] = self._script(keys=(stream,), args=(group, worker, limit, *dead))
        if len(found) < limit:
            self._done.update(dead)
        entries = [(entry_id, dict(zip(pairs[::2], pairs[1::2], strict=True))) for entry_id, pairs in found]
        return sorted(entries, key=lambda entry: _order(entry[0]))


def _order(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition(b"-")
    return int(milliseconds), int(number)
