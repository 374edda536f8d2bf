"""Stored events. Their payload is the zstd difference to a base: the payload of an early event of the same issue."""

from django.db import models
from django.utils import timezone

from tracker.models.issues import EventUser, GroupKey, Issue
from tracker.models.projects import Project
from tracker.models.releases import Environment, Release


class PayloadBase(models.Model):
    """A payload, zstd-compressed alone, that serves others as dictionary; kept as long as one event refers to it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    event_id = models.BinaryField(max_length=16)
    """Of the event whose payload it is."""
    payload = models.BinaryField()


class Event(models.Model):
    """One stored event. References are not checked by the database: a batch would pay for it row by row.

    Who deletes what an event refers to goes through `tracker.deletion.cascade`.
    """

    project = models.ForeignKey(Project, models.DO_NOTHING, related_name="events", db_index=False, db_constraint=False)
    event_id = models.BinaryField(max_length=16)
    issue = models.ForeignKey(Issue, models.DO_NOTHING, related_name="events", db_index=False, db_constraint=False)
    group_key = models.ForeignKey(
        GroupKey, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    """The key that decided to which issue it belongs."""
    occurred_at = models.DateTimeField()
    """By the client's clock, corrected for its drift."""
    received_at = models.DateTimeField()
    release = models.ForeignKey(
        Release, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    environment = models.ForeignKey(
        Environment, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    user = models.ForeignKey(
        EventUser, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    level = models.PositiveSmallIntegerField(default=40)
    base = models.ForeignKey(PayloadBase, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    payload = models.BinaryField()
    """zstd of the JSON, with `base` as dictionary if there is one."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "event_id"], name="event_once")]
        indexes = [models.Index(fields=["issue", "occurred_at"], name="event_by_time")]


class DeadLetter(models.Model):
    """A spool entry that the digest could not take even alone, with the reason, for the administrator."""

    project = models.ForeignKey(Project, models.SET_NULL, null=True, related_name="dead_letters")
    received_at = models.DateTimeField()
    failed_at = models.DateTimeField(default=timezone.now)
    error = models.TextField()
    encoding = models.CharField(max_length=20, blank=True, default="")
    body = models.BinaryField()
    entry_id = models.CharField(max_length=100, blank=True, default="")
    """The spool's name for the entry."""


class DigestReceipt(models.Model):
    """The spool entries that a worker recorded last, committed together with their rows.

    A worker that dies between the commit and the acknowledgement leaves entries that come again; this tells that they
    are done.
    """

    consumer = models.CharField(max_length=100, primary_key=True)
    entry_ids = models.JSONField(default=list)
    recorded_at = models.DateTimeField()
