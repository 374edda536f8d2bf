"""Which exception of a chain or group is meant."""

from hypothesis import given
from hypothesis import strategies as st

from grouping.event import ExceptionValue, Mechanism
from grouping.exceptions import MAX_CAUSES, read_chain


def plain(*types: str) -> list[ExceptionValue]:
    return [ExceptionValue(name) for name in types]


def test_the_thrown_exception_is_meant_and_its_causes_follow_from_the_outside_in() -> None:
    chain = read_chain(plain("Socket", "Timeout", "Payment"), identity=lambda index: index)
    assert (chain.main, chain.causes) == (2, [1, 0])


def test_wrappers_are_skipped_until_one_says_something() -> None:
    chain = read_chain(plain("KeyError", "ExecutionException", "CompletionException"), identity=lambda index: index)
    assert (chain.main, chain.causes, chain.skipped) == (0, [], {1: "V11", 2: "V11"})


def test_the_number_of_causes_is_bounded() -> None:
    chain = read_chain(plain(*"abcdefghijkl"), identity=lambda index: index)
    assert len(chain.causes) == MAX_CAUSES


def test_nested_groups_are_walked_to_their_first_members() -> None:
    shape = [(0, None, True), (1, 0, True), (2, 1, False), (3, 1, False), (4, 0, False)]
    members = [
        ExceptionValue(
            f"E{number}", mechanism=Mechanism(exception_id=number, parent_id=parent, is_exception_group=group)
        )
        for number, parent, group in shape
    ][::-1]
    chain = read_chain(members, identity=lambda index: members[index].type)
    assert members[chain.main].type == "E0"
    assert [members[index].type for index in chain.causes] == ["E2", "E3", "E4"]


links = st.tuples(st.integers(0, 12) | st.none(), st.integers(0, 12) | st.none(), st.booleans())


@given(st.lists(links, min_size=1, max_size=40), st.integers(0, 3))
def test_any_links_between_members_end_in_one_main_exception(
    shape: list[tuple[int | None, int | None, bool]], kinds: int
) -> None:
    members = [
        ExceptionValue(
            f"E{number}", mechanism=Mechanism(exception_id=number, parent_id=parent, is_exception_group=group)
        )
        for number, parent, group in shape
    ]
    chain = read_chain(members, identity=lambda index: index % (kinds + 1))
    assert 0 <= chain.main < len(members)
    assert chain.main not in chain.causes
    assert len(set(chain.causes)) == len(chain.causes) <= MAX_CAUSES
