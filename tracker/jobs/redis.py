"""What processes on several machines tell each other through Redis: a worker is there, a wake-up is on its way."""

import time

from django.conf import settings
from redis import Redis

from tracker.jobs.wakeup import MARK_SECONDS


class RedisMark:
    """A key that is there or not."""

    def __init__(self, name: str) -> None:
        self._key = f"stacktale:{name}"
        self._redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)

    def set(self) -> bool:
        return bool(self._redis.set(self._key, 1, nx=True, ex=MARK_SECONDS))

    def clear(self) -> None:
        self._redis.delete(self._key)


ALIVE = "stacktale:worker-alive"


class RedisHeartbeat:
    """The time of the last beat of any worker, by the clocks of the machines."""

    def __init__(self) -> None:
        self._redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)

    def beat(self) -> None:
        self._redis.set(ALIVE, repr(time.time()))

    def age(self) -> float | None:
        last = self._redis.get(ALIVE)
        return time.time() - float(last) if isinstance(last, bytes) else None

    def forget(self) -> None:
        self._redis.delete(ALIVE)
