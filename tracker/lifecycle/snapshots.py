"""The columns of an issue as they were before an action, kept in its Activity so that it can be taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.models import Issue

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
