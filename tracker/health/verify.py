"""Does everything add up? The equation of received items, and every counter against the rows that it counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from tracker.models import Event, Issue, IssueUser, OutcomeCount, PayloadBase, Project

ENDS = ("stored", "duplicate", "filtered", "rate_limited", "invalid")
"""What becomes of a received item; `waiting` is in the spool, and not counted as received before it is digested."""


@dataclass(slots=True, frozen=True)
class Imbalance:
    """Two numbers that should be equal (or the first at least the second) and are not."""

    what: str
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.what}: {self.expected:,} expected, {self.found:,} found"


def find_imbalances() -> Iterator[Imbalance]:
    """Everything that does not add up, over all projects; reads the tables whole, so it may take a while."""
    yield from _outcomes()
    yield from _projects()
    yield from _issues()
    yield from _events()


def _outcomes() -> Iterator[Imbalance]:
    """received = stored + duplicate + filtered + rate_limited + invalid, by project and category."""
    rows = (
        OutcomeCount.objects.order_by("project_id", "category")
        .values("project_id", "project__slug", "category")
        .annotate(
            received=Coalesce(Sum("quantity", filter=Q(outcome="received")), 0),
            ended=Coalesce(Sum("quantity", filter=Q(outcome__in=ENDS)), 0),
        )
    )
    for row in rows:
        if row["received"] != row["ended"]:
            name = f"project {row['project__slug']}, category {row['category']}: what became of received items"
            yield Imbalance(name, row["received"], row["ended"])


def _counted(rows: QuerySet[Event] | QuerySet[IssueUser], key: str) -> Subquery:
    return Subquery(rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(n=Count("pk")).values("n"))


def _projects() -> Iterator[Imbalance]:
    counts = {
        row["project_id"]: row["n"] for row in Event.objects.order_by().values("project_id").annotate(n=Count("id"))
    }
    stored = {
        row["project_id"]: row["n"]
        for row in OutcomeCount.objects.filter(outcome="stored")
        .order_by()
        .values("project_id")
        .annotate(n=Sum("quantity"))
    }
    for id_, slug, kept in Project.objects.order_by("id").values_list("id", "slug", "stored_events"):
        if kept != counts.get(id_, 0):
            yield Imbalance(f"project {slug}: its number of stored events", counts.get(id_, 0), kept)
        if counts.get(id_, 0) > stored.get(id_, 0):
            yield Imbalance(f"project {slug}: events that lie there, of those counted", stored.get(id_, 0), counts[id_])


def _issues() -> Iterator[Imbalance]:
    users = Issue.objects.annotate(found=Coalesce(_counted(IssueUser.objects.all(), "issue_id"), 0))
    for number, expected, found in users.exclude(users_affected=F("found")).values_list(
        "number", "found", "users_affected"
    ):
        yield Imbalance(f"issue {number}: users affected", expected, found)
    events = Issue.objects.annotate(found=Coalesce(_counted(Event.objects.all(), "issue_id"), 0))
    for number, expected, found in events.filter(found__gt=F("times_seen")).values_list(
        "number", "found", "times_seen"
    ):
        yield Imbalance(f"issue {number}: times seen, of events that lie there", expected, found)


def _events() -> Iterator[Imbalance]:
    total = Event.objects.count()
    with_issue = Event.objects.filter(issue__in=Issue.objects.all()).count()
    if with_issue != total:
        yield Imbalance("events whose issue exists", total, with_issue)
    folded = Event.objects.filter(base_id__isnull=False)
    unfoldable = folded.filter(base__in=PayloadBase.objects.all()).count()
    if unfoldable != folded.count():
        yield Imbalance("events whose payload can be unfolded", folded.count(), unfoldable)
