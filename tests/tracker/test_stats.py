"""Series and shares."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.counters.stats import (
    TagTotal,
    project_series,
    release_series,
    series_for,
    tag_shares,
    tag_totals,
    tag_values,
)
from tracker.models import Issue, OutcomeCount, Release
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys

NOW = NOON + timedelta(minutes=59)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget_dimensions()
    forget_keys()


def test_a_series_ends_with_the_present_hour_and_fills_in_zeros(world: World) -> None:
    hours_ago = [0, 0, 1, 23, 24]
    record_batch(
        [digested(world.shop, n, occurred_at=NOON - timedelta(hours=h)) for n, h in enumerate(hours_ago)], NOON
    )
    issue = Issue.objects.get()
    points = series_for([issue], now=NOW)[issue.pk]
    assert [point.events for point in points] == [1] + [0] * 21 + [1, 2]
    assert points[0].at == datetime(2026, 11, 20, 13, tzinfo=UTC)
    assert points[-1].at == NOON


def test_wider_buckets_hold_the_same_sum(world: World) -> None:
    record_batch([digested(world.shop, n, occurred_at=NOON - timedelta(hours=n)) for n in range(48)], NOON)
    issue = Issue.objects.get()
    points = series_for([issue], now=NOW, hours=48, bucket_hours=24)[issue.pk]
    assert [point.events for point in points] == [24, 24]


def test_the_series_of_many_issues_are_one_query(world: World) -> None:
    record_batch([digested(world.shop, n, f"group {n}") for n in range(20)], NOON)
    issues = list(Issue.objects.all())
    with CaptureQueriesContext(connection) as queries:
        series = series_for(issues, now=NOW)
    assert len(queries) == 1
    assert [sum(point.events for point in series[issue.pk]) for issue in issues] == [1] * 20
    assert series_for([], now=NOW) == {}


def test_a_clock_that_is_ahead_counts_in_the_present_hour(world: World) -> None:
    record_batch([digested(world.shop, 1, occurred_at=NOON + timedelta(hours=2))], NOON)
    issue = Issue.objects.get()
    assert series_for([issue], now=NOW)[issue.pk][-1].events == 1


def test_a_release_has_a_series_of_its_own(world: World) -> None:
    record_batch([digested(world.shop, n, release=f"shop@{n % 2}") for n in range(5)], NOON)
    releases = list(Release.objects.order_by("version"))
    series = release_series(releases, now=NOW, hours=2)
    assert [[point.events for point in series[release.pk]] for release in releases] == [[0, 3], [0, 2]]


def test_a_projects_series_counts_stored_events(world: World) -> None:
    minute = int(NOON.timestamp()) // 60
    for outcome, category, quantity in (("stored", "error", 5), ("stored", "log_item", 70), ("filtered", "error", 9)):
        OutcomeCount.objects.create(
            project=world.shop, minute=minute, category=category, outcome=outcome, quantity=quantity
        )
    OutcomeCount.objects.create(
        project=world.shop, minute=minute - 1, category="error", outcome="stored", key_id=3, quantity=2
    )
    points = project_series([world.shop, world.secret], now=NOW, hours=3)
    assert [point.events for point in points[world.shop.pk]] == [0, 2, 5]
    assert [point.events for point in points[world.secret.pk]] == [0, 0, 0]


def test_shares_name_the_most_frequent_values_first(world: World) -> None:
    values = ["a"] * 5 + ["b"] * 3 + ["c"] * 2
    record_batch([digested(world.shop, n, tags={"shelf": value, "all": "1"}) for n, value in enumerate(values)], NOON)
    issue = Issue.objects.get()
    shares = tag_shares(issue, values_per_key=2)
    assert list(shares) == ["all", "shelf"]
    assert [(share.value, share.times_seen, share.share) for share in shares["shelf"]] == [("a", 5, 0.5), ("b", 3, 0.3)]
    assert shares["all"][0].share == 1.0
    assert shares["shelf"][0].last_seen_at == NOON + timedelta(seconds=4)
    assert tag_totals(issue) == [TagTotal("all", 10, 1), TagTotal("shelf", 10, 3)]
    assert [share.value for share in tag_values(issue, "shelf", offset=1)] == ["b", "c"]
