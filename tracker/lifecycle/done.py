"""What an action answers: what it did, in rows to take back and in words to show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.models import Activity, Issue


@dataclass(slots=True, frozen=True)
class Undo:
    """What an action did: its activities, and a sentence that says it (`SHOP-42 is resolved in 1.4.2.`)."""

    activity_ids: tuple[int, ...]
    sentence: str
    consequence: str = ""
    """What happens next: `An event of 1.4.2 or newer reopens it; events of older releases are counted …`"""


def ids_of(activities: Iterable[Activity]) -> tuple[int, ...]:
    return tuple(activity.pk for activity in activities)


def subject(issues: Sequence[Issue]) -> str:
    """The beginning of a sentence about issues, with their projects loaded: `SHOP-42 is`, `12 issues are`."""
    return f"{issues[0].short_id} is" if len(issues) == 1 else f"{len(issues):,} issues are"
