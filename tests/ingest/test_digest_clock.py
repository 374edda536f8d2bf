"""Clients' clocks are wrong, by minutes or by years; events are dated all the same."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.digest.event import occurred_at

RECEIVED = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("happened", "sent", "expected"),
    [
        pytest.param(-5 * MINUTE, None, -5 * MINUTE, id="a right clock"),
        pytest.param(-5 * MINUTE, -0.5 * MINUTE, -5 * MINUTE, id="sending took half a minute"),
        pytest.param(55 * MINUTE, 60 * MINUTE, -5 * MINUTE, id="an hour fast"),
        pytest.param(-65 * MINUTE, -60 * MINUTE, -5 * MINUTE, id="an hour slow"),
        pytest.param(60 * MINUTE, None, 0 * MINUTE, id="in the future"),
        pytest.param(61 * MINUTE, 60 * MINUTE, 0 * MINUTE, id="in the future after correction"),
        pytest.param(timedelta(days=-29), None, timedelta(days=-29), id="late"),
        pytest.param(timedelta(days=-31), None, 0 * MINUTE, id="absurdly old"),
    ],
)
def test_an_event_is_dated_by_the_servers_clock(
    happened: timedelta, sent: timedelta | None, expected: timedelta
) -> None:
    sent_at = None if sent is None else RECEIVED + sent
    assert occurred_at(RECEIVED + happened, sent_at, RECEIVED) == RECEIVED + expected


def test_an_event_without_a_time_is_dated_by_its_arrival() -> None:
    assert occurred_at(None, RECEIVED + 90 * MINUTE, RECEIVED) == RECEIVED


def test_times_at_the_end_of_the_calendar_break_nothing() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    first = datetime.min.replace(tzinfo=UTC)
    assert occurred_at(last, first, RECEIVED) == RECEIVED
    assert occurred_at(first, last, RECEIVED) == RECEIVED
