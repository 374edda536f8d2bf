from hypothesis import given
from hypothesis import strategies as st

from grouping.calls import collapse, cycle_of


def kept(text: str) -> str:
    places = [letter.encode() for letter in text]
    positions, folded = collapse(range(len(places)), places)
    assert sorted([*positions, *folded]) == list(range(len(places)))
    return "".join(text[position] for position in positions)


def test_neighbours_and_cycles_are_one_turn() -> None:
    assert kept("aaaab") == "ab"
    assert kept("mababab") == "mab"
    assert kept("mabcabcabcx") == "mabcx"
    assert kept("abcdefgh" * 5) == "abcdefgh"
    assert kept("abc") == "abc"


def test_the_innermost_turn_is_the_one_that_stays() -> None:
    positions, folded = collapse(range(4), [b"a", b"a", b"a", b"b"])
    assert (positions, folded) == ([2, 3], [0, 1])


@given(st.text("abc", max_size=60))
def test_nothing_new_appears_and_the_crash_stays(text: str) -> None:
    short = kept(text)
    assert set(short) == set(text)
    assert short[-1:] == text[-1:]


def test_the_cycle_of_an_overflow_is_found_wherever_it_was_cut() -> None:
    for text in ("mabababab", "mbabababa", "xabababababa"):
        places = [letter.encode() for letter in text]
        assert {text[position] for position in cycle_of(places)} == {"a", "b"}
    assert [*cycle_of([b"a"] * 9)] == [8]
    assert cycle_of([b"a", b"b", b"c"]) == []
