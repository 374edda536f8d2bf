"""Similar issues are proposed, never merged; what a person has said of a pair stands."""

from string import ascii_lowercase

import pytest
from django.conf import settings

from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, happen
from tests.tracker.working import finish_jobs
from tracker.deletion.cascade import remove_issues, remove_project
from tracker.models import GroupKey, Issue, IssueSignature, SignatureToken, Suggestion, TokenCount
from tracker.serve.tasks import suggest_duplicates
from tracker.similar.suggestions import (
    bring_back,
    compare_issue,
    compare_new_issues,
    dismiss,
    dismissed_issues_of,
    similar_issues_of,
)

DEEP = ("main", "handle", "dispatch", "checkout", "total", "pay")


def compare() -> None:
    compare_new_issues(NOON)


@pytest.fixture
def twins(world: World) -> tuple[Issue, Issue]:
    """Two issues whose stacks differ in one function."""
    first = happen(world.shop, error(calls=DEEP))
    second = happen(world.shop, error(calls=(*DEEP[:3], "checkout_v2", *DEEP[4:])))
    assert first != second
    compare()
    return first, second


def test_a_new_issue_with_nearly_the_same_stack_is_proposed_on_both_pages(twins: tuple[Issue, Issue]) -> None:
    first, second = twins
    assert [near.issue for near in similar_issues_of(second)] == [first]
    assert [near.issue for near in similar_issues_of(first)] == [second]
    assert Issue.objects.filter(merged_into=None).count() == 2, "nothing is merged by likeness"


def test_an_unlike_issue_is_not_proposed(world: World) -> None:
    happen(world.shop, error(calls=DEEP))
    other = happen(world.shop, error("KeyError", "'sku'", calls=("run", "load", "parse")))
    compare()
    assert similar_issues_of(other) == []


def test_messages_without_a_stack_are_compared_by_their_words(world: World) -> None:
    first = happen(world.shop, {"message": "could not reach payment gateway in europe"})
    second = happen(world.shop, {"message": "could not reach payment gateway in asia"})
    happen(world.shop, {"message": "the moon is full tonight"})
    compare()
    assert [near.issue for near in similar_issues_of(second)] == [first]


def test_issues_of_another_project_are_never_proposed(world: World) -> None:
    happen(world.secret, error(calls=DEEP))
    other = happen(world.shop, error(calls=(*DEEP[:3], "checkout_v2", *DEEP[4:])))
    compare()
    assert similar_issues_of(other) == []


def test_a_dismissed_proposal_stays_away_until_it_is_brought_back(world: World, twins: tuple[Issue, Issue]) -> None:
    first, second = twins
    suggestion = Suggestion.objects.get()
    dismiss(suggestion, by=world.alice, now=NOON)
    compare()
    assert similar_issues_of(first) == similar_issues_of(second) == []
    assert [near.issue for near in dismissed_issues_of(first)] == [second]
    bring_back(suggestion)
    assert [near.issue for near in similar_issues_of(first)] == [second]


def test_what_a_person_took_apart_is_not_proposed_again(twins: tuple[Issue, Issue]) -> None:
    first, second = twins
    GroupKey.objects.filter(issue=second).update(pinned_to=second)
    assert similar_issues_of(first) == similar_issues_of(second) == []


def test_what_a_person_took_apart_is_not_even_looked_for(world: World) -> None:
    happen(world.shop, error(calls=DEEP))
    second = happen(world.shop, error(calls=(*DEEP[:3], "checkout_v2", *DEEP[4:])))
    GroupKey.objects.filter(issue=second).update(pinned_to=second)
    compare()
    assert not Suggestion.objects.exists()


def test_a_merged_issue_is_no_longer_proposed(twins: tuple[Issue, Issue]) -> None:
    first, second = twins
    Issue.objects.filter(pk=second.pk).update(merged_into=first)
    assert similar_issues_of(first) == []


def test_an_issue_is_compared_once(twins: tuple[Issue, Issue]) -> None:
    counts = list(TokenCount.objects.order_by("token").values_list("token", "issues"))
    compare()
    assert list(TokenCount.objects.order_by("token").values_list("token", "issues")) == counts
    assert not Issue.objects.filter(compared_at=None).exists()


def test_two_workers_that_compare_the_same_issue_count_it_once(world: World) -> None:
    issue = happen(world.shop, error(calls=DEEP))
    compare_issue(issue, NOON)
    compare_issue(issue, NOON)
    assert set(TokenCount.objects.values_list("issues", flat=True)) == {1}


def test_the_task_compares_what_is_waiting(twins: tuple[Issue, Issue], world: World) -> None:
    third = happen(world.shop, error(calls=(*DEEP[:3], "checkout_again", *DEEP[4:])))
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    suggest_duplicates()
    finish_jobs()
    assert {near.issue for near in similar_issues_of(third)} == set(twins)


def test_an_issue_whose_events_are_gone_is_passed_over(world: World) -> None:
    issue = happen(world.shop, error())
    issue.events.all().delete()
    compare()
    assert not IssueSignature.objects.exists() and not Issue.objects.filter(compared_at=None).exists()


def test_few_rows_make_an_issue_findable(world: World) -> None:
    happen(world.shop, error(calls=[f"step_{n}" for n in range(200)]))
    compare()
    assert 0 < SignatureToken.objects.count() <= 20


def test_the_number_of_queries_does_not_grow_with_the_number_of_similar_issues(
    world: World, django_assert_max_num_queries: object
) -> None:
    for letter in ascii_lowercase:
        happen(world.shop, error(calls=(*DEEP[:3], f"checkout_by_{letter}", *DEEP[4:])))
    compare()
    happen(world.shop, error(calls=(*DEEP[:3], "checkout_again", *DEEP[4:])))
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        compare()
    assert Issue.objects.count() == 27 and Suggestion.objects.filter(issue__number=27).count() == 5


def test_removed_issues_and_projects_leave_nothing_behind(world: World, twins: tuple[Issue, Issue]) -> None:
    remove_issues(Issue.objects.filter(pk=twins[0].pk))
    assert not Suggestion.objects.exists() and IssueSignature.objects.count() == 1
    assert set(SignatureToken.objects.values_list("issue", flat=True)) == {twins[1].pk}
    remove_project(world.shop)
    assert not any(table._default_manager.exists() for table in (IssueSignature, SignatureToken, TokenCount))
