"""The worker's side of receiving: one task that empties the spool."""

import logging
from functools import cache

from celery import shared_task
from celery.signals import worker_ready

from ingest.digest.loop import DatabaseAway, Digester
from ingest.heartbeat import open_heartbeat
from ingest.nudge import send_nudge, take_nudge
from ingest.spool import SpoolUnavailable, open_spool

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


@worker_ready.connect
def sweep_at_start(**_: object) -> None:
    """What was left in the spool is not left until the first sweep, nor is readiness."""
    try:
        take_nudge()
        send_nudge()
    except Exception as error:
        logger.warning("no nudge could be sent, the next sweep takes its place: %s", error)
