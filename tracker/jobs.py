"""Failures of background work, kept for the administrator: a failed task leaves a row, and not only a line of log."""

import logging
import traceback
from datetime import datetime

from django.db import Error, transaction
from django.db.models import F

from tracker.models import FailedJob

logger = logging.getLogger(__name__)

MOST_KEPT = 200
LONGEST_ERROR = 300
LONGEST_TRACEBACK = 10_000


def note_failure(task: str, error: BaseException, now: datetime) -> None:
    """Count the failure under its task and error. Never raises: the database may be what failed."""
    text = f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
    lines = "".join(traceback.format_exception(error)).replace("\0", "")[-LONGEST_TRACEBACK:]
    try:
        with transaction.atomic():
            job, _ = FailedJob.objects.get_or_create(task=task[:200], error=text, defaults={"first_at": now})
            FailedJob.objects.filter(pk=job.pk).update(times=F("times") + 1, last_at=now, traceback=lines)
            _forget_oldest()
    except Error:
        logger.exception("the failure of %s could not be kept", task)


def _forget_oldest() -> None:
    kept = FailedJob.objects.order_by("-last_at", "-pk").values_list("pk", flat=True)[:MOST_KEPT]
    FailedJob.objects.exclude(pk__in=list(kept)).delete()
