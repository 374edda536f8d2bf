"""Deleting issues and projects: a little at once, much by a job of a worker."""

from datetime import UTC, datetime

import pytest
from django.conf import settings

from tests.conftest import World
from tests.tracker.working import finish_jobs
from tests.web.factories import happen
from tracker.issues import deletion
from tracker.issues.actions import merge
from tracker.issues.deletion import delete_issues_or_queue, delete_project_or_queue
from tracker.issues.results import ActionResult, Deleted
from tracker.models import Event, Issue, Job, JobStatus, Project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def broker() -> None:
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)


def test_a_few_issues_are_deleted_at_once(world: World) -> None:
    assert delete_issues_or_queue([happen(world.shop)]) == ActionResult(Deleted(is_over=True), 1, ("SHOP-1",))
    assert not Job.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize("bound", ["MAX_ISSUES_AT_ONCE", "MAX_EVENTS_AT_ONCE"])
def test_many_issues_or_events_are_deleted_by_a_worker(
    world: World, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(deletion, bound, 1)
    issues = [happen(world.shop, group) for group in "ab"]
    assert delete_issues_or_queue(issues) == ActionResult(Deleted(is_over=False), 2, ("SHOP-1", "SHOP-2"))
    assert Issue.objects.count() == 2
    finish_jobs()
    assert not Issue.objects.exists() and not Event.objects.exists() and Job.objects.get().status == JobStatus.DONE
    assert happen(world.shop, at=datetime.now(UTC)).number == 3


def test_what_was_merged_into_a_deleted_issue_goes_with_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "MAX_ISSUES_AT_ONCE", 0)
    issues = [happen(world.shop, group) for group in "abc"]
    merge(issues[1:], issues[0], by=None, now=datetime.now(UTC))
    delete_issues_or_queue(issues[:1])
    finish_jobs()
    assert not Issue.objects.exists()


def test_thousands_of_issues_are_jobs_of_which_each_is_small(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "MAX_ISSUES_AT_ONCE", 1)
    monkeypatch.setattr(deletion, "ISSUES_IN_A_JOB", 2)
    delete_issues_or_queue([happen(world.shop, group) for group in "abc"])
    assert Job.objects.count() == 2
    finish_jobs()
    assert not Issue.objects.exists()


def test_a_large_project_is_deleted_by_a_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "MAX_EVENTS_AT_ONCE", -1)
    happen(world.shop)
    assert delete_project_or_queue(world.shop).startswith("Shop is being deleted.")
    finish_jobs()
    assert list(Project.objects.all()) == [world.secret]
