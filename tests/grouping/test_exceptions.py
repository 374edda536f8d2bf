"""Which exception of a chain or group is meant."""

import pytest
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


def members_of(*shape: tuple[int | None, int | None, bool]) -> list[ExceptionValue]:
    """Members by id, parent's id and whether they are groups, as SDKs send them: the oldest cause first."""
    return [
        ExceptionValue(
            f"E{number}", mechanism=Mechanism(exception_id=number, parent_id=parent, is_exception_group=group)
        )
        for number, parent, group in shape
    ][::-1]


def read_types(members: list[ExceptionValue], *alike: str) -> tuple[str, list[str], dict[str, str]]:
    """Types of the main exception, of its causes, and of those that are skipped; `alike` are one and the same error."""
    chain = read_chain(members, lambda index: "alike" if members[index].type in alike else members[index].type)
    return (
        members[chain.main].type,
        [members[index].type for index in chain.causes],
        {members[index].type: why for index, why in chain.skipped.items()},
    )


def test_only_the_five_outermost_causes_count() -> None:
    chain = read_chain(plain(*"abcdefgh"), identity=lambda index: index)
    assert (chain.main, chain.causes) == (7, [6, 5, 4, 3, 2])
    assert chain.skipped == {0: "beyond-causes", 1: "beyond-causes"}


def test_what_merely_happened_before_is_skipped_and_what_it_was_caused_by_is_not() -> None:
    chain = plain("Socket", "Lookup", "Payment")
    chain[1].mechanism.source = "__context__"
    assert read_types(chain) == ("Payment", ["Socket"], {"Lookup": "P7"})


def test_a_wrapper_without_a_cause_speaks_and_so_does_one_that_is_itself_a_cause() -> None:
    assert read_types(plain("ExecutionException")) == ("ExecutionException", [], {})
    assert read_types(plain("Socket", "ExecutionException", "Payment")) == (
        "Payment",
        ["ExecutionException", "Socket"],
        {},
    )


def test_members_of_a_group_count_in_the_order_of_their_ids_however_they_are_sent() -> None:
    members = members_of((0, None, True), (3, 0, False), (1, 0, False), (2, 0, False))
    assert read_types(members) == ("E0", ["E1", "E2", "E3"], {})
    assert read_types(members[::-1]) == ("E0", ["E1", "E2", "E3"], {})


def test_members_that_are_the_same_error_count_once_and_the_first_speaks() -> None:
    members = members_of((0, None, True), (1, 0, False), (2, 0, False), (3, 0, False))
    assert read_types(members, "E1", "E3") == ("E0", ["E1", "E2"], {"E3": "group"})
    assert read_types(members, "E1", "E2", "E3") == ("E1", [], {"E0": "group", "E2": "group", "E3": "group"})


def test_the_one_distinct_member_speaks_with_its_own_causes() -> None:
    members = members_of((0, None, True), (1, 0, False), (2, 1, False), (3, 2, False), (4, 1, False))
    assert read_types(members) == ("E1", ["E2", "E3"], {"E0": "group", "E4": "group"})


def test_causes_of_members_do_not_count_where_several_members_do() -> None:
    members = members_of((0, None, True), (1, 0, False), (2, 1, False), (3, 0, False))
    assert read_types(members) == ("E0", ["E1", "E3"], {"E2": "group"})


def test_an_empty_group_is_a_member_like_any_other() -> None:
    members = members_of((0, None, True), (1, 0, True), (2, 0, False))
    assert read_types(members) == ("E0", ["E1", "E2"], {})


def test_a_group_alone_speaks_for_itself() -> None:
    assert read_types(members_of((0, None, True))) == ("E0", [], {})


@pytest.mark.parametrize(
    "shape",
    [
        [(0, None, True), (None, 0, False), (2, 0, False)],
        [(0, None, True), (1, 0, False), (1, 0, False)],
        [(0, None, True), (1, 1, False), (2, 0, False)],
        [(0, None, True), (1, 7, False), (2, 0, False)],
        [(0, 2, True), (1, 0, False), (2, 1, False)],
    ],
)
def test_a_malformed_group_is_read_as_a_plain_chain(shape: list[tuple[int | None, int | None, bool]]) -> None:
    members = members_of(*shape)
    chain = read_chain(members, identity=lambda index: index)
    assert (chain.main, chain.causes, chain.skipped) == (2, [1, 0], {})


def test_of_a_group_without_end_the_first_two_hundred_are_looked_at() -> None:
    members = members_of((0, None, True), *((number, 0, False) for number in range(1, 250)))[::-1]
    chain = read_chain(members, identity=lambda index: index)
    assert (chain.main, chain.causes) == (0, [1, 2, 3, 4, 5])
    looked_at = [index for index, why in chain.skipped.items() if why == "beyond-causes"]
    assert looked_at == list(range(6, 200))


def test_without_a_mark_that_it_is_a_group_ids_mean_nothing() -> None:
    assert read_types(members_of((0, None, False), (1, 0, False), (2, 0, False))) == ("E0", ["E1", "E2"], {})


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
