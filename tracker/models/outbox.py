"""What must leave the server or reach people in it: a row, written in the transaction that gave the reason."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tracker.models.accounts import User
from tracker.models.jobs import PENDING, Claimable


class OutboxMessage(Claimable):
    """A message for one receiver, sent again until it is taken. Its id is the same at every attempt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    """How it is delivered: see `tracker.deliver.kinds`."""
    target = models.CharField(max_length=200)
    """Where it goes: what hangs there keeps only messages for the same target waiting."""
    recipient = models.CharField(max_length=320, blank=True, default="")
    """Who gets it, for people who look at the list."""
    payload = models.JSONField(default=dict)
    """What is sent; emptied once it is delivered where it may hold a secret."""
    dedup_key = models.CharField(max_length=200, unique=True, null=True)  # noqa: DJ001  # Only NULLs may repeat.
    """A second message with the same key is not written."""
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    """When it was delivered or given up."""

    class Meta:
        indexes = [
            models.Index(fields=["run_at"], condition=Q(status__in=PENDING), name="outbox_due"),
            models.Index(fields=["-created_at"], name="outbox_newest"),
        ]


class AttemptOutcome(models.TextChoices):
    """How an attempt ended; the labels are shown to administrators."""

    DELIVERED = "delivered", "The receiver took it."
    FAILED = "failed", "It did not get through and is tried again."
    REFUSED = "refused", "The receiver will never take it."
    LOST = "lost", "The worker was killed, or the machine stopped, before it could say."


class DeliveryAttempt(models.Model):
    """One attempt to deliver a message."""

    message = models.ForeignKey(OutboxMessage, models.CASCADE, related_name="delivery_attempts")
    number = models.PositiveIntegerField()
    """As the message counted its attempts; it counts from 1 again when it is sent again by hand."""
    outcome = models.CharField(max_length=10, choices=AttemptOutcome)
    answer = models.TextField(blank=True, default="")
    """What the receiver said, or why it could not be asked; its beginning."""
    started_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(null=True)
    """None where nobody could measure it."""


class Notification(models.Model):
    """Something one person should know, in their inbox until they have read it, and a while longer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    message_id = models.UUIDField()
    """The outbox message that brought it; the same message brings it once."""
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "message_id"], name="notification_once")]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_newest"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
        ]
