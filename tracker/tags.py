"""The tags of an event, as they are counted and searched."""

from collections.abc import Callable
from functools import cache

from django.utils.module_loading import import_string

from grouping.event import Event

_DERIVE = "ingest.digest.tags.derive_tags"
"""Which tags an event has is the door's to say; named as text, because the domain does not know its doors."""


@cache
def _derive() -> Callable[[Event], dict[str, str]]:
    derive: Callable[[Event], dict[str, str]] = import_string(_DERIVE)
    return derive


def derive_tags(event: Event) -> dict[str, str]:
    """What its user set, and what everyone wants to search by."""
    return _derive()(event)
