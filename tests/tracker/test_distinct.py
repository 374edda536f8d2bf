"""Counting different people: exact while few, close beyond, and joined without counting anybody twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.counters.distinct import EXACT, REGISTERS, Distinct, person_hash


def people(first: int, last: int) -> Distinct:
    distinct = Distinct()
    distinct.add(person_hash(f"user {number}", 1) for number in range(first, last))
    return distinct


@given(st.sets(st.integers(0, 2**64 - 1), max_size=EXACT), st.sets(st.integers(0, 2**64 - 1), max_size=50))
def test_few_are_counted_exactly_however_they_come(first: set[int], then: set[int]) -> None:
    distinct = Distinct()
    distinct.add(first)
    again = Distinct(distinct.as_bytes())
    assert len(again) == len(first) and again.is_exact
    again.add(first & then)
    assert again.as_bytes() == distinct.as_bytes()


@pytest.mark.parametrize("size", [EXACT + 1, 2_000, 10_000, 100_000])
def test_many_are_estimated_within_four_standard_errors_in_four_kilobytes(size: int) -> None:
    distinct = people(0, size)
    assert len(distinct.as_bytes()) == REGISTERS and not distinct.is_exact
    assert abs(len(distinct) - size) < 4 * 0.0163 * size


@pytest.mark.parametrize(("one", "other"), [(100, 100), (100, 3_000), (3_000, 100), (3_000, 3_000)])
def test_who_is_in_both_counts_once(one: int, other: int) -> None:
    joined = people(0, one)
    joined.join(people(0, other))
    assert joined.as_bytes() == people(0, max(one, other)).as_bytes()


def test_somebody_is_another_hash_in_every_project() -> None:
    assert person_hash("ana@example.com", 1) != person_hash("ana@example.com", 2)
