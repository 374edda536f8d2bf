"""Payloads at rest: each is the zstd difference to its issue's base."""

from typing import Any

from tracker.models import Event


def load_payload(event: Event) -> dict[str, Any]:
    """The event's payload as it was stored (one query for its base if that is not loaded)."""
    raise NotImplementedError
