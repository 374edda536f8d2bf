"""What `Activity.details` holds: one value for each kind of activity, with its form in JSON.

Forms hold codes, ids and names as they were at the time, never sentences. Reading is lenient: what a form lacks is
empty, so that a row of another version can still be shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self, TypeAlias

from tracker.issues.reasons import Reason
from tracker.issues.resolution import Resolution
from tracker.issues.status import Archival, Snapshot
from tracker.models import Activity, ActivityKind, User

Json: TypeAlias = dict[str, Any]


@dataclass(slots=True, frozen=True)
class FirstSeenDetails:
    kind: ClassVar = ActivityKind.FIRST_SEEN
    release: str = ""
    event_id: str = ""

    def as_json(self) -> Json:
        return {"release": self.release, "event_id": self.event_id}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_text(form, "release"), _text(form, "event_id"))


@dataclass(slots=True, frozen=True)
class RegressedDetails:
    kind: ClassVar = ActivityKind.REGRESSED
    release: str = ""
    """Of the event that refuted the resolution; empty where it names none."""
    reason: Reason | str = ""
    """A text where the row is older than the codes and says something that none of them means."""
    resolution: Resolution | None = None
    """How it had been resolved."""

    def as_json(self) -> Json:
        reason = self.reason.as_json() if isinstance(self.reason, Reason) else self.reason
        resolution = self.resolution.as_json() if self.resolution else None
        return {"release": self.release, "reason": reason, "resolution": resolution}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_text(form, "release"), _reason(form.get("reason")), _resolution(form))


@dataclass(slots=True, frozen=True)
class ResolvedDetails:
    kind: ClassVar = ActivityKind.RESOLVED
    resolution: Resolution | None = None
    before: Snapshot | None = None

    def as_json(self) -> Json:
        return {"resolution": self.resolution.as_json() if self.resolution else None, **_before(self.before)}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_resolution(form), _snapshot(form))


@dataclass(slots=True, frozen=True)
class ArchivedDetails:
    kind: ClassVar = ActivityKind.ARCHIVED
    archival: Archival = field(default_factory=Archival)
    before: Snapshot | None = None

    def as_json(self) -> Json:
        return {"archival": self.archival.as_json(), **_before(self.before)}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(Archival.from_json(form.get("archival") or {}), _snapshot(form))


@dataclass(slots=True, frozen=True)
class _ChangeDetails:
    """Of a change that says all by its kind."""

    before: Snapshot | None = None

    def as_json(self) -> Json:
        return _before(self.before)

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_snapshot(form))


@dataclass(slots=True, frozen=True)
class ReopenedDetails(_ChangeDetails):
    kind: ClassVar = ActivityKind.REOPENED


@dataclass(slots=True, frozen=True)
class ArchiveEndedDetails(_ChangeDetails):
    kind: ClassVar = ActivityKind.ARCHIVE_ENDED


@dataclass(slots=True, frozen=True)
class AssignedDetails:
    kind: ClassVar = ActivityKind.ASSIGNED
    to_id: int | None = None
    to_name: str = ""
    before: Snapshot | None = None

    def as_json(self) -> Json:
        return {"assigned_to": self.to_id, "assigned_to_name": self.to_name, **_before(self.before)}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(form.get("assigned_to"), _text(form, "assigned_to_name"), _snapshot(form))


@dataclass(slots=True, frozen=True)
class UnassignedDetails(_ChangeDetails):
    kind: ClassVar = ActivityKind.UNASSIGNED


@dataclass(slots=True, frozen=True)
class CommentedDetails:
    kind: ClassVar = ActivityKind.COMMENTED
    text: str = ""

    def as_json(self) -> Json:
        return {"text": self.text}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_text(form, "text"))


@dataclass(slots=True, frozen=True)
class MergedIssue:
    """An issue that was merged into another, with what restoring it needs to know."""

    issue_id: int
    short_id: str
    keys: int = 0
    """How many it had."""
    last_event_id: int = 0
    origins: Mapping[int, int] = field(default_factory=dict)
    """By id of a key that had been merged into it before: the issue that the key came from."""
    before: Snapshot | None = None

    def as_json(self) -> Json:
        return {
            "issue": self.issue_id,
            "short_id": self.short_id,
            "keys": self.keys,
            "last_event": self.last_event_id,
            "origins": {str(key_id): issue_id for key_id, issue_id in self.origins.items()},
            **_before(self.before),
        }

    @classmethod
    def from_json(cls, form: Json) -> Self:
        origins = {int(key_id): issue_id for key_id, issue_id in (form.get("origins") or {}).items()}
        keys, last_event = form.get("keys", 0), form.get("last_event", 0)
        return cls(form.get("issue", 0), _text(form, "short_id"), keys, last_event, origins, _snapshot(form))


@dataclass(slots=True, frozen=True)
class MergedDetails:
    kind: ClassVar = ActivityKind.MERGED
    merged: tuple[MergedIssue, ...] = ()
    first_seen_at: datetime | None = None
    """Of the issue that the others went into, before."""
    first_release_id: int | None = None

    def as_json(self) -> Json:
        first_seen = self.first_seen_at.isoformat() if self.first_seen_at else None
        before = {"first_seen_at": first_seen, "first_release": self.first_release_id}
        return {"merged": [each.as_json() for each in self.merged], "before": before}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        before = form.get("before") or {}
        first_seen = before.get("first_seen_at")
        return cls(
            tuple(MergedIssue.from_json(each) for each in form.get("merged") or ()),
            datetime.fromisoformat(first_seen) if first_seen else None,
            before.get("first_release"),
        )


@dataclass(slots=True, frozen=True)
class UnmergedDetails:
    kind: ClassVar = ActivityKind.UNMERGED
    unmerged: tuple[tuple[int, str], ...] = ()
    """Ids and short ids of the issues that were taken out."""

    def as_json(self) -> Json:
        return {"unmerged": [{"issue": id_, "short_id": short_id} for id_, short_id in self.unmerged]}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(tuple((each.get("issue", 0), _text(each, "short_id")) for each in form.get("unmerged") or ()))


@dataclass(slots=True, frozen=True)
class UndoneDetails:
    kind: ClassVar = ActivityKind.UNDONE
    undone: str = ""
    """The `ActivityKind` that was taken back."""
    activity_id: int | None = None

    def as_json(self) -> Json:
        return {"kind": self.undone, "activity": self.activity_id}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_text(form, "kind"), form.get("activity"))


@dataclass(slots=True, frozen=True)
class DeployedDetails:
    kind: ClassVar = ActivityKind.DEPLOYED
    release: str = ""
    environment: str = ""
    deploy_id: int | None = None

    def as_json(self) -> Json:
        return {"release": self.release, "environment": self.environment, "deploy": self.deploy_id}

    @classmethod
    def from_json(cls, form: Json) -> Self:
        return cls(_text(form, "release"), _text(form, "environment"), form.get("deploy"))


Details: TypeAlias = (
    FirstSeenDetails
    | RegressedDetails
    | ResolvedDetails
    | ReopenedDetails
    | ArchivedDetails
    | ArchiveEndedDetails
    | AssignedDetails
    | UnassignedDetails
    | CommentedDetails
    | MergedDetails
    | UnmergedDetails
    | UndoneDetails
    | DeployedDetails
)
TYPES: Mapping[str, type[Details]] = {type_.kind: type_ for type_ in Details.__args__}


def details_of(activity: Activity) -> Details:
    """The activity's details, read."""
    return TYPES[activity.kind].from_json(activity.details if isinstance(activity.details, dict) else {})


def new_activity(
    details: Details, *, project_id: int, issue_id: int | None = None, by: User | None = None, now: datetime
) -> Activity:
    """An activity that is not saved yet; its kind is that of its details."""
    return Activity(
        project_id=project_id,
        issue_id=issue_id,
        kind=details.kind,
        user=by,
        details=details.as_json(),
        created_at=now,
    )


def _text(form: Json, name: str) -> str:
    value = form.get(name)
    return "" if value is None else str(value)


def _reason(value: Any) -> Reason | str:
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    try:
        return Reason.from_json(value)
    except (KeyError, ValueError):
        return ""


def _resolution(form: Json) -> Resolution | None:
    try:
        return Resolution.from_json(form["resolution"])
    except (KeyError, TypeError, ValueError):
        return None


def _before(snapshot: Snapshot | None) -> Json:
    return {} if snapshot is None else {"before": snapshot.as_json()}


def _snapshot(form: Json) -> Snapshot | None:
    return Snapshot.from_json(form["before"]) if form.get("before") else None
