"""Windows that several machines count in together."""

import logging
import time

import redis
from django.conf import settings

from ingest.receive.windows import Limit, WindowsUnavailable

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 0.25
_REST_SECONDS = 1.0


class RedisWindows:
    """Counts in Redis, one round trip a limit; after a failure Redis is left alone for a moment."""

    def __init__(self, client: "redis.Redis | None" = None) -> None:
        self._client = client or redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        )
        self._exhausted: dict[int, int] = {}
        self._resting_until = 0.0

    def take(self, limit: Limit, quantity: int, now: float) -> int:
        """How much of `quantity` the limit grants; what is granted is counted. Raises WindowsUnavailable."""
        window = limit.window_at(now)
        if self._exhausted.get(limit.id) == window:
            return 0
        if time.monotonic() < self._resting_until:
            raise WindowsUnavailable("Redis did not answer a moment ago")
        try:
            used = self._add(limit, window, quantity)
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + _REST_SECONDS
            logger.warning("rate limits are not counted, Redis does not answer: %s", error)
            raise WindowsUnavailable(str(error)) from error
        if used >= limit.quantity:
            self._exhausted[limit.id] = window
        return max(0, min(quantity, limit.quantity - (used - quantity)))

    def _add(self, limit: Limit, window: int, quantity: int) -> int:
        name = f"stacktale:limit:{limit.id}:{window}"
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.incrby(name, quantity)
            pipeline.expire(name, limit.window_seconds + 60)
            used: int = pipeline.execute()[0]
        return used
