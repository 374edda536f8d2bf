"""Counts of outcomes: added up by one statement, never lost, bounded."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.test.utils import CaptureQueriesContext

from ingest.envelope import Item
from ingest.item_types import category_of, quantity_of
from tests.conftest import World
from tracker.models import OutcomeCount
from tracker.outcomes import recording
from tracker.outcomes.recording import Outcome, OutcomeKey, Tally, minute_of, record_outcomes


def key_of(world: World, minute: int = 5, outcome: str = "stored") -> OutcomeKey:
    return OutcomeKey(world.shop.pk, world.key.pk, minute, "error", outcome)


def test_counts_are_added_to_what_is_there(world: World) -> None:
    record_outcomes({key_of(world): 2, key_of(world, outcome=Outcome.RECEIVED): 3})
    record_outcomes({key_of(world): 5})
    assert set(OutcomeCount.objects.values_list("key_id", "minute", "category", "outcome", "reason", "quantity")) == {
        (world.key.pk, 5, "error", "stored", "", 7),
        (world.key.pk, 5, "error", "received", "", 3),
    }


@pytest.mark.parametrize("rows", [1, 100, 1000])
def test_any_number_of_rows_is_one_statement(world: World, rows: int) -> None:
    counts = {key_of(world, minute): 1 for minute in range(rows)}
    with CaptureQueriesContext(connection) as queries:
        record_outcomes(counts)
    assert len(queries) == 1
    assert OutcomeCount.objects.count() == rows


def test_more_rows_than_one_statement_takes_are_all_counted(world: World) -> None:
    counts = {key_of(world, minute): minute + 1 for minute in range(2_001)}
    with CaptureQueriesContext(connection) as queries:
        record_outcomes(counts)
    assert len(queries) == 3
    assert sum(OutcomeCount.objects.values_list("quantity", flat=True)) == sum(counts.values())


def test_a_count_keeps_all_that_tells_it_apart(world: World) -> None:
    key = key_of(world)
    keys = [
        key,
        replace(key, key_id=5),
        replace(key, minute=6),
        replace(key, category="log"),
        replace(key, outcome="x"),
        replace(key, reason="y"),
    ]
    record_outcomes(dict.fromkeys(keys, 2))
    assert {
        (row.project_id, row.key_id, row.minute, row.category, row.outcome, row.reason): row.quantity
        for row in OutcomeCount.objects.all()
    } == {(key.project_id, key.key_id, key.minute, key.category, key.outcome, key.reason): 2 for key in keys}


def test_counts_of_a_project_that_is_gone_do_not_hinder_the_others(world: World) -> None:
    record_outcomes({OutcomeKey(999_999, 1, 5, "error", "stored"): 1, key_of(world): 1})
    assert OutcomeCount.objects.count() == 1


def test_nothing_to_count_is_no_statement(world: World) -> None:
    with CaptureQueriesContext(connection) as queries:
        record_outcomes({})
    assert len(queries) == 0


def test_a_tally_is_written_once(world: World) -> None:
    tally = Tally()
    tally.add([(key_of(world), 2), (key_of(world), 1)])
    tally.flush()
    with CaptureQueriesContext(connection) as queries:
        tally.flush()
    assert len(queries) == 0
    assert OutcomeCount.objects.get().quantity == 3


@pytest.mark.parametrize("failure", [DatabaseError, InterfaceError])
def test_what_the_database_does_not_take_is_kept_for_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    def away(_: object) -> None:
        raise failure("away")

    tally = Tally()
    tally.add([(key_of(world), 2)])
    with monkeypatch.context() as patched:
        patched.setattr(recording, "record_outcomes", away)
        tally.flush()
    tally.add([(key_of(world), 1)])
    tally.flush()
    assert OutcomeCount.objects.get().quantity == 3


def test_a_tally_folds_minutes_together_when_it_grows_too_large_and_loses_no_quantity() -> None:
    tally = Tally(rows_limit=100)
    for minute in range(1000):
        tally.add([(OutcomeKey(7, 11, minute, "error", "invalid", "not_json"), 2)])
    taken = tally.take()
    assert len(taken) <= 101
    assert sum(taken.values()) == 2000


def test_minutes_are_kept_as_long_as_there_is_room_and_then_count_as_the_newest() -> None:
    tally = Tally(rows_limit=3)
    for minute in (7, 9, 8):
        tally.add([(OutcomeKey(7, 11, minute, "error", "invalid"), 2)])
    tally.add([(OutcomeKey(7, 11, 7, "error", "invalid"), 1)])
    kept = tally.take()
    assert {key.minute: quantity for key, quantity in kept.items()} == {7: 3, 8: 2, 9: 2}
    tally.add(kept.items())
    tally.add([(OutcomeKey(7, 11, 6, "error", "filtered"), 5)])
    assert tally.take() == {
        OutcomeKey(7, 11, 9, "error", "invalid"): 7,
        OutcomeKey(7, 11, 9, "error", "filtered"): 5,
    }
    assert not tally.take()


@pytest.mark.parametrize(
    ("header", "category", "quantity"),
    [
        ({"type": "event"}, "error", 1),
        ({"type": "event", "security": "csp"}, "security", 1),
        ({"type": "event", "item_count": 9}, "error", 1),
        ({"type": "log", "item_count": 100}, "log_item", 100),
        ({"type": "span", "item_count": 10**12}, "span", 10_000),
        ({"type": "span", "item_count": -1}, "span", 1),
        ({"type": "span", "item_count": True}, "span", 1),
        ({"type": "sessions"}, "session", 1),
        ({"type": "check_in"}, "monitor", 1),
        ({"type": "client_report"}, "internal", 1),
        ({"type": "unheard of"}, "default", 1),
        ({}, "default", 1),
    ],
)
def test_items_count_in_their_category_and_quantity(header: dict[str, object], category: str, quantity: int) -> None:
    item = Item(header, memoryview(b""))
    assert (category_of(item), quantity_of(item)) == (category, quantity)


def test_a_minute_is_counted_from_1970() -> None:
    assert [minute_of(seconds) for seconds in (0.0, 59.9, 60.0, 1_800_000_000.5)] == [0, 0, 1, 30_000_000]
