"""Sessions as SDKs report them: what each report adds, and whose session it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from ingest.digest.sessions import Sessions, read_sessions
from tests.conftest import World
from tracker.counters.distinct import Distinct
from tracker.models import SessionCount, SessionUsers
from tracker.record.sessions import SessionCounts, record_sessions

NOW = datetime(2026, 11, 22, 3, 30, 12, tzinfo=UTC)
ATTRIBUTES = {"attrs": {"release": "shop@1.0", "environment": "production"}}


def report(status: str, errors: int = 0, *, init: bool = False, **more: Any) -> bytes:
    return orjson.dumps(
        {"sid": "5f", "init": init, "status": status, "errors": errors, "started": NOW.isoformat()} | ATTRIBUTES | more
    )


def total(*payloads: bytes) -> tuple[int, int, int, int]:
    """Exited, errored, crashed and abnormal sessions after the reports."""
    counts = SessionCounts()
    for payload in payloads:
        for _, added in read_sessions(payload, 1, NOW):
            counts.add(added)
    return counts.exited, counts.errored, counts.crashed, counts.abnormal


BEGIN = report("ok", init=True)


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([BEGIN], (1, 0, 0, 0)),
        ([BEGIN, report("exited")], (1, 0, 0, 0)),
        ([BEGIN, report("ok", 1)], (0, 1, 0, 0)),
        ([BEGIN, report("ok", 1), report("exited", 1)], (0, 1, 0, 0)),
        ([BEGIN, report("ok", 1), report("ok", 2), report("exited", 2)], (0, 1, 0, 0)),
        ([BEGIN, report("crashed", 1)], (0, 0, 1, 0)),
        ([BEGIN, report("ok", 1), report("crashed", 2)], (0, 0, 1, 0)),
        ([BEGIN, report("ok", 1), report("abnormal", 1)], (0, 0, 0, 1)),
        ([BEGIN, report("abnormal")], (0, 0, 0, 1)),
        ([BEGIN, report("unhandled", 1)], (0, 1, 0, 0)),
        ([report("exited", 3, init=True)], (0, 1, 0, 0)),
        ([report("crashed", 1, init=True)], (0, 0, 1, 0)),
    ],
)
def test_a_session_counts_once_under_its_last_kind(reports: list[bytes], expected: tuple[int, int, int, int]) -> None:
    assert total(*reports) == expected


def test_aggregates_add_up_and_unhandled_ones_had_an_error() -> None:
    aggregates = [{"exited": 3, "errored": 2, "unhandled": 1}, {"crashed": 1, "exited": -7}, "odd"]
    assert total(orjson.dumps(ATTRIBUTES | {"aggregates": aggregates})) == (3, 3, 1, 0)


@pytest.mark.django_db
def test_users_are_counted_once_a_day_and_only_where_they_are_named(world: World) -> None:
    sent = [
        report("ok", init=True, did="ana"),
        report("crashed", 1, did="ana"),
        report("ok", init=True, did="ben"),
        report("ok", init=True),
        orjson.dumps(ATTRIBUTES | {"aggregates": [{"did": "cleo", "exited": 4}, {"exited": 9}]}),
        report("ok", init=True, did="ana", started=(NOW - timedelta(days=1)).isoformat()),
    ]
    for payload in sent:
        record_sessions(read_sessions(payload, world.shop.pk, NOW), NOW)
    days = SessionUsers.objects.order_by("day")
    assert [len(Distinct(bytes(day.users))) for day in days] == [1, 3]
    assert [len(Distinct(bytes(day.crashed_users))) for day in days] == [0, 1]
    assert b"ana" not in bytes(days[1].users)


@pytest.mark.django_db
def test_a_clock_that_is_wrong_by_decades_leaves_the_session_countable(world: World) -> None:
    record_sessions(read_sessions(report("ok", init=True, started="1931-05-05T00:00:00Z"), world.shop.pk, NOW), NOW)
    assert SessionCount.objects.get().minute > NOW - timedelta(days=366)


@pytest.mark.django_db
def test_many_sessions_take_as_many_statements_as_one(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def sessions(releases: int) -> Sessions:
        found: Sessions = []
        for number in range(releases):
            attributes = {"release": f"shop@{releases}.{number}"}
            payload = report("ok", init=True, did=f"user {number}", attrs=attributes)
            found += read_sessions(payload, world.shop.pk, NOW)
        return found

    with CaptureQueriesContext(connection) as one:
        record_sessions(sessions(1), NOW)
    with django_assert_num_queries(len(one)):
        record_sessions(sessions(40), NOW)
