"""What people do to issues, and what an action says that it did."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, resolution_of
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.details import AssignedDetails, ResolvedDetails, details_of
from tracker.issues.results import Archived, Assigned, Deleted, Resolved
from tracker.issues.status import Archival, ArchiveFor
from tracker.models import Activity, ActivityKind, Issue, Status

LATER = NOON + timedelta(minutes=5)


def test_resolving_now_says_which_issue_and_how(world: World) -> None:
    issue = make_issue(world.shop, number=42)
    done = actions.resolve([issue], ResolveIn(), by=world.alice, now=NOON)
    assert (done.matched, done.changed) == (1, ("SHOP-42",))
    assert done.effect == Resolved((resolution_of(issue),))
    assert resolution_of(issue).resolved_at == NOON
    activity = Activity.objects.get(id=done.activity_ids[0])
    assert (activity.kind, activity.user, activity.issue) == (ActivityKind.RESOLVED, world.alice, issue)
    details = details_of(activity)
    assert isinstance(details, ResolvedDetails) and details.resolution == resolution_of(issue)


def test_resolving_500_issues_takes_a_few_statements(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    issues = [make_issue(world.shop, "shop@1.0.0") for _ in range(500)]
    with django_assert_max_num_queries(12):
        done = actions.resolve(issues, ResolveIn("in_next_release"), by=world.alice, now=NOON)
    assert len(done.activity_ids) == len(done.changed) == done.matched == 500
    with django_assert_max_num_queries(12):
        assert actions.undo(done.activity_ids, by=world.alice, now=LATER).changed == 500
    assert set(Issue.objects.values_list("status", flat=True)) == {Status.UNRESOLVED}


@pytest.mark.parametrize(
    ("how", "archival"),
    [
        (ArchiveFor(), Archival()),
        (ArchiveFor(until=NOON + timedelta(days=7)), Archival(until=NOON + timedelta(days=7))),
        (ArchiveFor(events=1000, users=10), Archival(until_times_seen=1005, until_users_affected=12)),
    ],
)
def test_archiving_says_until_when(world: World, how: ArchiveFor, archival: Archival) -> None:
    issue = make_issue(world.shop, number=42, times_seen=5, users_affected=2)
    done = actions.archive([issue], how, by=world.bob, now=NOON)
    assert (done.effect, done.changed) == (Archived(how), ("SHOP-42",))
    issue.refresh_from_db()
    assert issue.status == Status.ARCHIVED and issue.archival is not None
    assert Archival.from_json(issue.archival) == archival


def test_archiving_several_until_more_events_counts_from_what_each_has_now(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    issues = [make_issue(world.shop, times_seen=number, users_affected=2) for number in range(1, 41)]
    before = list(Issue.objects.order_by("id").values())
    with django_assert_max_num_queries(7):
        done = actions.archive(issues, ArchiveFor(events=10, users=1), by=world.alice, now=NOON)
    assert [
        Archival.from_json(form or {}) for form in Issue.objects.order_by("id").values_list("archival", flat=True)
    ] == [Archival(until_times_seen=number + 10, until_users_affected=3) for number in range(1, 41)]
    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    assert list(Issue.objects.order_by("id").values()) == before


def test_an_archive_ends_by_itself_once_its_date_has_come(world: World) -> None:
    issues = [make_issue(world.shop) for _ in range(3)]
    for hours, issue in zip((1, 3, None), issues, strict=True):
        until = NOON + timedelta(hours=hours) if hours else None
        actions.archive([issue], ArchiveFor(until=until), by=world.bob, now=NOON)
    assert actions.bring_back_archived(NOON + timedelta(hours=2)) == 1
    assert [Issue.objects.get(id=issue.pk).status for issue in issues] == [
        Status.UNRESOLVED,
        Status.ARCHIVED,
        Status.ARCHIVED,
    ]
    assert Activity.objects.filter(kind=ActivityKind.ARCHIVE_ENDED).count() == 1


def test_reopening_an_open_issue_does_nothing(world: World) -> None:
    issue = make_issue(world.shop)
    done = actions.reopen([issue], by=world.bob, now=NOON)
    assert (done.matched, done.changed, done.activity_ids) == (1, (), ())
    assert not Activity.objects.exists()


def test_assigning_and_unassigning(world: World) -> None:
    issue = make_issue(world.shop, number=42)
    done = actions.assign([issue], world.bob, by=world.alice, now=NOON)
    assert (done.effect, done.changed) == (Assigned(world.bob.pk, "Bob"), ("SHOP-42",))
    assert actions.assign([issue], world.bob, by=world.alice, now=NOON).changed == ()
    details = details_of(Activity.objects.get())
    assert details == AssignedDetails(world.bob.pk, "Bob", details.before)  # type: ignore[union-attr]
    done = actions.assign([issue], None, by=world.alice, now=LATER)
    assert done.effect == Assigned(None)
    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    issue.refresh_from_db()
    assert issue.assigned_to == world.bob


def test_a_deleted_issue_is_gone_with_its_history_and_its_redirects(world: World) -> None:
    issue, other = make_issue(world.shop, number=42), make_issue(world.shop)
    make_issue(world.shop, merged_into=issue)
    actions.resolve([issue, other], ResolveIn(), by=world.alice, now=NOON)
    done = actions.delete_issues([issue])
    assert (done.effect, done.changed) == (Deleted(is_over=True), ("SHOP-42",))
    assert list(Issue.objects.all()) == [other]
    assert Activity.objects.count() == 1
