"""What processes on several machines tell each other through Redis: a nudge is waiting, a worker is there."""

import time

from django.conf import settings
from redis import Redis

NUDGED = "stacktale:nudged"
NUDGED_SECONDS = 5
"""A flag whose message got lost falls by itself."""
ALIVE = "stacktale:worker-alive"


def _connect() -> Redis:
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)


class RedisFlag:
    """Raised by whoever sends a nudge, lowered by the digest."""

    def __init__(self) -> None:
        self._redis = _connect()

    def raise_(self) -> bool:
        return bool(self._redis.set(NUDGED, 1, nx=True, ex=NUDGED_SECONDS))

    def lower(self) -> None:
        self._redis.delete(NUDGED)


class RedisHeartbeat:
    """The time of the last beat of any worker, by the clocks of the machines."""

    def __init__(self) -> None:
        self._redis = _connect()

    def beat(self) -> None:
        self._redis.set(ALIVE, repr(time.time()))

    def age(self) -> float | None:
        last = self._redis.get(ALIVE)
        return time.time() - float(last) if isinstance(last, bytes) else None

    def forget(self) -> None:
        self._redis.delete(ALIVE)
