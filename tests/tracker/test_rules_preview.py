"""What a draft of rules would change: told beforehand, in numbers and with examples, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.rules import parse_rules
from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, happen
from tracker.models import Issue
from tracker.rules import preview as preview_module
from tracker.rules.preview import Change, Sample, changes_in, preview
from tracker.rules.versions import save_rules


def sample(issue_id: int, before: str, after: str, number: int = 0) -> Sample:
    def keys(names: str) -> frozenset[tuple[str, bytes]]:
        return frozenset(("app", name.encode()) for name in names.split())

    return Sample(issue_id, f"{issue_id}-{number}", f"issue {issue_id}", keys(before), keys(after))


def shape(changes: list[Change]) -> list[tuple[tuple[int, ...], int]]:
    return [(change.issue_ids, len(change.parts)) for change in changes]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([sample(1, "a", "a"), sample(2, "b", "b")], []),
        ([sample(1, "a", "x"), sample(2, "b", "x")], [((1, 2), 1)]),
        ([sample(1, "a", "x"), sample(1, "a", "y")], [((1,), 2)]),
        ([sample(1, "a", "x"), sample(1, "a", "x")], []),
        ([sample(1, "a", "b"), sample(2, "b", "b")], [((1, 2), 1)]),
        ([sample(1, "a", "a"), sample(1, "b", "b")], []),
        ([sample(1, "a s", "x s"), sample(1, "a s", "y s")], []),
        ([sample(1, "a", "x"), sample(1, "a", "y"), sample(2, "b", "y"), sample(2, "b", "z")], [((1, 2), 3)]),
        ([sample(1, "a", "x"), sample(1, "a", "y"), sample(2, "b", "x"), sample(2, "b", "y")], [((1, 2), 2)]),
    ],
    ids=[
        "nothing changes",
        "two become one",
        "one becomes two",
        "other keys but the same issue",
        "one moves into another",
        "keys that a merge brought together stay together",
        "a key that stays holds an issue together",
        "joined and parted at once",
        "divided otherwise",
    ],
)
def test_changes_follow_from_the_keys(samples: list[Sample], expected: list[tuple[tuple[int, ...], int]]) -> None:
    assert shape(changes_in(samples)) == expected


NAMES = st.frozensets(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1, max_size=2)


@given(st.lists(st.tuples(st.integers(1, 5), NAMES, NAMES), max_size=12))
def test_every_event_of_a_changed_issue_is_in_one_part_and_no_other_issue_is_named(
    drawn: list[tuple[int, frozenset[str], frozenset[str]]],
) -> None:
    samples = [sample(id_, " ".join(a), " ".join(b), n) for n, (id_, a, b) in enumerate(drawn)]
    changes = changes_in(samples)
    changed = [id_ for change in changes for id_ in change.issue_ids]
    assert len(changed) == len(set(changed))
    for change in changes:
        theirs = [each for each in samples if each.issue_id in change.issue_ids]
        assert sum(part.events for part in change.parts) == len(theirs)
        assert len(change.issue_ids) > 1 or len(change.parts) > 1


@given(st.lists(st.tuples(st.integers(1, 5), NAMES), max_size=12))
def test_a_draft_that_leaves_all_keys_changes_nothing(drawn: list[tuple[int, frozenset[str]]]) -> None:
    assert changes_in([sample(id_, " ".join(a), " ".join(a), n) for n, (id_, a) in enumerate(drawn)]) == []


def test_a_draft_is_told_in_one_sentence_with_examples(world: World) -> None:
    for function in ("pay", "refund", "charge"):
        happen(world.shop, error(calls=("checkout", function)))
    for value in ("red", "green", "blue"):
        happen(world.shop, error("ColorError", value, calls=("paint", "mix")))
    happen(world.shop, error("KeyError", "'sku'", calls=("load", "parse")))
    draft = parse_rules("type:PaymentError -> payments\ntype:ColorError -> colors, {{ raw_value }}")
    found = preview(world.shop, draft)
    assert found.sentence == "3 issues become 1; 1 issue becomes 3; 1 unchanged."
    assert found.looked_at_events == 7 and found.looked_at_issues == found.all_issues == 5
    join, parting = found.changes
    assert {found.issues[id_].title for id_ in join.issue_ids} == {"PaymentError: declined"}
    assert sorted(part.title for part in parting.parts) == [
        "ColorError: blue",
        "ColorError: green",
        "ColorError: red",
    ]


def test_a_draft_like_the_rules_in_force_changes_nothing(world: World) -> None:
    save_rules(world.shop, "type:PaymentError -> payments", "", by=None, now=NOON)
    happen(world.shop, error())
    found = preview(world.shop, parse_rules("type:PaymentError -> payments"))
    assert found.changes == [] and found.sentence == "1 unchanged."


def test_merged_issues_are_not_parted_by_a_draft_that_does_not_concern_them(world: World) -> None:
    first = happen(world.shop, error(calls=("checkout", "pay")))
    second = happen(world.shop, error(calls=("cancel", "refund")))
    second.events.update(issue=first)
    Issue.objects.filter(pk=second.pk).update(merged_into=first)
    assert preview(world.shop, parse_rules("type:KeyError -> keys")).sentence == "1 unchanged."


def test_it_looks_at_a_bounded_number_of_events(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in range(8):
        happen(world.shop, error(value=f"declined {value}"))
    monkeypatch.setattr(preview_module, "MAX_PER_KEY", 3)
    assert preview(world.shop, parse_rules("")).looked_at_events == 3
    monkeypatch.setattr(preview_module, "MAX_EVENTS", 2)
    assert preview(world.shop, parse_rules("")).looked_at_events == 2


def test_when_its_time_is_over_it_says_what_it_has_not_looked_at(world: World) -> None:
    happen(world.shop, error())
    found = preview(world.shop, parse_rules(""), seconds=-1)
    assert (found.looked_at_issues, found.all_issues, found.changes) == (0, 1, [])
