"""Counts by time: small rows, added to and never recounted. Deleted through `tracker.deletion.cascade`."""

from datetime import datetime

from django.db import models

from tracker.models.issues import Issue
from tracker.models.projects import Project
from tracker.models.releases import Release


def hour_of(moment: datetime) -> int:
    """Hours since 1970 UTC."""
    return int(moment.timestamp()) // 3600


class IssueHour(models.Model):
    """Events of an issue in one hour; `hour` is hours since 1970 UTC."""

    pk = models.CompositePrimaryKey("issue_id", "hour")
    issue = models.ForeignKey(Issue, models.DO_NOTHING, related_name="hours", db_index=False, db_constraint=False)
    hour = models.PositiveIntegerField()
    events = models.PositiveBigIntegerField(default=0)


class ReleaseHour(models.Model):
    """Events of a release in one hour; `hour` is hours since 1970 UTC."""

    pk = models.CompositePrimaryKey("release_id", "hour")
    release = models.ForeignKey(Release, models.DO_NOTHING, related_name="hours", db_index=False, db_constraint=False)
    hour = models.PositiveIntegerField()
    events = models.PositiveBigIntegerField(default=0)


class OutcomeCount(models.Model):
    """Items of one minute by category, outcome and reason; `minute` is minutes since 1970 UTC.

    `key_id` is the project key's id, 0 where no key is known; it outlives the key, so that the sum stays right.
    """

    project = models.ForeignKey(
        Project, models.DO_NOTHING, related_name="outcomes", db_index=False, db_constraint=False
    )
    key_id = models.PositiveBigIntegerField(default=0)
    minute = models.PositiveIntegerField()
    category = models.CharField(max_length=30)
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=60, blank=True, default="")
    quantity = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "minute", "key_id", "category", "outcome", "reason"], name="outcome_once"
            )
        ]
