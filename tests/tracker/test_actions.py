"""What people do to issues, what is said of it, and taking it back."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, make_release
from tracker.issues import actions
from tracker.issues.actions import ResolveIn
from tracker.issues.resolution import Resolution
from tracker.issues.status import Archival
from tracker.models import Activity, ActivityKind, Issue, Project, Status

LATER = NOON + timedelta(minutes=5)


def resolution_of(issue: Issue) -> Resolution:
    issue.refresh_from_db()
    assert issue.status == Status.RESOLVED and issue.resolution is not None
    return Resolution.from_json(issue.resolution)


def test_resolving_now_says_so_and_what_will_reopen_it(world: World) -> None:
    issue = make_issue(world.shop, number=42)
    done = actions.resolve([issue], ResolveIn(), by=world.alice, now=NOON)
    assert done.sentence == "SHOP-42 is resolved."
    assert done.consequence == "An event that happens from now on reopens it."
    assert resolution_of(issue).resolved_at == NOON
    activity = Activity.objects.get(id=done.activity_ids[0])
    assert (activity.kind, activity.user, activity.issue) == (ActivityKind.RESOLVED, world.alice, issue)


@pytest.mark.parametrize(
    ("how", "sentence", "consequence"),
    [
        (
            ResolveIn("in_current_release"),
            "SHOP-42 is resolved in shop@1.4.2.",
            "An event of shop@1.4.2 or newer reopens it; events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_release", versions=("1.5.0",)),
            "SHOP-42 is resolved in shop@1.5.0.",
            "An event of shop@1.5.0 or newer reopens it; events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_release", versions=("shop@1.3.9", "shop@1.4.3")),
            "SHOP-42 is resolved in shop@1.3.9 and shop@1.4.3.",
            "An event of shop@1.3.9 or shop@1.4.3, or newer on the same line, reopens it; "
            "events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_next_release"),
            "SHOP-42 is resolved in the next release after shop@1.4.2.",
            "An event of a release newer than shop@1.4.2 reopens it; "
            "events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_next_minor"),
            "SHOP-42 is resolved in the next minor after shop@1.4.2, shop@1.5.0.",
            "An event of shop@1.5.0 or newer reopens it; events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_next_major"),
            "SHOP-42 is resolved in the next major after shop@1.4.2, shop@2.0.0.",
            "An event of shop@2.0.0 or newer reopens it; events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_range", range=">=1.5"),
            "SHOP-42 is resolved in >=1.5.",
            "An event of a release in >=1.5, or newer, reopens it; "
            "events of older releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_range", range=">=1.5 <2"),
            "SHOP-42 is resolved in >=1.5 <2.",
            "An event of a release in >=1.5 <2 reopens it; "
            "events of all other releases are counted and leave it resolved.",
        ),
        (
            ResolveIn("in_commit", commit="8F4B2C1D9E"),
            "SHOP-42 is resolved by commit 8f4b2c1d9e.",
            "An event of the first release with this commit, or of a newer one, reopens it; "
            "events of older releases are counted and leave it resolved.",
        ),
    ],
)
def test_the_confirmation_says_what_will_count_as_a_regression(
    world: World, how: ResolveIn, sentence: str, consequence: str
) -> None:
    make_release(world.shop, "shop@1.4.2", age_hours=10)
    make_release(world.shop, "shop@1.4.10-rc.1", age_hours=5, is_archived=True)
    issue = make_issue(world.shop, "shop@1.4.1", number=42)
    done = actions.resolve([issue], how, by=world.alice, now=NOON)
    assert (done.sentence, done.consequence) == (sentence, consequence)


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        (ResolveIn("some_day"), "There is no way to resolve called “some_day”."),
        (ResolveIn("in_release"), "Type the release in which it is fixed."),
        (ResolveIn("in_release", versions=("v" * 300,)), "At most 20 releases, of at most 250 characters each."),
        (ResolveIn("in_current_release"), "No release is known yet: let the SDK send one, or name one."),
        (ResolveIn("in_next_minor"), "No release is known yet: let the SDK send one, or name one."),
        (ResolveIn("in_range", range="soon"), "“soon” is not a version, so it cannot bound a range."),
        (
            ResolveIn("in_range", range="<3"),
            "“<3” has no lowest version: say from which on it is fixed, such as >=2.4.",
        ),
        (ResolveIn("in_commit", commit="latest"), "“latest” is not a commit's hash: at least 7 hexadecimal digits."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words_and_changes_nothing(
    world: World, how: ResolveIn, complaint: str
) -> None:
    issue = make_issue(world.shop)
    with pytest.raises(ValueError, match="^" + complaint.replace("?", r"\?") + "$"):
        actions.resolve([issue], how, by=world.alice, now=NOON)
    issue.refresh_from_db()
    assert issue.status == Status.UNRESOLVED
    assert not Activity.objects.exists()


def test_a_commit_hash_has_no_next_minor(world: World) -> None:
    issue = make_issue(world.shop, "8f4b2c1d9e")
    with pytest.raises(ValueError, match="8f4b2c1d9e is not a numbered version"):
        actions.resolve([issue], ResolveIn("in_next_minor"), by=world.alice, now=NOON)


def test_the_newest_release_is_of_the_package_in_which_the_issue_was_seen(world: World) -> None:
    make_release(world.shop, "android@9.0.0", age_hours=1)
    make_release(world.shop, "ios@3.2.0", age_hours=30)
    issue = make_issue(world.shop, "ios@3.1.0")
    assert actions.choices_for(issue) == actions.Choices("ios@3.2.0", "ios@3.3.0", "ios@4.0.0")
    actions.resolve([issue], ResolveIn("in_next_release"), by=world.alice, now=NOON)
    newest = resolution_of(issue).newest
    assert newest is not None and newest.version == "ios@3.2.0"


def test_issues_of_several_projects_are_each_resolved_in_a_release_of_their_own(world: World) -> None:
    till = Project.objects.create(organization=world.acme, slug="till", name="Till")
    here, there = make_issue(world.shop, "shop@1.0.0"), make_issue(till, "till@7.1.0")
    done = actions.resolve([here, there], ResolveIn("in_current_release"), by=world.alice, now=NOON)
    assert done.sentence == "2 issues are resolved each in a release of its own project."
    assert resolution_of(here).versions == ("shop@1.0.0",)
    assert resolution_of(there).versions == ("till@7.1.0",)


def test_resolving_500_issues_takes_a_few_statements(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    issues = [make_issue(world.shop, "shop@1.0.0") for _ in range(500)]
    with django_assert_max_num_queries(12):
        done = actions.resolve(issues, ResolveIn("in_next_release"), by=world.alice, now=NOON)
    assert len(done.activity_ids) == 500
    assert done.sentence == "500 issues are resolved in the next release after shop@1.0.0."
    with django_assert_max_num_queries(12):
        assert actions.undo(done.activity_ids, by=world.alice, now=LATER) == "500 issues are as before."
    assert set(Issue.objects.values_list("status", flat=True)) == {Status.UNRESOLVED}


@pytest.mark.parametrize(
    ("archival", "sentence", "consequence"),
    [
        (Archival(), "SHOP-42 is archived for ever.", "Events are counted; nothing but you brings it back."),
        (
            Archival(until=NOON + timedelta(days=7)),
            "SHOP-42 is archived until 2026-11-28 12:00 UTC.",
            "Events are counted; then it comes back by itself.",
        ),
        (
            Archival(until_times_seen=1000, until_users_affected=10),
            "SHOP-42 is archived until it was seen 1,000 times or until 10 users are affected.",
            "Events are counted; then it comes back by itself.",
        ),
    ],
)
def test_archiving_says_until_when(world: World, archival: Archival, sentence: str, consequence: str) -> None:
    issue = make_issue(world.shop, number=42)
    done = actions.archive([issue], archival, by=world.bob, now=NOON)
    assert (done.sentence, done.consequence) == (sentence, consequence)
    issue.refresh_from_db()
    assert issue.status == Status.ARCHIVED and issue.archival is not None
    assert Archival.from_json(issue.archival) == archival


def test_archiving_several_until_more_events_counts_from_what_each_has_now(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    issues = [make_issue(world.shop, times_seen=number, users_affected=2) for number in range(1, 41)]
    before = list(Issue.objects.order_by("id").values())
    with django_assert_max_num_queries(7):
        done = actions.archive_for_more(issues, events=10, users=1, by=world.alice, now=NOON)
    assert done.sentence == "40 issues are archived until 10 more events or until 1 more user is affected."
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
        ("", ResolveIn("in_release")),
    ],
)
def test_what_is_typed_as_the_release_is_understood(typed: str, how: ResolveIn) -> None:
    assert actions.read_typed(typed) == how


def test_an_archive_ends_by_itself_once_its_date_has_come(world: World) -> None:
    issues = [make_issue(world.shop) for _ in range(3)]
    for hours, issue in zip((1, 3, None), issues, strict=True):
        until = NOON + timedelta(hours=hours) if hours else None
        actions.archive([issue], Archival(until=until), by=world.bob, now=NOON)
    assert actions.bring_back_archived(NOON + timedelta(hours=2)) == 1
    assert [Issue.objects.get(id=issue.pk).status for issue in issues] == [
        Status.UNRESOLVED,
        Status.ARCHIVED,
        Status.ARCHIVED,
    ]
    assert Activity.objects.filter(kind=ActivityKind.ARCHIVE_ENDED).count() == 1


def test_reopening_an_open_issue_does_nothing(world: World) -> None:
    issue = make_issue(world.shop)
    assert actions.reopen([issue], by=world.bob, now=NOON).activity_ids == ()
    assert not Activity.objects.exists()


def test_assigning_and_unassigning(world: World) -> None:
    issue = make_issue(world.shop, number=42)
    assert actions.assign([issue], world.bob, by=world.alice, now=NOON).sentence == "SHOP-42 is assigned to Bob."
    assert actions.assign([issue], world.bob, by=world.alice, now=NOON).activity_ids == ()
    done = actions.assign([issue], None, by=world.alice, now=LATER)
    assert done.sentence == "SHOP-42 is assigned to nobody."
    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    issue.refresh_from_db()
    assert issue.assigned_to == world.bob


def test_undo_brings_back_exactly_what_was_before(world: World) -> None:
    issue = make_issue(world.shop, "1.0.0", is_regressed=True, status_changed_at=NOON - timedelta(days=3))
    before = Issue.objects.values().get(id=issue.pk)
    first = actions.archive([issue], Archival(until_times_seen=5), by=world.alice, now=NOON)
    archived = Issue.objects.values().get(id=issue.pk)
    second = actions.resolve([issue], ResolveIn("in_next_release"), by=world.alice, now=LATER)
    assert (
        actions.undo(first.activity_ids, by=world.alice, now=LATER) == "Nothing was taken back: it has changed since."
    )
    actions.undo(second.activity_ids, by=world.alice, now=LATER)
    assert Issue.objects.values().get(id=issue.pk) == archived
    assert before["status"] == Status.UNRESOLVED


def test_nothing_is_taken_back_twice(world: World) -> None:
    issue = make_issue(world.shop)
    done = actions.resolve([issue], ResolveIn(), by=world.alice, now=NOON)
    assert actions.undo(done.activity_ids, by=world.alice, now=LATER).endswith("as before.")
    assert actions.undo(done.activity_ids, by=world.alice, now=LATER) == "Nothing was taken back: it has changed since."


def test_undo_leaves_alone_what_has_changed_since(world: World) -> None:
    issues = [make_issue(world.shop) for _ in range(3)]
    done = actions.resolve(issues, ResolveIn(), by=world.alice, now=NOON)
    actions.reopen(issues[:1], by=world.bob, now=NOON)
    sentence = actions.undo(done.activity_ids, by=world.alice, now=LATER)
    assert sentence == "2 issues are as before. 1 changed since and stay as they are."


def test_a_comment_is_kept_as_written_and_an_empty_one_refused(world: World) -> None:
    issue = make_issue(world.shop)
    assert actions.comment(issue, "  Seen on staging too. ", by=world.bob, now=NOON).details["text"] == (
        "Seen on staging too."
    )
    with pytest.raises(ValueError, match="Write something"):
        actions.comment(issue, " \n", by=world.bob, now=NOON)


def test_a_deleted_issue_is_gone_with_its_history_and_its_redirects(world: World) -> None:
    issue, other = make_issue(world.shop, number=42), make_issue(world.shop)
    make_issue(world.shop, merged_into=issue)
    actions.resolve([issue, other], ResolveIn(), by=world.alice, now=NOON)
    assert actions.delete_issues([issue]) == "SHOP-42 is deleted."
    assert list(Issue.objects.all()) == [other]
    assert Activity.objects.count() == 1
