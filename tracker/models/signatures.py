"""What is remembered of issues to find similar issues, and what people said of those that were found."""

from django.db import models
from django.utils import timezone

from tracker.models.accounts import User
from tracker.models.issues import Issue
from tracker.models.projects import Project


class IssueSignature(models.Model):
    """What an issue looks like, taken from one of its first events; never changed."""

    issue = models.OneToOneField(
        Issue, models.DO_NOTHING, primary_key=True, related_name="signature", db_constraint=False
    )
    type = models.CharField(max_length=255, blank=True, default="")
    template = models.CharField(max_length=1_024, blank=True, default="")
    """The message without what varies."""
    stack = models.BinaryField(default=b"")
    """Eight bytes for each frame, the crash first; empty where there is no stack."""


class SignatureToken(models.Model):
    """By which frames (or words, where there is no stack) an issue can be found; the primary key is the triple."""

    pk = models.CompositePrimaryKey("project_id", "token", "issue_id")
    project = models.ForeignKey(Project, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    token = models.BigIntegerField()
    issue = models.ForeignKey(Issue, models.DO_NOTHING, related_name="+", db_constraint=False)


class TokenCount(models.Model):
    """How many issues of a project a token was ever seen in; the primary key is the pair."""

    pk = models.CompositePrimaryKey("project_id", "token")
    project = models.ForeignKey(Project, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    token = models.BigIntegerField()
    issues = models.PositiveBigIntegerField(default=0)


class Suggestion(models.Model):
    """Two issues that may be one. Nothing is ever joined by it alone; dismissed, it does not come back."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="suggestions")
    """The one that appeared later."""
    other = models.ForeignKey(Issue, models.CASCADE, related_name="suggested_by")
    score = models.FloatField()
    """From 0 to 1; see `grouping.similarity`."""
    stack = models.FloatField(null=True)
    """How alike the stacks are, from -1 to 1; null where neither has one."""
    template = models.FloatField()
    """How alike the messages are, from 0 to 1."""
    is_same_type = models.BooleanField()
    is_by_rules = models.BooleanField(default=False)
    """Rules that were activated would have made them one."""
    is_by_keys = models.BooleanField(default=False)
    """One event has keys of both."""
    created_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "other"], name="suggestion_once")]
