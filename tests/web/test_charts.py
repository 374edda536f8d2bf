"""Deploys on charts: one line for a bar's deploys, where they happened."""

from datetime import UTC, datetime, timedelta

from tracker.counters.stats import Point
from tracker.models import Deploy, Release
from web.charts import marks

START = datetime(2026, 11, 22, tzinfo=UTC)
POINTS = [Point(START + timedelta(hours=hour), 1) for hour in range(10)]


def deployed(version: str, hours: float, environment: str = "production") -> Deploy:
    at = START + timedelta(hours=hours)
    return Deploy(release=Release(version=version), environment=environment, finished_at=at)


def test_a_mark_stands_at_the_time_of_the_deploy() -> None:
    [mark] = marks(POINTS, [deployed("1.1", 2.5)], 100)
    assert (mark.x, mark.label) == (25, "1.1 was deployed to production · Sun 22 Nov, 02:30 UTC")


def test_deploys_within_one_bar_share_a_mark_that_names_all() -> None:
    [mark] = marks(POINTS, [deployed("1.1", 2.75), deployed("1.1", 2.25, "staging")], 100)
    assert mark.x == 22.5
    assert [line.partition(" ·")[0] for line in mark.label.splitlines()] == [
        "1.1 was deployed to staging",
        "1.1 was deployed to production",
    ]


def test_what_was_deployed_outside_the_charts_time_has_no_mark() -> None:
    assert marks(POINTS, [deployed("1.0", -0.1), deployed("1.2", 10)], 100) == []
    assert marks(POINTS[:1], [deployed("1.0", 0)], 100) == []
