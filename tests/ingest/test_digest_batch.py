"""What becomes of each item of a batch: rows, and outcomes whose sum balances."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from ingest.digest.batch import digest_batch
from ingest.digest.entry import MAX_REASONS
from tests.conftest import World
from tests.ingest.digest_setup import claimed, entry, envelope, event, outcomes
from tracker.models import DigestReceipt, Event, Issue, SessionCount
from tracker.spool import Claimed, Entry

NOW = datetime.now(UTC)

pytestmark = pytest.mark.django_db


def digest(*entries: Entry, attempts: int = 1) -> list[Claimed]:
    batch = claimed(*entries, attempts=attempts)
    assert digest_batch(batch, "test", NOW) == [each.id for each in batch]
    return batch


def balance() -> int:
    """Received minus everything it became."""
    return sum(
        quantity if outcome == "received" else -quantity
        for (_, outcome, _), quantity in outcomes().items()
        if outcome != "client_discard"
    )


def test_every_event_of_an_envelope_is_stored(world: World) -> None:
    digest(entry(world, event("one"), event("two")))
    assert sorted(Issue.objects.values_list("title", flat=True)) == ["one", "two"]
    assert outcomes() == {("error", "received", ""): 2, ("error", "stored", ""): 2}


def test_an_event_that_comes_twice_is_a_duplicate_the_second_time(world: World) -> None:
    twice = entry(world, event())
    digest(twice)
    digest(twice)
    assert Event.objects.count() == 1
    assert outcomes() == {("error", "received", ""): 2, ("error", "stored", ""): 1, ("error", "duplicate", ""): 1}


def test_entries_that_were_recorded_before_a_crash_are_neither_stored_nor_counted_again(world: World) -> None:
    session = {"type": "sessions"}, {"attrs": {"release": "1.0"}, "aggregates": [{"exited": 3}]}
    batch = digest(entry(world, event(), session))
    again = [Claimed(each.id, each.entry, 2) for each in batch]
    fresh = claimed(entry(world, event("new")))
    digest_batch([*again, *fresh], "another", NOW)
    assert outcomes()["error", "stored", ""] == 2
    assert ("error", "duplicate", "") not in outcomes()
    assert SessionCount.objects.get().exited == 3
    assert DigestReceipt.objects.count() == 2


def test_items_that_are_not_stored_yet_are_counted_as_filtered(world: World) -> None:
    kinds = ["transaction", "attachment", "check_in", "profile", "replay_event", "feedback", "made_up"]
    digest(entry(world, *(({"type": kind}, b"{}") for kind in kinds), ({"type": "log", "item_count": 7}, b"{}")))
    filtered = {key: quantity for key, quantity in outcomes().items() if key[1] == "filtered"}
    assert {reason for _, _, reason in filtered} == {"not_stored_yet"}
    assert sum(filtered.values()) == len(kinds) + 7
    assert balance() == 0


def test_a_transaction_in_an_event_item_is_no_error(world: World) -> None:
    digest(entry(world, event(type="transaction", transaction="/checkout")))
    assert Event.objects.count() == 0
    assert outcomes()["error", "filtered", "not_stored_yet"] == 1


def test_what_clients_discarded_is_counted_beside_the_sum(world: World) -> None:
    discarded = [{"reason": "queue_overflow", "category": "error", "quantity": 12}, {"quantity": -3}, "odd"]
    digest(entry(world, ({"type": "client_report"}, {"discarded_events": discarded})))
    assert outcomes() == {
        ("error", "client_discard", "queue_overflow"): 12,
        ("internal", "received", ""): 1,
        ("internal", "stored", ""): 1,
    }


def test_more_reasons_than_a_client_can_have_are_counted_as_one(world: World) -> None:
    def report(number: int) -> dict[str, Any]:
        return {
            "discarded_events": [{"reason": f"{number}-{n}", "category": f"c{n}", "quantity": 2} for n in range(100)]
        }

    digest(entry(world, *[({"type": "client_report"}, report(number)) for number in range(50)]))
    discards = {key: quantity for key, quantity in outcomes().items() if key[1] == "client_discard"}
    assert sum(discards.values()) == 10_000
    assert len(discards) <= MAX_REASONS
    assert discards["default", "client_discard", "other"] > 9_000


def test_a_crowd_of_sessions_closes_a_batch_early(world: World) -> None:
    crowd = {"attrs": {"release": "shop@1"}, "aggregates": [{"started": "2026-01-02T03:04:00Z", "exited": 1}] * 100}
    entries = claimed(*[entry(world, *[({"type": "sessions"}, crowd)] * 400) for _ in range(3)])
    assert digest_batch(entries, "test", NOW) == [entries[0].id]
    assert SessionCount.objects.get().exited == 40_000


def test_sessions_become_counts_by_release_environment_and_minute(world: World) -> None:
    started = "2026-01-02T03:04:00Z"
    summed = {
        "attrs": {"release": "shop@1", "environment": "prod"},
        "aggregates": [{"started": started, "exited": 5, "errored": 2}],
    }
    first = {
        "sid": "a",
        "init": True,
        "status": "ok",
        "started": started,
        "attrs": {"release": "shop@1", "environment": "prod"},
    }
    crash = first | {"init": False, "status": "crashed", "errors": 1}
    items = ({"type": "sessions"}, summed), ({"type": "session"}, first), ({"type": "session"}, crash)
    digest(entry(world, *items))
    row = SessionCount.objects.select_related("release").get()
    assert (row.release.version, row.environment, row.minute) == (
        "shop@1",
        "prod",
        datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    )
    assert (row.exited, row.errored, row.crashed, row.abnormal) == (5, 2, 1, 0)
    assert outcomes()["session", "stored", ""] == 3


def test_a_session_whose_beginning_was_lost_makes_no_count_negative(world: World) -> None:
    crash = {"sid": "a", "init": False, "status": "crashed", "errors": 1, "attrs": {"release": "shop@1"}}
    digest(entry(world, ({"type": "session"}, crash)))
    row = SessionCount.objects.get()
    assert (row.exited, row.crashed) == (0, 1)


@pytest.mark.parametrize("payload", [b"[1]", b"{}", b"{", b'{"attrs": {"release": ""}}'])
def test_a_session_that_says_nothing_is_invalid_and_harms_nothing_else(world: World, payload: bytes) -> None:
    digest(entry(world, ({"type": "session"}, payload), event()))
    assert outcomes()["error", "stored", ""] == 1
    assert {key[:2] for key in outcomes()} >= {("session", "invalid")}
    assert balance() == 0


def test_an_entry_that_is_no_envelope_is_invalid(world: World) -> None:
    digest(Entry(world.shop.pk, world.key.pk, NOW.timestamp(), "gzip", b"no gzip"), entry(world, event()))
    assert outcomes()["error", "stored", ""] == 1
    assert outcomes()["default", "invalid", "malformed"] == 1
    assert balance() == 0


def test_an_entry_of_a_project_that_is_gone_is_dropped(world: World) -> None:
    digest(Entry(999_999, 1, NOW.timestamp(), "identity", envelope(event())), entry(world, event()))
    assert Event.objects.count() == 1
    assert outcomes() == {("error", "received", ""): 1, ("error", "stored", ""): 1}


def test_a_batch_of_a_hundred_asks_the_database_no_more_than_a_batch_of_one(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    digest(entry(world, event("warm", release="1", environment="prod", user={"id": "1"})))
    with django_assert_max_num_queries(60) as one:
        digest(entry(world, event("a", release="2", environment="b", user={"id": "2"})))
    with django_assert_max_num_queries(60) as hundred:
        digest(*(entry(world, event(f"m {'x' * n}", release=f"r{n}", user={"id": str(n)})) for n in range(100)))
    assert len(hundred.captured_queries) <= len(one.captured_queries) + 3


def test_secrets_reach_neither_payload_nor_title(world: World) -> None:
    fields: dict[str, Any] = {
        "extra": {"password": "hunter2-s3cr3t"},
        "logentry": {"formatted": "hunter2-s3cr3t is wrong"},
    }
    digest(entry(world, event(**fields)))
    stored = Event.objects.get()
    assert b"hunter2" not in bytes(stored.payload)
    assert Issue.objects.get().title == "[Filtered] is wrong"


def test_events_are_dated_by_the_servers_clock(world: World) -> None:
    sent_at = datetime.fromtimestamp(NOW.timestamp() + 7230, UTC).isoformat()
    digest(entry(world, event("fast", timestamp=NOW.timestamp() + 7200), sent_at=sent_at))
    stored = Event.objects.get()
    assert abs((stored.received_at - stored.occurred_at).total_seconds() - 30) < 5


def test_every_stored_event_keeps_the_id_that_the_door_answered(world: World) -> None:
    event_id = uuid.uuid4().hex
    digest(entry(world, event(event_id=event_id)))
    assert bytes(Event.objects.get().event_id).hex() == event_id
