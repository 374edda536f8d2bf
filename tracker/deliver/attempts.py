"""One attempt to deliver a claimed message, and what is kept of it."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from tracker.deliver.kinds import MESSAGE_KINDS, NotDelivered
from tracker.deliver.limits import TimeLimit
from tracker.jobs.backoff import DELIVER_BACKOFF, MAX_ERROR_LENGTH, describe, storable
from tracker.jobs.claims import LOST, Claim
from tracker.models import AttemptOutcome, DeliveryAttempt, JobStatus, OutboxMessage

logger = logging.getLogger(__name__)

DELIVERY_SECONDS = 30.0
"""How long one attempt may take in all; a claim lasts longer."""
MAX_ANSWER_LENGTH = 1_000
KEEP_TRIES = 5
KEEP_PAUSE_SECONDS = 1.0
"""What was delivered is worth some waiting for the database: where it cannot be kept, the message goes out again."""


@dataclass(slots=True, frozen=True)
class Attempt:
    """How it went."""

    outcome: AttemptOutcome
    answer: str
    started_at: datetime
    milliseconds: int | None


def deliver(claimed: Claim[OutboxMessage]) -> None:
    """Try once, and keep what came of it. Raises database errors; then the message is due again after its lock."""
    if claimed.was_lost and not _go_on_after_loss(claimed):
        return
    attempt = _attempt(claimed.row)
    for tries_left in range(KEEP_TRIES - 1, -1, -1):
        try:
            _keep(claimed, attempt)
            return
        except (OperationalError, InterfaceError):
            connection.close()
            if not tries_left:
                raise
            time.sleep(KEEP_PAUSE_SECONDS)


def _attempt(message: OutboxMessage) -> Attempt:
    started_at, began = timezone.now(), time.monotonic()
    try:
        with TimeLimit(DELIVERY_SECONDS) as limit:
            answer = MESSAGE_KINDS[message.kind].deliver(message, limit)
        outcome = AttemptOutcome.DELIVERED
    except NotDelivered as refusal:
        answer, outcome = str(refusal), AttemptOutcome.REFUSED if refusal.is_final else AttemptOutcome.FAILED
    except Exception as error:
        logger.exception("a message of kind %s could not be delivered", message.kind)
        answer, outcome = describe(error)[0], AttemptOutcome.FAILED
    took = int((time.monotonic() - began) * 1000)
    return Attempt(outcome, storable(answer)[:MAX_ANSWER_LENGTH], started_at, took)


def _go_on_after_loss(claimed: Claim[OutboxMessage]) -> bool:
    """Keep that the attempt before was lost; whether there are attempts left."""
    message, now = claimed.row, timezone.now()
    lost = Attempt(AttemptOutcome.LOST, LOST, now, None)
    with transaction.atomic():
        _write(message, message.attempts - 1, lost)
        if not DELIVER_BACKOFF.is_over(message.attempts - 1):
            return True
        claimed.give_up(attempts=message.attempts - 1, last_error=LOST, finished_at=now)
    return False


@transaction.atomic
def _keep(claimed: Claim[OutboxMessage], attempt: Attempt) -> None:
    message, now = claimed.row, timezone.now()
    error = attempt.answer[:MAX_ERROR_LENGTH]
    if attempt.outcome == AttemptOutcome.DELIVERED:
        forget: dict[str, object] = {"payload": {}} if MESSAGE_KINDS[message.kind].is_secret else {}
        is_ours = claimed.update(status=JobStatus.DONE, locked_until=None, finished_at=now, last_error="", **forget)
    elif attempt.outcome == AttemptOutcome.REFUSED or DELIVER_BACKOFF.is_over(message.attempts):
        is_ours = claimed.give_up(finished_at=now, last_error=error)
    else:
        is_ours = claimed.release(now + DELIVER_BACKOFF.pause(message.attempts), last_error=error)
    if is_ours or OutboxMessage.objects.filter(pk=message.pk).exists():
        _write(message, message.attempts, attempt)


def _write(message: OutboxMessage, number: int, attempt: Attempt) -> None:
    DeliveryAttempt.objects.create(
        message_id=message.pk,
        number=number,
        outcome=attempt.outcome,
        answer=attempt.answer,
        started_at=attempt.started_at,
        milliseconds=attempt.milliseconds,
    )


def send_again(message: OutboxMessage, now: datetime) -> bool:
    """Let a message begin again; whether that can be: a secret that was delivered is forgotten."""
    if not message.payload or message.status == JobStatus.RUNNING:
        return False
    return bool(
        OutboxMessage.objects.filter(pk=message.pk)
        .exclude(status=JobStatus.RUNNING)
        .update(status=JobStatus.WAITING, attempts=0, run_at=now, locked_until=None, finished_at=None)
    )
