"""Is it fixed in this release? The rule of "resolved in release", pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class Verdict(Enum):
    STILL_FIXED = "still fixed"
    NOT_COVERED = "not covered by the fix"
    REGRESSION = "regression"


@dataclass(slots=True, frozen=True)
class KnownRelease:
    """What is known of a release: enough to order it among others."""

    version: str
    released_at: datetime | None
    first_seen_at: datetime


@dataclass(slots=True, frozen=True)
class Resolution:
    """How an issue was resolved; `as_json` and `from_json` are its form in `Issue.resolution`."""

    kind: str
    """now, in_release, in_next_release, in_next_minor, in_next_major, in_range, in_commit."""
    resolved_at: datetime
    versions: tuple[str, ...] = ()
    """in_release: one or, on several lines, more."""
    newest: KnownRelease | None = None
    """The newest release known when it was resolved, for the `next` kinds and ranges."""
    range: str = ""
    commit: str = ""
    repository: str = ""
    by_user_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Resolution":
        raise NotImplementedError


@dataclass(slots=True, frozen=True)
class Judgement:
    verdict: Verdict
    reason: str
    """In words, for the issue's page: `1.4.1 is older than 1.4.2, in which it was fixed`."""


@dataclass(slots=True, frozen=True)
class ReleaseKnowledge:
    """What is known of the project's releases that a judgement needs."""

    releases: dict[str, KnownRelease] = field(default_factory=dict)
    """By version string: those named by the resolution and the event's own, where known."""
    commit_release: KnownRelease | None = None
    """The first release that contains the resolution's commit."""


def judge(resolution: Resolution, event_release: str, occurred_at: datetime, knowledge: ReleaseKnowledge) -> Judgement:
    """Judge one event against a resolution; `event_release` is empty where the event names none."""
    raise NotImplementedError
