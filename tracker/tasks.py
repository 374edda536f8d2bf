"""Celery tasks of the domain: load, one call."""

from celery import shared_task


@shared_task
def apply_retention() -> None:
    """Remove, in small bites, what is past its time."""
    raise NotImplementedError


@shared_task
def reopen_archived() -> None:
    """Bring back archived issues whose date has come."""
    raise NotImplementedError
