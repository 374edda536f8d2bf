"""Does the equation of `tracker.accounting` hold? Each project and category by itself, both sides counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet, Sum

from tracker.accounting import DISCARDED, ENDS, UNCHECKED
from tracker.models import OutcomeCount, Project

RECEIVED = "received"
REFUSED = ("filtered", "rate_limited", "invalid")
MINUTES_PER_DAY = 1440


@dataclass(slots=True)
class Balance:
    """Items of one project and category."""

    project: Project
    category: str
    received: int = 0
    ends: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDS, 0))
    """What became of them."""
    unchecked: int = 0
    """Of them, those that passed their rate limits unasked."""

    @property
    def missing(self) -> int:
        """Received items of which nothing is known; anything but 0 is a defect."""
        return self.received - sum(self.ends.values())


@dataclass(slots=True, frozen=True)
class Reason:
    """Why items were not stored, or not even sent."""

    project: Project
    category: str
    outcome: str
    reason: str
    quantity: int


def balances_of(projects: Sequence[Project], now: datetime, *, days: int = 7) -> list[Balance]:
    """The equation of each project and category over the last days, by project: one query."""
    counted = _counts(projects, now, days).exclude(outcome=DISCARDED).values_list("project", "category", "outcome")
    by_id = {project.pk: project for project in projects}
    found: dict[tuple[int, str], Balance] = {}
    for project, category, outcome, quantity in counted.annotate(total=Sum("quantity")):
        balance = found.setdefault((project, category), Balance(by_id[project], category))
        if outcome == RECEIVED:
            balance.received = quantity
        elif outcome == UNCHECKED:
            balance.unchecked = quantity
        else:
            balance.ends[outcome] += quantity
    return sorted(found.values(), key=lambda balance: (balance.project.name, balance.project.pk, balance.category))


def reasons_of(projects: Sequence[Project], now: datetime, *, days: int = 7, limit: int = 50) -> list[Reason]:
    """Why items were filtered, limited or invalid, the most frequent first: one query."""
    return _reasons(projects, _counts(projects, now, days).filter(outcome__in=REFUSED), limit)


def discards_of(projects: Sequence[Project], now: datetime, *, days: int = 7, limit: int = 50) -> list[Reason]:
    """What clients say that they dropped themselves, the most frequent first: one query."""
    return _reasons(projects, _counts(projects, now, days).filter(outcome=DISCARDED), limit)


def _reasons(projects: Sequence[Project], counts: QuerySet[OutcomeCount], limit: int) -> list[Reason]:
    rows = counts.values_list("project", "category", "outcome", "reason").annotate(total=Sum("quantity"))
    by_id = {project.pk: project for project in projects}
    return [Reason(by_id[project], *rest) for project, *rest in rows.order_by("-total")[:limit]]


def _counts(projects: Sequence[Project], now: datetime, days: int) -> QuerySet[OutcomeCount]:
    since = int(now.timestamp()) // 60 - days * MINUTES_PER_DAY
    return OutcomeCount.objects.filter(project__in=projects, minute__gte=since).order_by()
