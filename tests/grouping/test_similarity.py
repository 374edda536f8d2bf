from hypothesis import given
from hypothesis import strategies as st

from grouping.similarity import (
    VERY_LIKELY,
    WORTH_SHOWING,
    issue_similarity,
    rarest,
    stack_similarity,
    template_similarity,
)

STACK = ["pay", "checkout", "view", "dispatch", "main"]
stacks = st.lists(st.sampled_from("abcdefgh"), max_size=12)


def test_equal_stacks_are_alike_and_strangers_are_not() -> None:
    assert stack_similarity(STACK, STACK, {}, 10) == 1
    assert stack_similarity(STACK, ["x", "y"], {}, 10) == -1


def test_the_crash_weighs_more_than_the_entry() -> None:
    other_crash = ["pay_v2", *STACK[1:]]
    other_entry = [*STACK[:-1], "worker"]
    assert stack_similarity(STACK, other_entry, {}, 10) > stack_similarity(STACK, other_crash, {}, 10)


def test_a_frame_that_everyone_has_weighs_less_than_a_rare_one() -> None:
    common = {"pay": 90}
    without = ["other", *STACK[1:]]
    assert stack_similarity(STACK, without, common, 100) > stack_similarity(STACK, without, {}, 100)


def test_a_moved_frame_counts_less_than_one_in_its_place() -> None:
    moved = [STACK[1], STACK[0], *STACK[2:]]
    assert 0 < stack_similarity(STACK, moved, {}, 10) < 1


@given(stacks, stacks)
def test_likeness_is_mutual_and_within_its_bounds(a: list[str], b: list[str]) -> None:
    there, back = stack_similarity(a, b, {}, 5), stack_similarity(b, a, {}, 5)
    assert abs(there - back) < 1e-9
    assert -1 <= there <= 1 + 1e-9


def test_templates_are_compared_by_their_words() -> None:
    assert template_similarity("order <int> is gone", "order <int> is gone") == 1
    assert template_similarity("order <int> is gone", "order <int> was lost") == 1 / 3
    assert template_similarity("", "") == 1


def test_one_frame_inserted_is_very_likely_the_same_and_another_bug_is_not_worth_showing() -> None:
    inserted = stack_similarity(STACK, [*STACK[:3], "retry", *STACK[3:]], {}, 100)
    assert issue_similarity(inserted, same_type=True, template=1.0) >= VERY_LIKELY
    elsewhere = stack_similarity(STACK, ["ship", "stock", *STACK[2:]], {}, 100)
    assert issue_similarity(elsewhere, same_type=True, template=0.2) < WORTH_SHOWING


def test_candidates_are_looked_for_by_the_rarest_tokens() -> None:
    assert rarest(STACK, {"main": 99, "dispatch": 80, "view": 5}, 3) == ["pay", "checkout", "view"]
