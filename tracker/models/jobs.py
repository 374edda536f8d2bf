"""Work that waits for a worker: a row from the transaction that asks for it until it is done."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class JobStatus(models.TextChoices):
    """What has become of it; the labels are shown to administrators."""

    WAITING = "waiting", "Waits for a worker, or for its next try."
    RUNNING = "running", "A worker has it; should nothing be heard until its lock expires, another takes it up."
    FAILED = "failed", "Given up after many tries; it runs again when an administrator says so."
    DONE = "done", "Went well."


PENDING = (JobStatus.WAITING, JobStatus.RUNNING)


class Queue(models.TextChoices):
    """Who does it; no queue waits for another."""

    DIGEST = "digest", "Empties the spool."
    WORK = "work", "Does what takes long in the database, a time slice at a time."
    DELIVER = "deliver", "Asks other machines and waits for what they answer."


class Claimable(models.Model):
    """A row that workers claim, each for as long as its lock lasts: see `tracker.jobs.claims`."""

    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    """Counted when it is claimed, so that no crash loses one; 0 again once it got on."""
    run_at = models.DateTimeField(default=timezone.now)
    """Not before then; the smaller, the earlier its turn."""
    locked_until = models.DateTimeField(null=True)
    """Until then nobody else claims it; None unless it is running."""
    last_error = models.CharField(max_length=300, blank=True, default="")
    """Of the last try that failed: the exception's type and text, or what the receiver said."""

    class Meta:
        abstract = True


class Job(Claimable):
    """Something to be done, harmless when it is done again. Celery only wakes: this row is the truth."""

    queue = models.CharField(max_length=10, choices=Queue, default=Queue.WORK)
    kind = models.CharField(max_length=200)
    """A name that no move of code changes, such as `delete-project`."""
    payload = models.JSONField(null=True)
    """The arguments, a list; None where a schedule asks for it again by itself."""
    identity = models.CharField(max_length=64, unique=True)
    """A hash of kind and arguments: what is asked for twice is one row."""
    traceback = models.TextField(blank=True, default="")
    """Its end, of the last try that failed."""
    failures = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    """When a worker last claimed it or it last failed."""
    finished_at = models.DateTimeField(null=True)
    """When it went well at last."""

    class Meta:
        indexes = [models.Index(fields=["queue", "run_at"], condition=Q(status__in=PENDING), name="job_due")]
