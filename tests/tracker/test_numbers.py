"""Numbers that come from outside as text."""

import pytest

from tracker.storage.numbers import MAX_ID, number_in


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), (str(MAX_ID), MAX_ID)])
def test_ascii_digits_are_a_number(text: str, number: int) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    "text",
    ["", " ", "-1", "+1", "1.0", "1e5", "0x1", "1_000", " 7", "7\n", "٣", "²", "½", "1٣", "७", "\0", "7\0", "SHOP-1"],
)
def test_any_other_text_is_none(text: str) -> None:
    assert number_in(text) is None


@pytest.mark.parametrize("text", [str(MAX_ID + 1), "9" * 19, "9" * 40, "9" * 5_000, "0" * 5_000 + "7"])
def test_what_no_database_holds_is_none(text: str) -> None:
    assert number_in(text) is None


def test_a_bound_of_ones_own_is_the_largest_that_is_taken() -> None:
    assert (number_in("100", 100), number_in("101", 100)) == (100, None)
