"""What people do to issues: rows and Activity in one transaction, and how to take it back.

Every action takes the issues (of one or several projects that the caller has been shown), who acts, and the time. It
answers an `Undo`, which `undo` takes back as long as nothing newer has touched the issue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.lifecycle.resolution import Resolution
from tracker.lifecycle.status import Archival
from tracker.models import Activity, Issue, User


@dataclass(slots=True, frozen=True)
class ResolveIn:
    """What the resolve menu offers: `kind` as in `Resolution`, plus `in_current_release`; the rest as typed."""

    kind: str = "now"
    versions: tuple[str, ...] = ()
    range: str = ""
    commit: str = ""
    repository: str = ""


@dataclass(slots=True, frozen=True)
class Undo:
    """What an action did: its activities, and a sentence that says it (`SHOP-42 is resolved in 1.4.2`)."""

    activity_ids: tuple[int, ...]
    sentence: str
    consequence: str = ""
    """What happens next: `An event of 1.4.2 or newer reopens it; older ones are counted as expected.`"""


def resolve(issues: Sequence[Issue], how: ResolveIn, *, by: User | None, now: datetime) -> Undo:
    """Resolve; raises ValueError with a sentence where `how` cannot be meant (an unreadable range, no release)."""
    raise NotImplementedError


def archive(issues: Sequence[Issue], archival: Archival, *, by: User | None, now: datetime) -> Undo:
    raise NotImplementedError


def reopen(issues: Sequence[Issue], *, by: User | None, now: datetime) -> Undo:
    raise NotImplementedError


def assign(issues: Sequence[Issue], to: User | None, *, by: User | None, now: datetime) -> Undo:
    """Assign, or unassign with `to=None`."""
    raise NotImplementedError


def comment(issue: Issue, text: str, *, by: User, now: datetime) -> Activity:
    raise NotImplementedError


def undo(activity_ids: Sequence[int], *, by: User, now: datetime) -> str:
    """Take back what the activities did where the issue still is as they left it; answers a sentence."""
    raise NotImplementedError


__all__ = ["Archival", "Resolution", "ResolveIn", "Undo", "archive", "assign", "comment", "reopen", "resolve", "undo"]
