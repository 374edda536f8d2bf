"""Projects, the keys that events come in with, and how much each may send."""

import secrets

from django.db import models
from django.utils import timezone

from tracker.models.accounts import Organization, User


class Project(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="projects")
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    platform = models.CharField(max_length=50, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    first_event_at = models.DateTimeField(null=True)
    retention_days = models.PositiveIntegerField(default=90)
    retention_events = models.PositiveBigIntegerField(default=1_000_000)
    stored_events = models.PositiveBigIntegerField(default=0)
    spike_events_per_hour = models.PositiveIntegerField(default=100_000)
    """Beyond so many events of one issue in an hour, all are counted and a sample is stored; 0 for no bound."""
    last_issue_number = models.PositiveIntegerField(default=0)
    config_generation = models.PositiveIntegerField(default=0)
    """Raised by every change of the project's rules or keys, so that caches in other processes notice."""
    scrub_fields = models.JSONField(default=list)
    """Names of fields that are scrubbed besides the built-in ones."""
    scrub_ip_addresses = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="project_slug_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def short_prefix(self) -> str:
        """The part of a short id before its number: `SHOP` in `SHOP-42`."""
        return self.slug.upper()


def new_public_key() -> str:
    """32 hex digits, as SDKs expect of a DSN."""
    return secrets.token_hex(16)


class ProjectKey(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="keys")
    public_key = models.CharField(max_length=32, unique=True, default=new_public_key)
    label = models.CharField(max_length=100, default="Default")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)


class RateLimit(models.Model):
    """At most `limit` items of a category in `window_seconds`, for one key or (without key) the whole project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="rate_limits")
    key = models.ForeignKey(ProjectKey, models.CASCADE, null=True, related_name="rate_limits")
    category = models.CharField(max_length=30, default="error")
    limit = models.PositiveIntegerField()
    window_seconds = models.PositiveIntegerField(default=60)


class GroupingRules(models.Model):
    """One immutable version of a project's fingerprint and stack-trace rules; the newest is active."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="grouping_rules")
    version = models.PositiveIntegerField()
    fingerprint_rules = models.TextField(blank=True, default="")
    stacktrace_rules = models.TextField(blank=True, default="")
    splits_existing_issues = models.BooleanField(default=False)
    """Older versions are no longer asked: what these rules tell apart leaves the issues that exist."""
    author = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="grouping_rules_version_once")]
