"""The durable hand-over between door and worker: what was answered with 200 lies here until it is recorded."""

from django.conf import settings
from django.utils.module_loading import import_string

from tracker.spool.entry import Claimed, Entry, Offer, Spool, SpoolFailure, SpoolFull, SpoolUnavailable

__all__ = ["Claimed", "Entry", "Offer", "Spool", "SpoolFailure", "SpoolFull", "SpoolUnavailable", "open_spool"]


def open_spool() -> Spool:
    """The installation's spool: a Redis stream where there is a Redis, else files under the data directory.

    Loaded by name, so that one machine never pays for the Redis client's memory.
    """
    backend = "tracker.spool.redis.RedisSpool" if settings.REDIS_URL else "tracker.spool.disk.DiskSpool"
    spool: Spool = import_string(backend).from_settings()
    return spool
