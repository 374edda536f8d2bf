"""Releases of a project, what is in them, and where they were deployed."""

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from tracker.models.projects import Project
from tracker.versions import order_key

DATED_AT = Coalesce("released_at", "created_at")
"""By which releases are ordered among which versions say nothing."""


class OrderKeyField(models.BinaryField):  # type: ignore[type-arg]
    """`tracker.versions.order_key` of the row's version, written by itself whenever a row is made."""

    def pre_save(self, model_instance: Any, add: bool) -> bytes:
        key = order_key(model_instance.version)
        setattr(model_instance, self.attname, key)
        return key

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.BinaryField", arguments, options


class Environment(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="environments")
    name = models.CharField(max_length=64)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="environment_once")]


class Release(models.Model):
    """A version of one project. An organization-wide release in the API is one row in each of its projects."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="releases")
    version = models.CharField(max_length=250)
    order_key = OrderKeyField(db_default=b"")
    created_at = models.DateTimeField(default=timezone.now)
    """When it was first heard of, by an event or by the API; orders releases that versions do not."""
    started_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    url = models.CharField(max_length=500, blank=True, default="")
    ref = models.CharField(max_length=250, blank=True, default="")
    is_archived = models.BooleanField(default=False)
    first_event_at = models.DateTimeField(null=True)
    last_event_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="release_once")]
        indexes = [
            models.Index(fields=["project", "order_key"], name="release_by_version"),
            models.Index("project", DATED_AT, name="release_by_date"),
        ]

    def __str__(self) -> str:
        return self.version


class ReleaseEnvironment(models.Model):
    """An environment from which events of a release came; the primary key is the pair.

    Deleted by `tracker.deletion.cascade`.
    """

    pk = models.CompositePrimaryKey("release_id", "environment_id")
    release = models.ForeignKey(Release, models.DO_NOTHING, related_name="seen_in", db_index=False, db_constraint=False)
    environment = models.ForeignKey(
        Environment, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )


class Deploy(models.Model):
    release = models.ForeignKey(Release, models.CASCADE, related_name="deploys")
    environment = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True, default="")
    url = models.CharField(max_length=500, blank=True, default="")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["finished_at"], name="deploy_by_time")]


class Commit(models.Model):
    """One commit of a release; `files` are the paths that it touches."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="commits")
    sha = models.CharField(max_length=64, db_index=True)
    position = models.PositiveIntegerField(default=0)
    repository = models.CharField(max_length=200, blank=True, default="")
    author_name = models.CharField(max_length=128, blank=True, default="")
    author_email = models.CharField(max_length=254, blank=True, default="")
    message = models.TextField(blank=True, default="")
    committed_at = models.DateTimeField(null=True)
    files = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["release", "sha"], name="commit_once_in_release")]


class SessionCount(models.Model):
    """Sessions of one minute, release and environment, as SDKs report them."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="sessions")
    environment = models.CharField(max_length=64, blank=True, default="")
    minute = models.DateTimeField()
    exited = models.PositiveIntegerField(default=0)
    errored = models.PositiveIntegerField(default=0)
    crashed = models.PositiveIntegerField(default=0)
    abnormal = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "environment", "minute"], name="session_count_once")]


class SessionUsers(models.Model):
    """Who had sessions, and who had one that crashed, on one day of a release in an environment.

    `day` is days since 1970 UTC; the rest is the stored form of `tracker.counters.distinct.Distinct`.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="session_users")
    environment = models.CharField(max_length=64, blank=True, default="")
    day = models.PositiveIntegerField()
    users = models.BinaryField(default=b"")
    crashed_users = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "environment", "day"], name="session_users_once")]
