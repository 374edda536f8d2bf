"""Between ingest endpoint and worker, durable: what was accepted with 200 waits here until it is recorded."""

from django.conf import settings
from django.utils.module_loading import import_string

from tracker.spool.entry import Claimed, Entry, Offer, Spool, SpoolFailure, SpoolFull, SpoolUnavailable

__all__ = ["Claimed", "Entry", "Offer", "Spool", "SpoolFailure", "SpoolFull", "SpoolUnavailable", "open_spool"]


def open_spool() -> Spool:
    """The installation's spool: a Redis stream where there is a Redis, else files under the data directory.

    Loaded by name, so that one machine never pays for the Redis client's memory.
    """
    spool: Spool = import_string(settings.SPOOL_BACKEND).from_settings()
    return spool
