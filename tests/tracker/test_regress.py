"""What a batch of events does to resolved and archived issues."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, make_release
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.regress import Change, Occurrence, apply_changes, judge_batch
from tracker.issues.status import Archival, ArchiveFor
from tracker.models import Activity, ActivityKind, Commit, Issue, Status

NOW = NOON + timedelta(hours=1)


def event(issue: Issue, release: str = "", minutes: float = 30) -> Occurrence:
    """An event that happened so many minutes after noon, and arrives now."""
    return Occurrence(issue.pk, release, NOON + timedelta(minutes=minutes), NOW)


def judged(events: Sequence[Occurrence]) -> list[Change]:
    issues = Issue.objects.in_bulk([occurrence.issue_id for occurrence in events])
    return judge_batch(issues, events, NOW)


def test_a_regression_reopens_the_issue_and_names_release_and_reason(world: World) -> None:
    issue = make_issue(world.shop, "1.4.1")
    actions.resolve([issue], ResolveIn("in_release", versions=("1.4.2",)), by=world.alice, now=NOON)
    [activity] = apply_changes(judged([event(issue, "1.4.1"), event(issue, "1.4.3"), event(issue, "1.4.4")]), NOW)
    issue.refresh_from_db()
    assert (issue.status, issue.is_regressed, issue.resolution) == (Status.UNRESOLVED, True, None)
    assert issue.status_changed_at == NOW
    assert activity.pk and activity.kind == ActivityKind.REGRESSED and activity.user is None
    assert activity.details["release"] == "1.4.3"
    assert activity.details["reason"] == {"code": "newer_than_fix", "release": "1.4.3", "other": "1.4.2"}
    assert activity.details["resolution"]["versions"] == ["1.4.2"]


def test_events_that_the_fix_does_not_cover_are_counted_and_leave_it_resolved(world: World) -> None:
    issue = make_issue(world.shop, "1.4.1")
    actions.resolve([issue], ResolveIn("in_release", versions=("1.4.2",)), by=world.alice, now=NOON)
    for _ in range(2):
        assert apply_changes(judged([event(issue, "1.4.1"), event(issue, "1.3.0")]), NOW) == []
    issue.refresh_from_db()
    assert (issue.status, issue.expected_since_resolved) == (Status.RESOLVED, 4)


def test_an_event_from_before_the_resolution_changes_nothing(world: World) -> None:
    issue = make_issue(world.shop)
    actions.resolve([issue], ResolveIn(), by=world.alice, now=NOON)
    assert judged([event(issue, minutes=-1)]) == []
    assert judged([event(issue, minutes=1)])[0].is_regression


def test_an_unresolved_issue_needs_no_judgement(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issues = {issue.pk: issue for issue in (make_issue(world.shop) for _ in range(3))}
    with django_assert_num_queries(0):
        assert judge_batch(issues, [event(issue, "1.0") for issue in issues.values()], NOW) == []
        assert apply_changes([], NOW) == []


@pytest.mark.parametrize(
    ("archival", "times_seen", "users", "comes_back"),
    [
        (Archival(), 10**9, 10**9, False),
        (Archival(until_times_seen=10), 9, 99, False),
        (Archival(until_times_seen=10), 10, 0, True),
        (Archival(until_users_affected=3), 99, 2, False),
        (Archival(until_users_affected=3), 3, 3, True),
        (Archival(until=NOW + timedelta(seconds=1)), 99, 99, False),
        (Archival(until=NOW), 1, 1, True),
        (Archival(until=NOW + timedelta(days=1), until_times_seen=5), 5, 1, True),
    ],
)
def test_an_archive_ends_when_one_of_its_conditions_holds(
    world: World, archival: Archival, times_seen: int, users: int, comes_back: bool
) -> None:
    issue = make_issue(world.shop, status=Status.ARCHIVED, archival=archival.as_json())
    Issue.objects.filter(id=issue.pk).update(times_seen=times_seen, users_affected=users)
    activities = apply_changes(judged([event(issue, "9.9")]), NOW)
    issue.refresh_from_db()
    assert issue.status == (Status.UNRESOLVED if comes_back else Status.ARCHIVED)
    assert [activity.kind for activity in activities] == [ActivityKind.ARCHIVE_ENDED] * comes_back
    assert all(activity.details == {} for activity in activities)
    assert not issue.is_regressed


def test_a_commit_fixes_from_the_first_release_that_contains_it(world: World) -> None:
    issue = make_issue(world.shop, "1.4.1")
    actions.resolve([issue], ResolveIn("in_commit", commit="8f4b2c1d9e"), by=world.alice, now=NOON)
    assert judged([event(issue, "1.4.2")])[0].expected == 1
    for version in ("1.5.0", "1.4.2"):
        Commit.objects.create(release=make_release(world.shop, version), sha="8f4b2c1d9e" + "0" * 30)
    Commit.objects.create(release=make_release(world.secret, "1.0.0"), sha="8f4b2c1d9e" + "0" * 30)
    assert judged([event(issue, "1.4.1")])[0].expected == 1
    assert judged([event(issue, "1.4.2")])[0].is_regression


def test_each_issue_is_fixed_by_its_own_commit(world: World) -> None:
    ours, theirs = make_issue(world.shop, "1.4.1"), make_issue(world.shop, "1.4.1")
    for issue, sha in ((ours, "8f4b2c1"), (theirs, "c0ffee1")):
        actions.resolve([issue], ResolveIn("in_commit", commit=sha), by=world.alice, now=NOON)
    Commit.objects.create(release=make_release(world.shop, "1.4.2"), sha="8f4b2c1" + "0" * 33)
    Commit.objects.create(release=make_release(world.shop, "1.5.0"), sha="c0ffee1" + "0" * 33)
    changes = {change.issue_id: change for change in judged([event(ours, "1.4.2"), event(theirs, "1.4.2")])}
    assert changes[ours.pk].is_regression
    assert not changes[theirs.pk].is_regression and changes[theirs.pk].expected == 1


def test_two_projects_know_different_dates_of_the_same_name(world: World) -> None:
    make_release(world.shop, "abc", age_hours=5)
    make_release(world.shop, "def", age_hours=3)
    make_release(world.secret, "abc", age_hours=3)
    make_release(world.secret, "def", age_hours=5)
    ours, theirs = make_issue(world.shop), make_issue(world.secret)
    actions.resolve([ours, theirs], ResolveIn("in_release", versions=("abc",)), by=world.alice, now=NOON)
    here, there = judged([event(ours, "def"), event(theirs, "def")])
    assert here.is_regression and not there.is_regression


@pytest.mark.parametrize("size", [1, 100])
def test_a_batch_costs_the_same_few_statements_whatever_its_size(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries, size: int
) -> None:
    make_release(world.shop, "1.4.1")
    in_release = [make_issue(world.shop, "1.4.1") for _ in range(size)]
    by_commit = [make_issue(world.shop, "1.4.1") for _ in range(size)]
    archived = [make_issue(world.shop, "1.4.1") for _ in range(size)]
    actions.resolve(in_release, ResolveIn("in_release", versions=("1.4.2",)), by=None, now=NOON)
    actions.resolve(by_commit, ResolveIn("in_commit", commit="8f4b2c1"), by=None, now=NOON)
    actions.archive(archived, ArchiveFor(events=1), by=None, now=NOON)
    Issue.objects.filter(id__in=[issue.pk for issue in archived]).update(times_seen=F("times_seen") + 1)
    issues = Issue.objects.in_bulk()
    events = [event(issue, version) for issue in issues.values() for version in ("1.4.1", "1.4.2")]
    with django_assert_max_num_queries(2):
        changes = judge_batch(issues, events, NOW)
    with django_assert_max_num_queries(8):
        activities = apply_changes(changes, NOW)
    assert len(activities) == 2 * size
    assert set(Activity.objects.filter(kind=ActivityKind.REGRESSED).values_list("issue", flat=True)) == {
        issue.pk for issue in in_release
    }
    assert set(Issue.objects.filter(status=Status.RESOLVED).values_list("expected_since_resolved", flat=True)) == {2}
