from hypothesis import given
from hypothesis import strategies as st

from grouping import encoding


def test_lengths_are_little_endian_groups_of_seven_bits() -> None:
    assert encoding.uvarint(0) == b"\x00"
    assert encoding.uvarint(127) == b"\x7f"
    assert encoding.uvarint(128) == b"\x80\x01"
    assert encoding.uvarint(300) == b"\xac\x02"


@given(st.lists(st.text(max_size=200), max_size=5), st.lists(st.text(max_size=200), max_size=5))
def test_no_two_rows_of_texts_spell_the_same_bytes(one: list[str], other: list[str]) -> None:
    def spelled(texts: list[str]) -> bytes:
        return b"".join(encoding.part(encoding.FUNCTION, text) for text in texts)

    assert (spelled(one) == spelled(other)) == (one == other)


def test_a_lone_surrogate_is_no_obstacle() -> None:
    assert encoding.part(encoding.TYPE, "\ud800") == b"T\x01?"
