"""Deleting leaves nothing behind, and nothing more than asked is gone."""

import pytest
from django.apps import apps

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.deletion import cascade
from tracker.models import Event, Issue, PayloadBase, Project, Release
from tracker.record.batch import record_batch


@pytest.fixture
def filled(world: World) -> World:
    batch = [digested(world.shop, n, f"group {n % 3}") for n in range(30)]
    record_batch(batch + [digested(world.secret, n, "other") for n in range(5)], NOON)
    return world


def counts() -> dict[str, int]:
    names = "Event Issue GroupKey IssueTag IssueUser IssueHour ReleaseHour PayloadBase EventUser Tag Activity Release"
    names += " ReleaseEnvironment"
    return {name: apps.get_model("tracker", name)._default_manager.count() for name in names.split()}


def test_a_removed_issue_takes_its_rows_along_and_no_others(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "BATCH_ROWS", 4)
    before = counts()
    assert cascade.remove_issues(Issue.objects.filter(number=1, project=filled.shop)) == 1
    after = counts()
    assert before["Event"] - after["Event"] == 10
    assert after["Issue"] == before["Issue"] - 1
    assert PayloadBase.objects.count() == before["PayloadBase"] - 1
    filled.shop.refresh_from_db()
    assert filled.shop.stored_events == 20
    record_batch([digested(filled.shop, 100, "group 0")], NOON)
    assert Issue.objects.filter(project=filled.shop).count() == 3


def test_a_removed_project_leaves_nothing_but_the_other_project(filled: World) -> None:
    other = {project.id for project in Project.objects.exclude(id=filled.shop.id)}
    cascade.remove_project(filled.shop)
    assert Event.objects.count() == 5
    assert set(Issue.objects.values_list("project_id", flat=True)) <= other
    cascade.remove_project(filled.secret)
    assert set(counts().values()) == {0}


def test_a_removed_release_is_made_anew_by_its_next_event(filled: World) -> None:
    cascade.remove_release(Release.objects.get(project=filled.shop))
    assert Issue.objects.filter(project=filled.shop).count() == 3
    record_batch([digested(filled.shop, 200, "group 0")], NOON)
    assert Release.objects.get(project=filled.shop).version == "shop@1.0.0"
