"""The account: what became of everything that was received, and whether the sum balances."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.conftest import World
from tests.tracker.digested import NOON
from tracker.models import OutcomeCount, Project
from tracker.outcomes.account import Balance, accounts_of, balances_of, discards_of, reasons_of

NOW_MINUTE = int(NOON.timestamp()) // 60
WEEK = 7 * 24 * 60


def count(
    project: Project,
    outcome: str,
    quantity: int,
    *,
    reason: str = "",
    category: str = "error",
    ago: int = 0,
    key: int = 0,
) -> None:
    """What was counted so many minutes ago."""
    OutcomeCount.objects.create(
        project=project,
        minute=NOW_MINUTE - ago,
        key_id=key,
        category=category,
        outcome=outcome,
        reason=reason,
        quantity=quantity,
    )


def balance_of(project: Project) -> Balance:
    (balance,) = balances_of([project], NOON)
    return balance


class TestBalances:
    def test_what_is_missing_is_what_was_received_and_is_nowhere(self, world: World) -> None:
        count(world.shop, "received", 20)
        for quantity, outcome in enumerate(("stored", "duplicate", "filtered", "rate_limited", "invalid"), start=1):
            count(world.shop, outcome, quantity)
        balance = balance_of(world.shop)
        assert balance.received == 20
        assert balance.ends == {"stored": 1, "duplicate": 2, "filtered": 3, "rate_limited": 4, "invalid": 5}
        assert balance.missing == 5

    def test_more_than_was_received_is_missing_less_than_nothing(self, world: World) -> None:
        count(world.shop, "stored", 2)
        assert balance_of(world.shop).missing == -2

    def test_reasons_keys_and_minutes_are_summed(self, world: World) -> None:
        for ago, key, reason in ((0, 1, "a"), (1, 1, "a"), (0, 2, "a"), (0, 1, "b")):
            count(world.shop, "filtered", 2, reason=reason, key=key, ago=ago)
            count(world.shop, "received", 3, reason=reason, key=key, ago=ago)
        balance = balance_of(world.shop)
        assert (balance.received, balance.ends["filtered"]) == (12, 8)

    def test_what_stands_beside_the_sum_does_not_enter_it(self, world: World) -> None:
        count(world.shop, "client_discard", 4, reason="queue_overflow")
        assert balances_of([world.shop], NOON) == []
        count(world.shop, "unchecked", 6)
        balance = balance_of(world.shop)
        assert (balance.unchecked, balance.received, balance.missing) == (6, 0, 0)

    def test_the_last_seven_days_count_to_the_minute(self, world: World) -> None:
        count(world.shop, "received", 1, ago=WEEK)
        count(world.shop, "received", 10, ago=WEEK + 1)
        assert balance_of(world.shop).received == 1
        assert balances_of([world.shop], NOON + timedelta(minutes=1)) == []
        (longer,) = balances_of([world.shop], NOON, days=8)
        assert longer.received == 11

    def test_projects_are_listed_by_name_and_their_categories_by_name(
        self, world: World, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        twin = Project.objects.create(organization=world.acme, slug="twin", name="Shop")
        for project in (twin, world.shop, world.secret):
            for category in ("session", "error"):
                count(project, "received", project.pk, category=category)
        projects = [world.shop, world.secret, twin]
        with django_assert_num_queries(1):
            balances = balances_of(projects, NOON)
        assert [(balance.project, balance.category, balance.received) for balance in balances] == [
            (project, category, project.pk)
            for project in (world.secret, world.shop, twin)
            for category in ("error", "session")
        ]

    def test_nobody_elses_projects_are_counted(self, world: World) -> None:
        count(world.secret, "received", 1)
        count(world.secret, "filtered", 1, reason="a")
        count(world.secret, "client_discard", 1, reason="a")
        for ask in (balances_of, reasons_of, discards_of):
            assert not ask([world.shop], NOON)


class TestReasons:
    @pytest.mark.parametrize("outcome", ["filtered", "rate_limited", "invalid"])
    def test_they_say_why_something_was_not_stored(self, world: World, outcome: str) -> None:
        count(world.shop, outcome, 2, reason="a", ago=5)
        count(world.shop, outcome, 3, reason="a", key=9)
        (reason,) = reasons_of([world.shop], NOON)
        assert (reason.project, reason.category) == (world.shop, "error")
        assert (reason.outcome, reason.reason, reason.quantity) == (outcome, "a", 5)

    @pytest.mark.parametrize("outcome", ["received", "stored", "duplicate", "client_discard", "unchecked"])
    def test_nothing_else_does(self, world: World, outcome: str) -> None:
        count(world.shop, outcome, 2, reason="a")
        assert reasons_of([world.shop], NOON) == []
        assert bool(discards_of([world.shop], NOON)) == (outcome == "client_discard")

    def test_the_most_frequent_come_first_and_fifty_are_told(self, world: World) -> None:
        for number in range(60):
            count(world.shop, "filtered", number + 1, reason=f"filter {number}")
            count(world.shop, "client_discard", number + 1, reason=f"client {number}")
        for ask in (reasons_of, discards_of):
            told = ask([world.shop], NOON)
            assert [reason.quantity for reason in told] == list(range(60, 10, -1))
            assert [reason.quantity for reason in ask([world.shop], NOON, limit=2)] == [60, 59]

    def test_those_of_another_day_are_told_for_as_many_days_as_asked(self, world: World) -> None:
        count(world.shop, "filtered", 1, reason="a", ago=WEEK + 1)
        count(world.shop, "client_discard", 1, reason="a", ago=WEEK + 1)
        for ask in (reasons_of, discards_of):
            assert ask([world.shop], NOON) == []
            assert len(ask([world.shop], NOON, days=8)) == 1


class TestAccounts:
    def test_received_is_what_became_something(self, world: World) -> None:
        count(world.shop, "received", 99)
        for quantity, outcome in enumerate(("stored", "duplicate", "filtered", "rate_limited", "invalid"), start=1):
            count(world.shop, outcome, quantity)
        assert accounts_of([world.shop]).errors.received == 15

    def test_several_projects_have_one_account_together(self, world: World) -> None:
        for project in (world.shop, world.secret):
            count(project, "filtered", 2, reason="a")
            count(project, "client_discard", 3, reason="b")
            count(project, "unchecked", 4)
        errors = accounts_of([world.shop, world.secret]).errors
        assert (errors.ends["filtered"], errors.reasons) == (4, {"filtered:a": 4})
        assert (errors.discards, errors.unchecked) == ({"b": 6}, 8)

    def test_reasons_of_one_outcome_are_told_apart_and_without_one_there_is_none(self, world: World) -> None:
        count(world.shop, "filtered", 2, reason="a")
        count(world.shop, "filtered", 3, reason="b")
        count(world.shop, "invalid", 4, reason="a")
        count(world.shop, "stored", 5)
        errors = accounts_of([world.shop]).errors
        assert errors.reasons == {"filtered:a": 2, "filtered:b": 3, "invalid:a": 4}
        assert errors.ends == {"stored": 5, "duplicate": 0, "filtered": 5, "rate_limited": 0, "invalid": 4}

    def test_categories_have_accounts_of_their_own(self, world: World) -> None:
        count(world.shop, "stored", 2, category="session")
        accounts = accounts_of([world.shop])
        assert accounts.categories["session"].received == 2
        assert accounts.errors.received == 0

    def test_it_reaches_back_as_far_as_counts_are_kept(
        self, world: World, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        count(world.shop, "stored", 2, ago=NOW_MINUTE)
        with django_assert_num_queries(1):
            assert accounts_of([world.shop]).errors.received == 2
