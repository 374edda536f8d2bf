"""What is past its time goes, and nothing else."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import World
from tests.tracker.digested import NOON, digested, payload_of
from tracker.deletion import retention
from tracker.deletion.cascade import BATCH_ROWS, remove_project
from tracker.deletion.jobs import apply_retention
from tracker.deletion.retention import retention_steps, sweep
from tracker.jobs import slices
from tracker.jobs.slices import run_slice
from tracker.models import (
    Activity,
    ActivityKind,
    DeadLetter,
    Event,
    EventUser,
    GroupKey,
    Issue,
    IssueHour,
    IssueTag,
    IssueUser,
    Job,
    JobStatus,
    OutcomeCount,
    PayloadBase,
    Project,
    Release,
    ReleaseHour,
    SessionCount,
    SessionUsers,
    Status,
    Tag,
)
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.serve.tasks import reopen_archived

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget_dimensions()
    forget_keys()


def record(project: Project, *ages: float, group: str = "a", first: int = 0) -> Issue:
    """One event for each age in days before NOON."""
    batch = [
        digested(project, first + n, group, occurred_at=NOON - age * DAY, received_at=NOON - age * DAY)
        for n, age in enumerate(ages)
    ]
    record_batch(batch, NOON)
    return Issue.objects.get(project=project, value=group)


def ages_left(project: Project) -> list[int]:
    times = Event.objects.filter(project=project).values_list("occurred_at", flat=True)
    return sorted((NOON - time).days for time in times)


def stored(project: Project) -> int:
    project.refresh_from_db()
    return project.stored_events


def test_events_go_after_the_days_of_their_own_project(world: World) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_days=30)
    record(world.shop, 1, 29, 31, 89)
    record(world.secret, 1, 29, 31, 89, 91, first=10)
    sweep(NOON)
    assert ages_left(world.shop) == [1, 29]
    assert ages_left(world.secret) == [1, 29, 31, 89]
    assert (stored(world.shop), stored(world.secret)) == (2, 4)


def test_an_issue_keeps_its_counts_when_its_events_go(world: World) -> None:
    issue = record(world.shop, 1, 91, 92)
    sweep(NOON)
    issue.refresh_from_db()
    assert issue.times_seen == 3
    assert (NOON - issue.first_seen_at).days == 92


def test_events_beyond_the_number_go_oldest_first(world: World) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_events=3)
    record(world.shop, 1, 2, 3, 4, 5, 6)
    sweep(NOON)
    assert ages_left(world.shop) == [1, 2, 3]
    assert stored(world.shop) == 3


def test_a_flood_does_not_push_out_the_only_event_of_a_rare_issue(world: World) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_events=5)
    record(world.shop, 40, group="rare", first=100)
    record(world.shop, *[1 + n / 100 for n in range(20)])
    sweep(NOON)
    assert ages_left(world.shop) == [1, 1, 1, 1, 40]


def test_a_number_below_that_of_issues_keeps_one_event_for_each(world: World) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_events=1)
    for n in range(3):
        record(world.shop, 1, 2, group=f"group {n}", first=10 * n)
    sweep(NOON)
    assert ages_left(world.shop) == [1, 1, 1]


def test_zero_means_without_end(world: World) -> None:
    Project.objects.update(retention_days=0, retention_events=0)
    record(world.shop, 1, 5_000)
    sweep(NOON)
    assert Event.objects.count() == 2


def test_events_that_stay_can_still_be_read(world: World) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_events=2)
    record(world.shop, 5, 4, 3, 2, 1)
    sweep(NOON)
    assert [payload_of(event)["message"] for event in Event.objects.all()] == ["a", "a"]
    assert PayloadBase.objects.count() == 1


def test_an_issue_that_fell_silent_forgets_people_but_stays(world: World) -> None:
    issue = record(world.shop, 91, 92)
    Issue.objects.filter(pk=issue.pk).update(status=Status.RESOLVED)
    kept = record(world.shop, 1, group="kept", first=10)
    sweep(NOON)
    issue.refresh_from_db()
    assert (issue.status, issue.times_seen, issue.users_affected) == (Status.RESOLVED, 2, 2)
    assert GroupKey.objects.filter(issue=issue).exists()
    assert not IssueTag.objects.filter(issue=issue).exists()
    assert not IssueUser.objects.filter(issue=issue).exists()
    assert {pair.event_user for pair in IssueUser.objects.all()} == set(EventUser.objects.all())
    assert {pair.tag for pair in IssueTag.objects.filter(issue=kept)} == set(Tag.objects.all())
    assert list(PayloadBase.objects.values_list("pk", flat=True)) == [kept.base_id]


def test_a_silent_issue_that_speaks_again_is_the_same_issue(world: World) -> None:
    issue = record(world.shop, 91)
    sweep(NOON)
    again = record(world.shop, 0, first=5)
    assert again == issue
    assert again.times_seen == 2
    assert IssueTag.objects.filter(issue=issue).count() == 4
    assert payload_of(Event.objects.get())["message"] == "a"


def test_counts_sessions_and_history_go_after_their_days(world: World) -> None:
    issue = record(world.shop, 0, 100)
    minute = int(NOON.timestamp()) // 60
    for days in (1, 89, 91):
        OutcomeCount.objects.create(
            project=world.shop, minute=minute - days * 1440, category="error", outcome="stored", quantity=1
        )
    for days in (700, 731):
        Activity.objects.create(
            project=world.shop, issue=issue, kind=ActivityKind.COMMENTED, created_at=NOON - days * DAY
        )
    release = Release.objects.get()
    for days in (89, 91):
        at = NOON - days * DAY
        SessionCount.objects.create(release=release, minute=at, exited=1)
        SessionUsers.objects.create(release=release, day=int(at.timestamp()) // 86_400)
    Session.objects.create(session_key="old", session_data="", expire_date=NOON - DAY)
    sweep(NOON)
    assert IssueHour.objects.count() == ReleaseHour.objects.count() == 1
    assert OutcomeCount.objects.count() == 2
    assert SessionCount.objects.count() == SessionUsers.objects.count() == 1
    assert Activity.objects.filter(kind=ActivityKind.COMMENTED).count() == 1
    assert not Session.objects.exists()


def test_retention_removes_in_bites_until_nothing_is_left_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.objects.filter(pk=world.shop.pk).update(retention_events=1)
    record(world.shop, *[n / 1000 for n in range(1_300)])
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    apply_retention.ensure()
    left = [1_300]
    while run_slice(timezone.now()):
        left.append(Event.objects.count())
    assert max(before - after for before, after in pairwise(left)) == BATCH_ROWS
    assert stored(world.shop) == Event.objects.count() == 1
    assert Job.objects.get().status == JobStatus.DONE


def test_another_worker_goes_on_with_the_step_at_which_a_bite_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project in which there is nothing to do takes a while to look through; it is not looked through from the start
    by each batch."""
    monkeypatch.setattr(slices, "SLICE_SECONDS", 0)
    monkeypatch.setattr(retention, "ISSUES_PER_BATCH", 1)
    Project.objects.exclude(pk=world.shop.pk).delete()
    project = world.shop
    for group in "abc":
        record(project, 1, group=group, first=ord(group))
    apply_retention.ensure()
    places: list[object] = []
    while run_slice(timezone.now()):
        places += Job.objects.filter(status=JobStatus.WAITING).values_list("payload", flat=True)
    reached = [place for place, following in pairwise([*places, None]) if place != following]
    assert reached == [
        *([project.pk, 0, issue.pk] for issue in Issue.objects.filter(project=project).order_by("pk")),
        *([project.pk, step] for step in range(2, 7)),
    ]


def test_a_project_that_was_deleted_meanwhile_is_passed_over(world: World) -> None:
    record(world.secret, 91)
    gone = world.shop.pk
    remove_project(world.shop)
    list(retention_steps(NOON, gone, 3))
    assert not Event.objects.exists()


def test_nothing_to_do_takes_the_same_few_statements_however_many_events(world: World) -> None:
    record(world.shop, 1)
    sweep(NOON)
    with CaptureQueriesContext(connection) as few:
        sweep(NOON)
    record(world.shop, *[1] * 200, first=10)
    with CaptureQueriesContext(connection) as many:
        sweep(NOON)
    assert len(many) == len(few)


def test_an_archived_issue_comes_back_on_its_day(world: World) -> None:
    issue = record(world.shop, 1)
    Issue.objects.filter(pk=issue.pk).update(
        status=Status.ARCHIVED, archival={"until": "2020-01-01T00:00:00.000000+00:00"}
    )
    reopen_archived()
    issue.refresh_from_db()
    assert issue.status == Status.UNRESOLVED


def test_dead_letters_do_not_pile_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "DEAD_LETTERS_KEPT", 3)
    for age in (200, *range(5)):
        at = NOON - timedelta(days=age)
        DeadLetter.objects.create(project=world.shop, received_at=at, failed_at=at, error="broken", body=b"x")
    newest = list(DeadLetter.objects.order_by("-id").values_list("id", flat=True)[:3])
    sweep(NOON)
    assert list(DeadLetter.objects.order_by("-id").values_list("id", flat=True)) == newest
