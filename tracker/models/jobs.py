"""What went wrong in the workers."""

from django.db import models
from django.utils import timezone


class FailedJob(models.Model):
    """A task that failed, once for each error that it failed with."""

    task = models.CharField(max_length=200)
    error = models.CharField(max_length=300)
    """The exception's type and text."""
    traceback = models.TextField(blank=True, default="")
    """Of the last time."""
    times = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "error"], name="failed_job_once")]
