"""Signatures: small, the same for the same event, and comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.reader import read_event
from tests.tracker.grouped import error
from tracker.similar.signatures import (
    MAX_FRAMES,
    Signature,
    as_number,
    pack_stack,
    signature_of,
    similarity,
    unpack_stack,
)

TOKENS = st.binary(min_size=8, max_size=8)
SIGNATURES = st.builds(
    Signature,
    type=st.sampled_from(["", "ValueError", "KeyError"]),
    template=st.sampled_from(["", "card <int> declined", "user <id> not found", "card declined"]),
    stack=st.lists(st.sampled_from([bytes([n]) * 8 for n in range(6)]), max_size=12).map(tuple),
)


@given(st.lists(TOKENS, max_size=MAX_FRAMES).map(tuple))
def test_a_stack_is_kept_as_it_was(stack: tuple[bytes, ...]) -> None:
    assert unpack_stack(pack_stack(stack)) == stack


@given(TOKENS)
def test_a_token_is_a_number_that_databases_can_index(token: bytes) -> None:
    assert -(2**63) <= as_number(token) < 2**63


@given(SIGNATURES, SIGNATURES)
def test_likeness_is_between_nothing_and_all(a: Signature, b: Signature) -> None:
    assert 0 <= similarity(a, b, {}, 1_000).score <= 1
    assert similarity(a, a, {}, 1_000).score == pytest.approx(1)


def test_frames_nearest_the_crash_weigh_most() -> None:
    calls = ["main", "handle", "dispatch", "checkout", "total", "pay"]
    whole = signature_of(read_event(error(calls=calls)))
    far, near = (
        similarity(
            whole, signature_of(read_event(error(calls=[*calls[:at], "other", *calls[at + 1 :]]))), {}, 1_000
        ).score
        for at in (0, 5)
    )
    assert far > near


def test_a_stack_of_any_depth_has_a_small_sketch() -> None:
    deep = signature_of(read_event(error(calls=[f"step_{n}" for n in range(3_000)])))
    assert len(deep.stack) <= MAX_FRAMES and len(set(deep.stack)) > 20


def test_a_message_is_found_by_its_words_without_what_changes() -> None:
    first, second = (signature_of(read_event({"message": f"user {n} of shop {n * 3} not found"})) for n in (7, 4711))
    assert first.tokens == second.tokens and len(first.tokens) == 4
