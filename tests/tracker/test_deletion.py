"""Deleting issues: a few at once, many by a message to a worker."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import World
from tests.web.happenings import happen
from tracker import deletion
from tracker.deletion import delete_or_hand_over
from tracker.models import Event, Issue
from tracker.tasks import delete_issues_by_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What was sent to the worker, which in a test does not run."""
    sent: list[list[int]] = []
    monkeypatch.setattr(delete_issues_by_id, "delay", sent.append)
    return sent


def test_a_few_issues_are_deleted_at_once(world: World, messages: list[Any]) -> None:
    assert delete_or_hand_over([happen(world.shop)]) == "SHOP-1 is deleted."
    assert messages == [] and not Event.objects.exists()


@pytest.mark.parametrize("bound", ["MOST_ISSUES_AT_ONCE", "MOST_EVENTS_AT_ONCE"])
def test_many_issues_or_events_are_deleted_by_a_worker(
    world: World, messages: list[Any], monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(deletion, bound, 1)
    issues = [happen(world.shop, group) for group in "ab"]
    assert delete_or_hand_over(issues).startswith("2 issues are being deleted")
    [ids] = messages
    assert Issue.objects.count() == 2
    delete_issues_by_id(ids)
    delete_issues_by_id(ids)
    assert not Issue.objects.exists() and not Event.objects.exists()
    assert happen(world.shop, at=datetime.now(UTC)).number == 3
