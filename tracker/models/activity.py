"""What happened to an issue: every change of state is a row, and notifiers claim rows."""

from django.db import models
from django.utils import timezone

from tracker.models.accounts import User
from tracker.models.issues import Issue
from tracker.models.projects import Project


class ActivityKind(models.TextChoices):
    FIRST_SEEN = "first_seen"
    REGRESSED = "regressed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ARCHIVED = "archived"
    ARCHIVE_ENDED = "archive_ended"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    COMMENTED = "commented"
    MERGED = "merged"
    UNMERGED = "unmerged"
    UNDONE = "undone"
    DEPLOYED = "deployed"


class Activity(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="activities")
    issue = models.ForeignKey(Issue, models.CASCADE, null=True, related_name="activities")
    kind = models.CharField(max_length=20, choices=ActivityKind.choices)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """Who did it; null where the tracker itself did."""
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    notified_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["issue", "-created_at"], name="activity_by_issue")]
