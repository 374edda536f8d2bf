"""The worker's part of background work, done in the test's own thread."""

from django.utils import timezone

from tracker.jobs.slices import run_slice


def finish_jobs() -> None:
    """Take time slices until nothing is due."""
    while run_slice(timezone.now()):
        pass
