"""What actions did, in codes and values; `web.wording` makes sentences of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from tracker.issues.resolution import Resolution
from tracker.issues.status import ArchiveFor
from tracker.models import Activity


@dataclass(slots=True, frozen=True)
class Resolved:
    resolutions: tuple[Resolution, ...]
    """Several where issues of several projects, or packages, are each resolved in a release of their own."""


@dataclass(slots=True, frozen=True)
class Archived:
    how: ArchiveFor


@dataclass(slots=True, frozen=True)
class Reopened:
    pass


@dataclass(slots=True, frozen=True)
class Assigned:
    to_id: int | None
    """None where they are nobody's any more."""
    to_name: str = ""


@dataclass(slots=True, frozen=True)
class Commented:
    note_ids: tuple[int, ...]
    """The activities that hold the comment."""


@dataclass(slots=True, frozen=True)
class Merged:
    into_id: int
    into: str
    """The short id of the issue that the others went into."""
    merged_ids: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class Unmerged:
    out_of: str
    """The short id of the issue that the changed ones were taken out of."""


@dataclass(slots=True, frozen=True)
class Deleted:
    is_over: bool
    """False where a worker goes on deleting."""


@dataclass(slots=True, frozen=True)
class TakenBack:
    pass


Effect: TypeAlias = Resolved | Archived | Reopened | Assigned | Commented | Merged | Unmerged | Deleted | TakenBack


@dataclass(slots=True, frozen=True)
class ActionResult:
    """What one action did."""

    effect: Effect
    matched: int
    """Issues that were chosen for it."""
    changed: tuple[str, ...]
    """Short ids of those that are different now: an issue that was so already is not among them."""
    activity_ids: tuple[int, ...] = ()
    """What can be taken back."""


@dataclass(slots=True, frozen=True)
class TriageResult:
    """What the actions of one command did, in their order."""

    matched: int
    results: tuple[ActionResult, ...]

    @property
    def changed(self) -> int:
        """Issues that any of the actions changed."""
        return len({short_id for result in self.results for short_id in result.changed})

    @property
    def activity_ids(self) -> tuple[int, ...]:
        return tuple(id_ for result in self.results for id_ in result.activity_ids)


def ids_of(activities: Iterable[Activity]) -> tuple[int, ...]:
    return tuple(activity.pk for activity in activities)
