"""Dead letters: administrators hear of them, and one goes through the spool again as if it had just come in."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from tracker.jobs.notices import DEAD_LETTERS, tell_administrators
from tracker.models import DeadLetter, OutcomeCount, Project
from tracker.outcomes.recording import Outcome, minute_of
from tracker.spool import Entry, Spool

DEAD_LETTER = "set_aside"
ANNOUNCED_AFTER = timedelta(seconds=10)
"""An entry that killed its worker is a dead letter while it is tried alone, and may be none afterwards."""


def announce(project: Project, now: datetime) -> None:
    """Tell administrators, once an hour for each project however many there are."""
    facts: dict[str, object] = {"project_id": project.pk, "project": project.name}
    tell_administrators(DEAD_LETTERS, f"{project.pk}:{now:%Y-%m-%dT%H}", facts, now, after=ANNOUNCED_AFTER)


def retry(kept: DeadLetter, spool: Spool) -> None:
    """Append it and forget it here, with what was counted of it. Raises SpoolFull or SpoolUnavailable.

    A crash between the two leaves it in both places; then its events come twice and are told as duplicates.
    """
    if kept.project_id is None:
        kept.delete()
        return
    counted = _find_count(kept)
    received_at = kept.received_at.timestamp()
    key_id = counted.key_id if counted else 0
    spool.append(Entry(kept.project_id, key_id, received_at, kept.encoding, bytes(kept.body)))
    with transaction.atomic():
        if counted is not None:
            _uncount(counted)
        kept.delete()


def _find_count(kept: DeadLetter) -> OutcomeCount | None:
    """Where the entry was counted; it tells the key, too."""
    counts = OutcomeCount.objects.filter(
        project=kept.project_id, minute=minute_of(kept.received_at.timestamp()), reason=DEAD_LETTER, quantity__gt=0
    )
    return counts.filter(outcome=Outcome.INVALID).first()


def _uncount(counted: OutcomeCount) -> None:
    """It is received once, however often it is tried."""
    same = OutcomeCount.objects.filter(
        project=counted.project_id, key_id=counted.key_id, minute=counted.minute, category=counted.category
    )
    for outcome, reason in ((Outcome.INVALID, DEAD_LETTER), (Outcome.RECEIVED, "")):
        same.filter(outcome=outcome, reason=reason, quantity__gt=0).update(quantity=F("quantity") - 1)
