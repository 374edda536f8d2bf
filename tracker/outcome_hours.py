"""Outcomes of long ago are counted by the hour: sixty times fewer rows, and the same sums."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tracker.models import OutcomeCount, Project
from tracker.storage.sql import Columns, write_rows

MINUTES_KEPT = timedelta(days=2)
BITE = 500
COLUMNS: Columns = (
    ("project_id", "bigint"),
    ("minute", "integer"),
    ("key_id", "bigint"),
    ("category", "text"),
    ("outcome", "text"),
    ("reason", "text"),
    ("quantity", "bigint"),
)
ADD = (
    "ON CONFLICT (project_id, minute, key_id, category, outcome, reason) "
    "DO UPDATE SET quantity = tracker_outcomecount.quantity + excluded.quantity"
)


def fold_outcomes(project: Project, now: datetime) -> int:
    """All of `folding` at once; answers how many rows."""
    return sum(folding(project, now))


def folding(project: Project, now: datetime) -> Iterator[int]:
    """Add what was counted in each minute to its hour's first minute; yields how many rows after each transaction."""
    before = int((now - MINUTES_KEPT).timestamp()) // 60
    rows = OutcomeCount.objects.filter(project=project, minute__lt=before - before % 60)
    fine = rows.annotate(past_hour=F("minute") % 60).filter(past_hour__gt=0)
    while True:
        with transaction.atomic():
            # Locked, so that nothing that is counted late is lost between reading and deleting.
            bite = list(fine.order_by("minute", "pk").select_for_update()[:BITE])
            hours: Counter[tuple[int, int, int, str, str, str]] = Counter()
            for row in bite:
                hour = row.minute - row.minute % 60
                hours[row.project_id, hour, row.key_id, row.category, row.outcome, row.reason] += row.quantity
            write_rows("tracker_outcomecount", COLUMNS, [(*key, total) for key, total in sorted(hours.items())], ADD)
            OutcomeCount.objects.filter(pk__in=[row.pk for row in bite]).delete()
        if bite:
            yield len(bite)
        if len(bite) < BITE:
            return
