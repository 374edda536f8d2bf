"""Grouping held against events whose true groups are known, and against pairs made from them."""

import pytest

from tests.bench.grouping import issues_of, recorded_scores, scores_of
from tests.bench.labelled import Labelled, load_labelled
from tests.bench.metamorphic import KEEPING, PARTING, pairs_of

pytestmark = pytest.mark.xdist_group("labelled")

LOWEST_PRECISION = 0.995
LOWEST_RECALL = 0.98
LOWEST_SHARE_OF_PAIRS = 0.995
EVERY_NTH_EVENT = 7


@pytest.fixture(scope="module")
def labelled() -> Labelled:
    return load_labelled()


def test_precision_and_recall_keep_their_floors(labelled: Labelled) -> None:
    scores = scores_of(labelled, issues_of(labelled), browser=False)
    assert scores.precision >= LOWEST_PRECISION, scores.mixed
    assert scores.recall >= LOWEST_RECALL, scores.split


def test_an_upgrade_of_the_sdk_or_of_the_language_keeps_issues_whole() -> None:
    scores = recorded_scores()
    assert scores.precision >= LOWEST_PRECISION, scores.mixed
    assert scores.recall >= LOWEST_RECALL, scores.split


def test_without_source_maps_builds_of_one_page_stay_together(labelled: Labelled) -> None:
    assert scores_of(labelled, issues_of(labelled), browser=True).recall == 1


def test_look_alikes_that_need_no_source_map_stay_apart(labelled: Labelled) -> None:
    issues: dict[str, set[int]] = {}
    for one, issue in zip(labelled.events, issues_of(labelled), strict=True):
        issues.setdefault(one.group, set()).add(issue)
    for groups, why in labelled.look_alikes:
        if not labelled.needs_source_maps & set(groups):
            together = set.intersection(*(issues[group] for group in groups))
            assert not together, (groups, why)


def test_the_order_of_arrival_does_not_matter(labelled: Labelled) -> None:
    backwards = Labelled(labelled.events[::-1], labelled.look_alikes, labelled.unasserted, labelled.needs_source_maps)
    there = scores_of(labelled, issues_of(labelled), browser=False)
    back = scores_of(backwards, issues_of(backwards), browser=False)
    assert (there.precision, there.recall, there.issues) == (back.precision, back.recall, back.issues)


def test_changes_that_mean_nothing_keep_an_issue_and_others_part_it(labelled: Labelled) -> None:
    pairs = [
        pair
        for seed, one in enumerate(labelled.events)
        if seed % EVERY_NTH_EVENT == 0
        for pair in pairs_of(one.payload, seed)
    ]
    assert {pair.change for pair in pairs} == {change.__name__ for change in (*KEEPING, *PARTING)}
    wrong = [pair.change for pair in pairs if not pair.right]
    assert 1 - len(wrong) / len(pairs) >= LOWEST_SHARE_OF_PAIRS, wrong
