"""Why events are one issue, as JSON."""

import pytest

from tests.conftest import World
from tests.tracker.grouped import error, record
from tests.web.api_caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(world: World) -> list[str]:
    """Two events of two issues, and one of a project that Alice may not see."""
    return [
        bytes(record(project, error(calls=("checkout", name))).event_id).hex()
        for project, name in ((world.shop, "pay"), (world.shop, "pay_v2"), (world.secret, "pay"))
    ]


def test_an_event_s_grouping_is_explained(world: World, ids: list[str]) -> None:
    caller = Caller(world.alice)
    found = caller.get("issues/SHOP-1/events/latest/grouping-info/")
    assert (found["config"], found["layer"], found["origin"]) == ("g1", "app", "ingest")
    [evidence] = found["variants"][0]["parts"]
    frames = next(part for part in evidence["parts"] if part["id"] == "stack")["parts"]
    assert [(frame["name"], frame["value"]) for frame in frames] == [
        ("frame 1", "shop.billing · pay"),
        ("frame 2", "shop.billing · checkout"),
    ]
    assert caller.get(f"projects/acme/shop/events/{ids[0]}/grouping-info/") == found


def test_two_events_are_compared(world: World, ids: list[str]) -> None:
    found = Caller(world.alice).get("issues/SHOP-1/events/latest/grouping-info/", compareWith=ids[1])
    assert found["difference"] == "first difference: frame 1, `pay` / `pay_v2`"
    assert [row["name"] for row in found["rows"] if not row["same"]] == ["frame 1"]


@pytest.mark.parametrize("other", [2, "nonsense", "f" * 32])
def test_what_one_may_not_see_cannot_be_compared_with(world: World, ids: list[str], other: int | str) -> None:
    caller = Caller(world.alice)
    named = ids[other] if isinstance(other, int) else other
    caller.get("issues/SHOP-1/events/latest/grouping-info/", compareWith=named)
    assert caller.status == 404


def test_an_event_of_another_issue_is_not_found(world: World, ids: list[str]) -> None:
    caller = Caller(world.alice)
    caller.get(f"issues/SHOP-1/events/{ids[1]}/grouping-info/")
    assert caller.status == 404


def test_a_token_without_the_scope_is_refused(world: World, ids: list[str]) -> None:
    caller = Caller(world.alice, "project:releases")
    caller.get("issues/SHOP-1/events/latest/grouping-info/")
    assert caller.status == 403
