"""What the digest hands to the recorder for each event: everything that becomes a row, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from grouping.group import Grouping, Key


@dataclass(slots=True)
class Digested:
    """An event, read, filtered, scrubbed, grouped and tagged; texts are clean and bounded by the columns' lengths."""

    project_id: int
    key_id: int
    event_id: bytes
    """16 bytes."""
    occurred_at: datetime
    """UTC, corrected for clock drift, never after `received_at`."""
    received_at: datetime
    grouping: Grouping
    title: str
    type: str
    value: str
    culprit: str
    platform: str
    logger: str
    level: int
    is_unhandled: bool
    release: str
    environment: str
    user_identity: str
    """Empty where the event names no user."""
    user_email: str = ""
    user_username: str = ""
    user_ip_address: str = ""
    legacy_keys: Callable[[], list[Key]] = list
    """Finds the keys under the project's earlier rules; asked only where none of the current keys is known."""
    tags: dict[str, str] = field(default_factory=dict)
    """Keys at most 32 characters, values at most 200; `release`, `environment`, `level` and derived ones included."""
    payload: bytes = b""
    """JSON, UTF-8."""
    category: str = "error"
    """The category under which outcomes are counted."""


@dataclass(slots=True, frozen=True)
class Recorded:
    """What became of one digested event."""

    event_id: bytes
    project_id: int
    issue_id: int
    is_duplicate: bool
    is_new_issue: bool
    is_regression: bool
    is_only_counted: bool = False
    """Its issue is spiking: the event is in all counts, but not among the stored samples."""
