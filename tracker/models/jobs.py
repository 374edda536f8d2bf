"""What went wrong in the workers."""

from django.db import models
from django.utils import timezone


class FailedJob(models.Model):
    """A task with its arguments that failed: tried again later and later, and shown until it went well."""

    task = models.CharField(max_length=200)
    arguments = models.JSONField(null=True)
    """`[args, kwargs]`; None where they cannot be kept, so that it cannot be run again."""
    identity = models.CharField(max_length=64, unique=True)
    """A hash of task and arguments."""
    error = models.CharField(max_length=300)
    """The exception's type and text, as the traceback of the last time."""
    traceback = models.TextField(blank=True, default="")
    times = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    """How often it was started again by itself since the first failure."""
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    retry_at = models.DateTimeField(null=True)
    """When it is started again by itself; None where that is over."""
    resolved_at = models.DateTimeField(null=True)
    """When it went well at last."""
