"""What people do to issues, and taking it back."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, make_release, refused
from tracker.errors import Refusal
from tracker.issues import actions
from tracker.issues.claims import Choices, ResolveIn, choices_for, read_typed
from tracker.issues.details import AssignedDetails, ResolvedDetails, details_of
from tracker.issues.resolution import Resolution
from tracker.issues.results import Archived, Assigned, Deleted, Resolved, TakenBack
from tracker.issues.status import Archival, ArchiveFor
from tracker.models import Activity, ActivityKind, Issue, Project, Status

LATER = NOON + timedelta(minutes=5)


def resolution_of(issue: Issue) -> Resolution:
    issue.refresh_from_db()
    assert issue.status == Status.RESOLVED and issue.resolution is not None
    return Resolution.from_json(issue.resolution)


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


@pytest.mark.parametrize(
    ("how", "kind", "versions"),
    [
        (ResolveIn("in_current_release"), "in_release", ("shop@1.4.2",)),
        (ResolveIn("in_release", versions=("1.5.0",)), "in_release", ("shop@1.5.0",)),
        (
            ResolveIn("in_release", versions=("shop@1.3.9", " shop@1.4.3 ")),
            "in_release",
            ("shop@1.3.9", "shop@1.4.3"),
        ),
        (ResolveIn("in_next_release"), "in_next_release", ()),
        (ResolveIn("in_next_minor"), "in_next_minor", ()),
        (ResolveIn("in_next_major"), "in_next_major", ()),
        (ResolveIn("in_range", range=" >=1.5 <2 "), "in_range", ()),
        (ResolveIn("in_commit", commit="8F4B2C1D9E"), "in_commit", ()),
    ],
)
def test_names_become_what_they_stand_for_now(
    world: World, how: ResolveIn, kind: str, versions: tuple[str, ...]
) -> None:
    make_release(world.shop, "shop@1.4.2", age_hours=10)
    make_release(world.shop, "shop@1.4.10-rc.1", age_hours=5, is_archived=True)
    issue = make_issue(world.shop, "shop@1.4.1", number=42)
    actions.resolve([issue], how, by=world.alice, now=NOON)
    kept = resolution_of(issue)
    assert (kept.kind, kept.versions) == (kind, versions)
    assert (kept.range, kept.commit) == (how.range.strip(), how.commit.lower())
    if kind.startswith("in_next"):
        assert kept.newest is not None and kept.newest.version == "shop@1.4.2"


def test_a_commit_hash_has_no_next_minor(world: World) -> None:
    issue = make_issue(world.shop, "8f4b2c1d9e")
    with refused(Refusal.NOT_NUMBERED, version="8f4b2c1d9e"):
        actions.resolve([issue], ResolveIn("in_next_minor"), by=world.alice, now=NOON)


def test_the_newest_release_is_of_the_package_in_which_the_issue_was_seen(world: World) -> None:
    make_release(world.shop, "android@9.0.0", age_hours=1)
    make_release(world.shop, "ios@3.2.0", age_hours=30)
    issue = make_issue(world.shop, "ios@3.1.0")
    assert choices_for(issue) == Choices("ios@3.2.0", "ios@3.3.0", "ios@4.0.0")
    actions.resolve([issue], ResolveIn("in_next_release"), by=world.alice, now=NOON)
    newest = resolution_of(issue).newest
    assert newest is not None and newest.version == "ios@3.2.0"


def test_issues_of_several_projects_are_each_resolved_in_a_release_of_their_own(world: World) -> None:
    till = Project.objects.create(organization=world.acme, slug="till", name="Till")
    here, there = make_issue(world.shop, "shop@1.0.0"), make_issue(till, "till@7.1.0")
    done = actions.resolve([here, there], ResolveIn("in_current_release"), by=world.alice, now=NOON)
    assert isinstance(done.effect, Resolved) and len(done.effect.resolutions) == 2
    assert resolution_of(here).versions == ("shop@1.0.0",)
    assert resolution_of(there).versions == ("till@7.1.0",)


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


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        (" 1.4.2 ", ResolveIn("in_release", versions=("1.4.2",))),
        ("1.4.9, 2.1.0", ResolveIn("in_release", versions=("1.4.9", "2.1.0"))),
        ("1.4.9 2.1.0", ResolveIn("in_release", versions=("1.4.9", "2.1.0"))),
        ("1.0.0 (17)", ResolveIn("in_release", versions=("1.0.0 (17)",))),
        ("1.0.0 (17), 1.1.0 (3)", ResolveIn("in_release", versions=("1.0.0 (17)", "1.1.0 (3)"))),
        ("feature/cart 7", ResolveIn("in_release", versions=("feature/cart 7",))),
        (">=2.4 <3", ResolveIn("in_range", range=">=2.4 <3")),
        ("^3", ResolveIn("in_range", range="^3")),
        ("1." + "9" * 5_000, ResolveIn("in_release", versions=("1." + "9" * 5_000,))),
        ("", ResolveIn("in_release")),
    ],
)
def test_what_is_typed_as_the_release_is_understood(typed: str, how: ResolveIn) -> None:
    assert read_typed(typed) == how


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


def test_undo_brings_back_exactly_what_was_before(world: World) -> None:
    issue = make_issue(world.shop, "1.0.0", is_regressed=True, status_changed_at=NOON - timedelta(days=3))
    before = Issue.objects.values().get(id=issue.pk)
    first = actions.archive([issue], ArchiveFor(events=5), by=world.alice, now=NOON)
    archived = Issue.objects.values().get(id=issue.pk)
    second = actions.resolve([issue], ResolveIn("in_next_release"), by=world.alice, now=LATER)
    assert actions.undo(first.activity_ids, by=world.alice, now=LATER).changed == 0
    actions.undo(second.activity_ids, by=world.alice, now=LATER)
    assert Issue.objects.values().get(id=issue.pk) == archived
    assert before["status"] == Status.UNRESOLVED


def test_nothing_is_taken_back_twice(world: World) -> None:
    issue = make_issue(world.shop)
    done = actions.resolve([issue], ResolveIn(), by=world.alice, now=NOON)
    assert actions.undo(done.activity_ids, by=world.alice, now=LATER).changed == 1
    assert actions.undo(done.activity_ids, by=world.alice, now=LATER).changed == 0


def test_undo_leaves_alone_what_has_changed_since(world: World) -> None:
    issues = [make_issue(world.shop) for _ in range(3)]
    done = actions.resolve(issues, ResolveIn(), by=world.alice, now=NOON)
    actions.reopen(issues[:1], by=world.bob, now=NOON)
    [taken_back] = actions.undo(done.activity_ids, by=world.alice, now=LATER).results
    assert (taken_back.effect, taken_back.matched) == (TakenBack(), 3)
    assert taken_back.changed == tuple(issue.short_id for issue in issues[1:])


def test_a_deleted_issue_is_gone_with_its_history_and_its_redirects(world: World) -> None:
    issue, other = make_issue(world.shop, number=42), make_issue(world.shop)
    make_issue(world.shop, merged_into=issue)
    actions.resolve([issue, other], ResolveIn(), by=world.alice, now=NOON)
    done = actions.delete_issues([issue])
    assert (done.effect, done.changed) == (Deleted(is_over=True), ("SHOP-42",))
    assert list(Issue.objects.all()) == [other]
    assert Activity.objects.count() == 1
