"""The account of what was received, and what it is made of."""

import pytest

from tests.conftest import World
from tests.web.api_caller import Caller
from tracker.models import OutcomeCount, Project
from tracker.outcomes.account import ENDS, accounts_of
from tracker.spool import Entry, open_spool

pytestmark = pytest.mark.django_db


def count(project: Project, category: str, outcome: str, quantity: int, reason: str = "") -> None:
    OutcomeCount.objects.create(
        project=project, minute=1, category=category, outcome=outcome, reason=reason, quantity=quantity
    )


def test_the_sum_of_what_became_of_items_is_what_was_received(world: World) -> None:
    count(world.shop, "error", "received", 17)
    count(world.shop, "error", "stored", 10)
    count(world.shop, "error", "duplicate", 2)
    count(world.shop, "error", "filtered", 4, "health-check")
    count(world.shop, "error", "invalid", 1, "too_large")
    count(world.shop, "log_item", "rate_limited", 70)
    count(world.shop, "error", "client_discard", 5, "queue_overflow")
    count(world.shop, "error", "unchecked", 3)
    count(world.secret, "error", "stored", 1000)
    answer = Caller(world.alice).get("organizations/acme/accounting/", project="shop")
    totals = {name: answer[name] for name in ENDS}
    assert totals == {"stored": 10, "duplicate": 2, "filtered": 4, "rate_limited": 0, "invalid": 1}
    assert answer["received"] == sum(totals.values()) + answer["waiting"]
    assert answer["categories"]["error"]["received"] == 17
    assert answer["categories"]["log_item"]["rate_limited"] == 70
    assert (answer["clientDiscards"], answer["unchecked"]) == ({"queue_overflow": 5}, 3)
    assert answer["reasons"] == {"filtered:health-check": 4, "invalid:too_large": 1}


def test_what_waits_in_the_spool_is_part_of_the_account(world: World) -> None:
    spool = open_spool()
    spool.append(Entry(world.shop.pk, world.key.pk, 1000.0, "identity", b"{}", "session:3"))
    for project in (world.shop, world.shop, world.secret):
        spool.append(Entry(project.pk, world.key.pk, 1000.0, "identity", b"{}"))
    try:
        accounts = accounts_of([world.shop])
        assert (accounts.errors.waiting, accounts.errors.received) == (2, 2)
        assert accounts.categories["session"].waiting == accounts.categories["session"].received == 3
        assert accounts_of([]).errors.received == 0
    finally:
        while claimed := spool.claim(100):
            spool.ack([each.id for each in claimed])
    assert accounts_of([world.shop]).waiting == 0


def test_a_project_that_is_not_there_has_no_account(world: World) -> None:
    caller = Caller(world.alice)
    for name in ("secret", "nothing", str(world.secret.pk)):
        caller.get("organizations/acme/accounting/", project=name)
        assert caller.status == 404
