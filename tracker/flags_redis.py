"""The flags of several machines: keys in Redis that expire."""

from django.conf import settings
from redis import Redis

from tracker.flags import FALLS_AFTER_SECONDS


class RedisFlag:
    """A key that is there or not."""

    def __init__(self, name: str) -> None:
        self._key = f"stacktale:{name}"
        self._redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)

    def raise_(self) -> bool:
        return bool(self._redis.set(self._key, 1, nx=True, ex=FALLS_AFTER_SECONDS))

    def lower(self) -> None:
        self._redis.delete(self._key)
