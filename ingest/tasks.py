"""The worker's side of receiving: one task that empties the spool."""

import logging
from contextlib import closing
from functools import cache

from celery import shared_task
from celery.signals import worker_ready

from ingest.digest.loop import DatabaseAway, Digester
from ingest.digest.retry import retry
from ingest.heartbeat import open_heartbeat
from ingest.nudge import send_nudge, take_nudge
from ingest.spool import SpoolFull, SpoolUnavailable, open_spool
from tracker.models import SetAside

logger = logging.getLogger(__name__)

RUN_SECONDS = 5.0
"""After that other tasks get their turn."""


@cache
def _digester() -> Digester:
    return Digester(open_spool())


@shared_task
def digest_spool() -> None:
    """Digest until the spool is empty; nudged by the door, and swept by beat."""
    try:
        take_nudge()
        open_heartbeat().beat()
        if not _digester().run(RUN_SECONDS):
            send_nudge()
    except (DatabaseAway, SpoolUnavailable) as away:
        logger.warning("nothing can be digested now, the next sweep tries again: %s", away)


@shared_task
def retry_set_aside(entry_id: int) -> None:
    """Send what was set aside through the spool again; one that is gone, or cannot be appended now, is left alone."""
    kept = SetAside.objects.filter(pk=entry_id).first()
    if kept is None:
        return
    try:
        with closing(open_spool()) as spool:
            retry(kept, spool)
        send_nudge()
    except (SpoolFull, SpoolUnavailable) as away:
        logger.warning("the spool takes nothing now, the entry stays set aside: %s", away)


@worker_ready.connect
def sweep_at_start(**_: object) -> None:
    """What was left in the spool is not left until the first sweep, nor is readiness."""
    try:
        take_nudge()
        send_nudge()
    except Exception as error:
        logger.warning("no nudge could be sent, the next sweep takes its place: %s", error)
