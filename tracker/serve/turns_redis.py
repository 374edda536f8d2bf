"""Whose turn it is among processes on several machines: a key in Redis that lasts until the next turn."""

from django.conf import settings
from redis import Redis

PREFIX = "stacktale:due:"


class RedisTurns:
    """The process that creates the key has the turn."""

    def __init__(self) -> None:
        self._redis = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)

    def take(self, name: str, seconds: float) -> bool:
        return bool(self._redis.set(PREFIX + name, 1, nx=True, px=int(seconds * 1000)))
