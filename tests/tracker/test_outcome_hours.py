"""Outcomes of long ago are counted by the hour."""

from datetime import timedelta

from django.db.models import Sum

from tests.conftest import World
from tests.tracker.digested import NOON
from tracker.deletion.retention import sweep
from tracker.models import OutcomeCount, Project
from tracker.outcomes.recording import BATCH_ROWS, fold_outcomes, folding

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


def test_an_hour_is_folded_when_all_of_it_is_two_days_old(world: World) -> None:
    hour = MINUTE - 2 * 1440
    for minute in (hour - 1, hour + 1, hour + 59):
        count(world.shop, minute)
    assert fold_outcomes(world.shop, NOON + timedelta(minutes=59)) == 1
    assert sums(world.shop) == {(-2940, "stored"): 1, (-2879, "stored"): 1, (-2821, "stored"): 1}
    assert fold_outcomes(world.shop, NOON + timedelta(minutes=60)) == 2
    assert sums(world.shop) == {(-2940, "stored"): 1, (-2880, "stored"): 2}


def test_what_is_counted_late_is_added_to_its_hour(world: World) -> None:
    old = MINUTE - 3 * 1440
    for _ in range(2):
        count(world.shop, old + 5, quantity=3)
        assert fold_outcomes(world.shop, NOON) == 1
    assert sums(world.shop) == {(-4320, "stored"): 6}


def test_no_more_than_a_bite_is_folded_at_a_time(world: World) -> None:
    for number in range(2 * BATCH_ROWS + 1):
        count(world.shop, MINUTE - 30 * 1440 + 1, key_id=number)
    assert list(folding(world.shop, NOON)) == [BATCH_ROWS, BATCH_ROWS, 1]
    assert list(folding(world.shop, NOON)) == []


def test_categories_stay_apart(world: World) -> None:
    old = MINUTE - 3 * 1440
    count(world.shop, old + 1)
    OutcomeCount.objects.create(project=world.shop, minute=old + 2, category="session", outcome="stored", quantity=4)
    fold_outcomes(world.shop, NOON)
    rows = OutcomeCount.objects.values_list("category", "minute", "quantity")
    assert set(rows) == {("error", old, 1), ("session", old, 4)}
