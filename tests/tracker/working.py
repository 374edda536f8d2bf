"""The worker's part of background work, done in the test's own thread."""

from django.utils import timezone

from tracker.jobs.slices import take_bite


def finish_jobs() -> None:
    """Take bites until nothing is due."""
    while take_bite(timezone.now()):
        pass
