"""`manage.py verify` finds every sum that does not balance, and nothing where all do."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.health.verify import find_imbalances
from tracker.models import Event, Issue, OutcomeCount, PayloadBase, Project
from tracker.record.batch import record_batch


@pytest.fixture
def balanced(world: World) -> World:
    record_batch([digested(world.shop, n, f"group {n % 2}") for n in range(10)], NOON)
    for outcome, quantity in (("received", 13), ("stored", 10), ("duplicate", 1), ("filtered", 2)):
        OutcomeCount.objects.create(project=world.shop, minute=1, category="error", outcome=outcome, quantity=quantity)
    return world


def test_a_world_that_adds_up_is_said_to(balanced: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify")
    assert "everything adds up" in capsys.readouterr().out


def break_outcomes(world: World) -> None:
    OutcomeCount.objects.filter(outcome="received").update(quantity=14)


def break_stored_events(world: World) -> None:
    Project.objects.filter(id=world.shop.id).update(stored_events=11)


def break_users(world: World) -> None:
    Issue.objects.filter(number=1).update(users_affected=F("users_affected") + 1)


def break_times_seen(world: World) -> None:
    Issue.objects.filter(number=2).update(times_seen=4)


def break_base(world: World) -> None:
    bases = PayloadBase.objects.all()
    bases._raw_delete(bases.db)


def lose_count_of_events(world: World) -> None:
    OutcomeCount.objects.filter(outcome="stored").update(quantity=9)
    OutcomeCount.objects.filter(outcome="filtered").update(quantity=3)


@pytest.mark.parametrize(
    "break_it",
    [break_outcomes, break_stored_events, break_users, break_times_seen, break_base, lose_count_of_events],
)
def test_whatever_is_broken_is_found(
    balanced: World, break_it: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    Issue.objects.update(base=None)
    break_it(balanced)
    assert len(list(find_imbalances())) == 1
    with pytest.raises(CommandError):
        call_command("verify")
    assert "expected" in capsys.readouterr().err
    assert Event.objects.count() == 10
