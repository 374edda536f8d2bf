"""What became of everything that was received, so that nobody need ask where an event is.

    received = stored + duplicate + filtered + rate_limited + invalid + waiting

for each project and category; the left side is what was accepted or refused, counted once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet, Sum

from tracker.models import OutcomeCount, Project
from tracker.spool.waiting import count_waiting

ENDS = ("stored", "duplicate", "filtered", "rate_limited", "invalid")
DISCARDED = "client_discard"
"""Beside the sum: what clients say that they dropped themselves, so that it was never received."""
UNCHECKED = "unchecked"
"""Beside the sum: what passed its rate limits unasked, as their counts could not be reached."""
ERROR = "error"


@dataclass(slots=True)
class Account:
    """Items by what became of them."""

    ends: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ENDS, 0))
    reasons: dict[str, int] = field(default_factory=dict)
    """Of those not stored, by `outcome:reason`."""
    waiting: int = 0
    discards: dict[str, int] = field(default_factory=dict)
    """What clients dropped themselves, by reason; beside the sum."""
    unchecked: int = 0

    @property
    def received(self) -> int:
        return sum(self.ends.values()) + self.waiting

    def add(self, outcome: str, reason: str, quantity: int) -> None:
        if outcome == DISCARDED:
            self.discards[reason] = self.discards.get(reason, 0) + quantity
            return
        if outcome == UNCHECKED:
            self.unchecked += quantity
            return
        self.ends[outcome] += quantity
        if reason:
            name = f"{outcome}:{reason}"
            self.reasons[name] = self.reasons.get(name, 0) + quantity


@dataclass(slots=True)
class Accounts:
    """Items of some projects by category."""

    categories: dict[str, Account] = field(default_factory=dict)

    def of(self, category: str) -> Account:
        return self.categories.setdefault(category, Account())

    @property
    def errors(self) -> Account:
        """Error events, which most people mean by events."""
        return self.categories.get(ERROR) or Account()

    @property
    def waiting(self) -> int:
        """Items of all categories that lie in the spool."""
        return sum(account.waiting for account in self.categories.values())


def accounts_of(projects: Sequence[Project]) -> Accounts:
    """The account of these projects, as far back as counts are kept: one query, and a look into the spool."""
    accounts = Accounts()
    ids = [project.pk for project in projects]
    # The spool first: an item that moves on in between is then counted on both sides rather than on none.
    waiting = count_waiting()
    rows = OutcomeCount.objects.filter(project__in=ids, outcome__in=(*ENDS, DISCARDED, UNCHECKED))
    for category, outcome, reason, quantity in (
        rows.values_list("category", "outcome", "reason").annotate(Sum("quantity")).order_by("category", "outcome")
    ):
        accounts.of(category).add(outcome, reason, quantity)
    for id_ in ids:
        for category, quantity in waiting.get(id_, Counter[str]()).items():
            accounts.of(category).waiting += quantity
    return accounts


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
