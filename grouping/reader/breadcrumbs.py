"""What happened before: the trail that an event's page shows."""

from collections.abc import Mapping
from typing import Any

from grouping.event import Breadcrumb
from grouping.reader import limits
from grouping.reader.scalars import read_level, read_name, read_text, read_time
from grouping.reader.sections import section
from grouping.reader.stacks import mappings_of


def read_breadcrumbs(raw: Mapping[str, Any]) -> list[Breadcrumb]:
    """The breadcrumbs of a payload, oldest first as sent; the newest `limits.BREADCRUMBS` of more."""
    entries = mappings_of(section(raw, "breadcrumbs"), "message", "category", "timestamp")
    return [_read_breadcrumb(entry) for entry in entries[-limits.BREADCRUMBS :]]


def _read_breadcrumb(entry: dict[str, Any]) -> Breadcrumb:
    details = entry.get("data")
    return Breadcrumb(
        timestamp=read_time(entry.get("timestamp")),
        type=read_name(entry.get("type")) or "default",
        category=read_name(entry.get("category")),
        level=read_level(entry.get("level"), "info"),
        message=read_text(entry.get("message"), limits.TEXT),
        details=details if isinstance(details, dict) else {} if details is None else {"data": details},
    )
