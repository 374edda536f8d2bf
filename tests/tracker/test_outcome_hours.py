"""Outcomes of long ago are counted by the hour."""

from datetime import timedelta

from django.db.models import Sum

from tests.conftest import World
from tests.tracker.digested import NOON
from tracker.deletion.retention import sweep
from tracker.models import OutcomeCount, Project
from tracker.outcomes.recording import BATCH_ROWS, fold_outcomes

MINUTE = int(NOON.timestamp()) // 60


def count(project: Project, minute: int, outcome: str = "stored", quantity: int = 1, **fields: object) -> None:
    OutcomeCount.objects.create(
        project=project, minute=minute, category="error", outcome=outcome, quantity=quantity, **fields
    )


def sums(project: Project) -> dict[tuple[int, str], int]:
    rows = OutcomeCount.objects.filter(project=project).order_by("minute", "outcome")
    return {(row.minute - MINUTE, row.outcome): row.quantity for row in rows}


def test_minutes_of_an_hour_that_is_two_days_old_become_one_row_for_each_outcome(world: World) -> None:
    old, recent = MINUTE - 3 * 1440, MINUTE - 1440
    for minute in (old, old + 7, old + 59, old + 60, recent + 5, recent + 6):
        count(world.shop, minute, quantity=2)
    count(world.shop, old + 7, "filtered", quantity=5)
    count(world.secret, old + 7)
    assert fold_outcomes(world.shop, NOON) == 3
    assert sums(world.shop) == {
        (-4320, "filtered"): 5,
        (-4320, "stored"): 6,
        (-4260, "stored"): 2,
        (-1435, "stored"): 2,
        (-1434, "stored"): 2,
    }
    assert sums(world.secret) == {(-4313, "stored"): 1}
    assert fold_outcomes(world.shop, NOON) == 0


def test_keys_and_reasons_stay_apart(world: World) -> None:
    old = MINUTE - 3 * 1440
    for key_id, reason in ((1, "a"), (1, "b"), (2, "a")):
        count(world.shop, old + 1, "filtered", key_id=key_id, reason=reason)
        count(world.shop, old + 2, "filtered", key_id=key_id, reason=reason)
    fold_outcomes(world.shop, NOON)
    assert list(OutcomeCount.objects.order_by("key_id", "reason").values_list("key_id", "reason", "quantity")) == [
        (1, "a", 2),
        (1, "b", 2),
        (2, "a", 2),
    ]


def test_many_rows_fold_in_bites_and_nothing_is_lost(world: World) -> None:
    start = MINUTE - 30 * 1440
    OutcomeCount.objects.bulk_create(
        OutcomeCount(project=world.shop, minute=start + n, category="error", outcome="stored", quantity=n)
        for n in range(3 * BATCH_ROWS)
    )
    sweep(NOON)
    rows = OutcomeCount.objects.filter(project=world.shop)
    assert rows.count() == 3 * BATCH_ROWS / 60
    assert rows.aggregate(sum=Sum("quantity"))["sum"] == sum(range(3 * BATCH_ROWS))


def test_the_account_stays_as_long_as_events_do(world: World) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_days=0)
    for project in (world.shop, world.secret):
        count(project, MINUTE - int(timedelta(days=400).total_seconds()) // 60)
    sweep(NOON)
    assert len(sums(world.shop)) == 1
    assert sums(world.secret) == {}
