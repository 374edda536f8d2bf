"""The states of an issue: what leads where, and when an archive is over."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.issues.status import TRANSITIONS, Archival, Cause, as_json_time, is_archive_over, statuses_that_allow
from tracker.models import Status

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOTHING = None

TABLE = {
    #                 unresolved        resolved           archived
    Cause.RESOLVE: (Status.RESOLVED, Status.RESOLVED, Status.RESOLVED),
    Cause.ARCHIVE: (Status.ARCHIVED, Status.ARCHIVED, Status.ARCHIVED),
    Cause.REOPEN: (NOTHING, Status.UNRESOLVED, Status.UNRESOLVED),
    Cause.REGRESSION: (NOTHING, Status.UNRESOLVED, NOTHING),
    Cause.ARCHIVE_OVER: (NOTHING, NOTHING, Status.UNRESOLVED),
}


@pytest.mark.parametrize("cause", Cause)
def test_where_each_cause_leads_from_each_state(cause: Cause) -> None:
    assert tuple(TRANSITIONS.get((status, cause)) for status in Status) == TABLE[cause]
    assert set(statuses_that_allow(cause)) == {
        status for status, then in zip(Status, TABLE[cause], strict=True) if then is not NOTHING
    }


@pytest.mark.parametrize(
    ("archival", "expected"),
    [
        (Archival(), False),
        (Archival(until=NOON), True),
        (Archival(until=NOON + timedelta(microseconds=1)), False),
        (Archival(until_times_seen=10), True),
        (Archival(until_times_seen=11), False),
        (Archival(until_users_affected=3), True),
        (Archival(until_users_affected=4), False),
        (Archival(NOON + timedelta(days=1), 11, 4), False),
        (Archival(NOON + timedelta(days=1), 11, 3), True),
    ],
)
def test_an_archive_is_over_once_any_condition_holds(archival: Archival, expected: bool) -> None:
    assert is_archive_over(archival, now=NOON, times_seen=10, users_affected=3) is expected


counts = st.one_of(st.none(), st.integers(0, 10**12))
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=zones)


@given(st.builds(Archival, st.one_of(st.none(), moments), counts, counts))
def test_an_archival_reads_back_as_it_was_written(archival: Archival) -> None:
    assert Archival.from_json(archival.as_json()) == archival


@given(moments, moments)
def test_moments_are_ordered_as_text_as_they_are_in_time(one: datetime, other: datetime) -> None:
    assert (as_json_time(one) < as_json_time(other)) is (one < other)
