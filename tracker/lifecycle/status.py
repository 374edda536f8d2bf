"""When does an archived issue come back? Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True, frozen=True)
class Archival:
    """Archived until any of these holds; with none, for ever. The form in `Issue.archival` is `as_json`."""

    until: datetime | None = None
    until_times_seen: int | None = None
    """The issue's total count at which it comes back."""
    until_users_affected: int | None = None
    """The issue's total of users at which it comes back."""

    def as_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Archival":
        raise NotImplementedError


def is_archive_over(archival: Archival, *, now: datetime, times_seen: int, users_affected: int) -> bool:
    """True once any of the archival's conditions holds."""
    raise NotImplementedError
