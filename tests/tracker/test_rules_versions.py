"""Rules: versions that never change, read by every worker, and never the end of an issue that exists."""

import pytest

from grouping.rules import RuleError
from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, happen
from tracker.models import GroupingRules, GroupKey, Issue, Project, Status
from tracker.rules import versions as rules_module
from tracker.rules.versions import compile_versions, rules_for, rules_in_force, rules_of, save_rules
from tracker.similar.suggestions import compare_new_issues, similar_issues_of, united_by_rules

BY_MESSAGE = "type:PaymentError -> {{ default }}, {{ raw_message }}"
BY_TYPE = "type:PaymentError -> payments"


def save(
    project: Project, fingerprint: str = "", stacktrace: str = "", *, splits_existing_issues: bool = False
) -> None:
    save_rules(project, fingerprint, stacktrace, by=None, now=NOON, splits_existing_issues=splits_existing_issues)


def test_every_save_is_a_new_version_and_other_processes_notice(world: World) -> None:
    before = world.shop.config_generation
    save(world.shop, BY_TYPE)
    save(world.shop, BY_MESSAGE, "function:retry -group")
    assert rules_of(world.shop).version == 2
    assert list(world.shop.grouping_rules.order_by("version").values_list("fingerprint_rules", flat=True)) == [
        BY_TYPE,
        BY_MESSAGE,
    ]
    world.shop.refresh_from_db()
    assert world.shop.config_generation == before + 2


def test_a_mistake_is_refused_with_its_place_and_nothing_is_saved(world: World) -> None:
    with pytest.raises(RuleError) as refusal:
        save(world.shop, "type:A -> a\ntype:B => b")
    assert (refusal.value.line, refusal.value.column) == (2, 8)
    assert not GroupingRules.objects.exists()


def test_a_new_rule_that_joins_leaves_existing_issues_where_they_are(world: World) -> None:
    checkout = happen(world.shop, error(calls=("checkout", "pay")))
    refund = happen(world.shop, error(calls=("cancel", "refund")))
    save(world.shop, BY_TYPE)
    assert happen(world.shop, error(calls=("checkout", "pay"))) == checkout
    assert happen(world.shop, error(calls=("cancel", "refund"))) == checkout, "the rule has made it one from now on"
    assert Issue.objects.count() == 2 and refund.times_seen == 1


def test_what_only_the_new_rule_knows_goes_to_the_oldest_unresolved_issue_that_it_joins(world: World) -> None:
    issues = [happen(world.shop, error(calls=("checkout", name))) for name in ("pay", "refund", "charge")]
    Issue.objects.filter(pk=issues[0].pk).update(status=Status.ARCHIVED)
    save(world.shop, BY_TYPE)
    assert happen(world.shop, error(calls=("cancel", "never_seen"))) == issues[1]
    assert GroupKey.objects.get(kind="fp").origin == "rules"


def test_issues_that_a_new_rule_would_unite_stay_apart_and_are_proposed_as_one(world: World) -> None:
    first, second = (happen(world.shop, error(calls=("checkout", name))) for name in ("pay", "refund"))
    happen(world.shop, error("KeyError"))
    save(world.shop, BY_TYPE)
    [near] = similar_issues_of(second)
    assert near.issue == first and near.reasons == ["the project's rules would make them one"]
    assert Issue.objects.filter(merged_into=None).count() == 3 and similar_issues_of(first)[0].issue == second


def test_a_pair_that_was_proposed_as_alike_is_then_proposed_by_the_rules(world: World) -> None:
    calls = ("main", "handle", "dispatch", "checkout", "total", "pay")
    first = happen(world.shop, error(calls=calls))
    second = happen(world.shop, error(calls=(*calls[:3], "checkout_v2", *calls[4:])))
    compare_new_issues(NOON)
    assert united_by_rules(first) == [] and similar_issues_of(first)
    save(world.shop, BY_TYPE)
    assert united_by_rules(first) == [second] and united_by_rules(second) == [first]


def test_a_new_rule_that_tells_apart_does_not_split_an_existing_issue(world: World) -> None:
    issue = happen(world.shop, error(value="card declined"))
    save(world.shop, BY_MESSAGE)
    assert happen(world.shop, error(value="card stolen")) == issue
    assert Issue.objects.count() == 1


def test_it_does_where_that_was_asked_for(world: World) -> None:
    issue = happen(world.shop, error(value="card declined"))
    save(world.shop, BY_MESSAGE, splits_existing_issues=True)
    assert happen(world.shop, error(value="card stolen")) != issue


def test_an_issue_outlives_several_changes_of_rules_in_a_row(world: World) -> None:
    issue = happen(world.shop, error())
    save(world.shop, BY_TYPE)
    save(world.shop, "type:PaymentError -> money")
    save(world.shop, "", "function:pay -group")
    assert happen(world.shop, error()) == issue


def test_a_set_that_cannot_be_read_any_more_is_passed_over_for_the_last_good_one(world: World) -> None:
    save(world.shop, BY_TYPE)
    GroupingRules.objects.create(project=world.shop, version=2, fingerprint_rules="what is this")
    Project.objects.filter(pk=world.shop.pk).update(config_generation=99)
    found = rules_for(world.shop)
    assert found.version == 1 and found.current.fingerprint


def test_without_any_readable_set_events_are_grouped_without_rules(world: World) -> None:
    GroupingRules.objects.create(project=world.shop, version=1, stacktrace_rules="what is this")
    Project.objects.filter(pk=world.shop.pk).update(config_generation=99)
    found = rules_for(world.shop)
    assert found.version == 0 and not found.current.fingerprint and not found.previous


def test_the_way_back_is_bounded_and_ends_at_a_version_that_parts_issues() -> None:
    saved = [GroupingRules(version=n, fingerprint_rules=f"type:A -> {n}", project_id=1) for n in range(30, 0, -1)]
    assert len(compile_versions(saved).previous) == rules_module.MAX_PREVIOUS
    saved[2].splits_existing_issues = True
    assert list(compile_versions(saved).versions) == [30, 29, 28]


def test_the_same_texts_twice_are_tried_once() -> None:
    saved = [GroupingRules(version=n, fingerprint_rules=BY_TYPE, project_id=1) for n in (3, 2, 1)]
    assert list(compile_versions(saved).versions) == [3, 0]


def test_rules_of_many_projects_are_one_query_and_then_none(world: World, django_assert_num_queries: object) -> None:
    save(world.shop, BY_TYPE)
    versions = {world.shop.pk: 1, world.secret.pk: 0}
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = rules_in_force(versions)
    assert (found[world.shop.pk].version, found[world.secret.pk].version) == (1, 0)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert rules_in_force(versions) == found
