"""The columns of an issue as they were before an action, kept in its Activity so that it can be taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from tracker.errors import DomainError, Refusal
from tracker.models import Issue
from tracker.models.issues import Status

MAX_MORE = 10**12
"""Events, or users, for which an issue can be archived."""


class Cause(Enum):
    """What can happen to an issue."""

    RESOLVE = "resolve"
    ARCHIVE = "archive"
    REOPEN = "reopen"
    REGRESSION = "regression"
    ARCHIVE_OVER = "archive over"


TRANSITIONS: dict[tuple[Status, Cause], Status] = {
    (Status.UNRESOLVED, Cause.RESOLVE): Status.RESOLVED,
    (Status.UNRESOLVED, Cause.ARCHIVE): Status.ARCHIVED,
    # Resolving or archiving again says again how: in another release, until another time.
    (Status.RESOLVED, Cause.RESOLVE): Status.RESOLVED,
    (Status.RESOLVED, Cause.ARCHIVE): Status.ARCHIVED,
    (Status.RESOLVED, Cause.REOPEN): Status.UNRESOLVED,
    (Status.RESOLVED, Cause.REGRESSION): Status.UNRESOLVED,
    (Status.ARCHIVED, Cause.RESOLVE): Status.RESOLVED,
    (Status.ARCHIVED, Cause.ARCHIVE): Status.ARCHIVED,
    (Status.ARCHIVED, Cause.REOPEN): Status.UNRESOLVED,
    (Status.ARCHIVED, Cause.ARCHIVE_OVER): Status.UNRESOLVED,
}
"""Where a cause leads. What is not in the table does not happen: an archived issue has no regressions."""


def statuses_that_allow(cause: Cause) -> tuple[Status, ...]:
    """The states in which a cause does anything."""
    return tuple(status for status, possible in TRANSITIONS if possible is cause)


@dataclass(slots=True, frozen=True)
class Archival:
    """Archived until any of these holds; with none, forever. The form in `Issue.archival` is `as_json`."""

    until: datetime | None = None
    until_times_seen: int | None = None
    """The issue's total count at which it comes back."""
    until_users_affected: int | None = None
    """The issue's total of users at which it comes back."""

    def as_json(self) -> dict[str, Any]:
        conditions = {
            "until": self.until and as_json_time(self.until),
            "until_times_seen": self.until_times_seen,
            "until_users_affected": self.until_users_affected,
        }
        return {name: condition for name, condition in conditions.items() if condition is not None}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Archival":
        return cls(
            until=datetime.fromisoformat(value["until"]) if value.get("until") else None,
            until_times_seen=value.get("until_times_seen"),
            until_users_affected=value.get("until_users_affected"),
        )


@dataclass(slots=True, frozen=True)
class ArchiveFor:
    """What the archive menu offers: until a moment, or until so many more events or users than now.

    It ends with whichever comes first; with none of them it never does.
    """

    until: datetime | None = None
    events: int | None = None
    users: int | None = None

    @property
    def is_counted(self) -> bool:
        """Does the end depend on what each issue has counted so far?"""
        return self.events is not None or self.users is not None

    def check(self, now: datetime) -> None:
        """Raises DomainError where the moment does not lie ahead, or a count is none."""
        if self.until is not None and self.until <= now:
            raise DomainError(Refusal.NOT_AHEAD)
        if any(count is not None and not 0 < count <= MAX_MORE for count in (self.events, self.users)):
            raise DomainError(Refusal.NOT_A_COUNT, most=MAX_MORE)

    def archival_of(self, times_seen: int, users_affected: int) -> Archival:
        """What it means for an issue with these totals."""
        return Archival(
            self.until,
            None if self.events is None else times_seen + self.events,
            None if self.users is None else users_affected + self.users,
        )


def as_json_time(at: datetime) -> str:
    """A moment in a form whose order as text is its order in time, so that the database can compare it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def is_archive_over(archival: Archival, *, now: datetime, times_seen: int, users_affected: int) -> bool:
    """True once any of the archival's conditions holds."""
    return (
        (archival.until is not None and now >= archival.until)
        or (archival.until_times_seen is not None and times_seen >= archival.until_times_seen)
        or (archival.until_users_affected is not None and users_affected >= archival.until_users_affected)
    )


COLUMNS = (
    "status",
    "status_changed_at",
    "is_regressed",
    "resolution",
    "archival",
    "expected_since_resolved",
    "assigned_to_id",
)


@dataclass(slots=True, frozen=True)
class Snapshot:
    """Some columns of one issue, by name."""

    columns: dict[str, Any]

    @classmethod
    def of(cls, issue: Issue, names: Iterable[str]) -> "Snapshot":
        return cls({name: getattr(issue, name) for name in names})

    def as_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in self.columns.items()
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Snapshot":
        columns = {name: value[name] for name in COLUMNS if name in value}
        if columns.get("status_changed_at"):
            columns["status_changed_at"] = datetime.fromisoformat(columns["status_changed_at"])
        return cls(columns)
