"""What the menu of releases means: names become what they stand for at the moment of resolving."""

from datetime import timedelta

import pytest

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, make_release, refused, resolution_of
from tracker.errors import Refusal
from tracker.issues import actions
from tracker.issues.claims import MAX_TEXT, MAX_VERSIONS, Choices, ResolveIn, choices_for, choices_for_all, read_typed
from tracker.issues.results import Resolved
from tracker.models import Project


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
        ("~2.4", ResolveIn("in_range", range="~2.4")),
        ("=2.4", ResolveIn("in_range", range="=2.4")),
        ("<3", ResolveIn("in_range", range="<3")),
        ("1.4.2 2.x rc", ResolveIn("in_release", versions=("1.4.2 2.x rc",))),
        ("1.4.9\n,2.1.0,", ResolveIn("in_release", versions=("1.4.9", "2.1.0"))),
        ("1." + "9" * 5_000, ResolveIn("in_release", versions=("1." + "9" * 5_000,))),
        ("", ResolveIn("in_release")),
    ],
)
def test_what_is_typed_as_the_release_is_understood(typed: str, how: ResolveIn) -> None:
    assert read_typed(typed) == how


def test_releases_of_other_projects_and_archived_ones_are_not_the_newest(world: World) -> None:
    make_release(world.shop, "1.4.2", age_hours=30)
    make_release(world.shop, "1.9.0", age_hours=20, is_archived=True)
    make_release(world.secret, "3.0.0", age_hours=10)
    for issue in (make_issue(world.shop), make_issue(world.shop, "1.4.1")):
        assert choices_for(issue) == Choices("1.4.2", "1.5.0", "2.0.0")


def test_a_release_without_a_version_has_no_next_lines_and_no_release_nothing_to_offer(world: World) -> None:
    assert choices_for(make_issue(world.shop)) == Choices()
    assert choices_for(make_issue(world.shop, "8f4b2c1d9e")) == Choices("8f4b2c1d9e", "", "")


def test_several_issues_are_offered_a_name_where_it_means_the_same_for_all(world: World) -> None:
    make_release(world.shop, "shop@1.4.2")
    one, other = make_issue(world.shop, "shop@1.4.0"), make_issue(world.shop, "shop@1.4.1")
    offered = Choices("shop@1.4.2", "shop@1.5.0", "shop@2.0.0")
    assert choices_for_all([one, other]) == choices_for(one) == offered
    for stranger in (
        make_issue(world.shop, "till@1.0.0"),
        make_issue(world.shop, "8f4b2c1d9e"),
        make_issue(world.shop),
        make_issue(world.secret, "shop@1.4.0"),
    ):
        assert choices_for_all([one, stranger]) == Choices()


@pytest.mark.parametrize(
    ("seen_in", "typed", "kept"),
    [
        ("", ("1.4.2",), ("1.4.2",)),
        ("8f4b2c1d9e", ("1.4.2",), ("1.4.2",)),
        ("1.4.0", ("1.4.2",), ("1.4.2",)),
        ("shop@1.4.0", ("1.4.2",), ("shop@1.4.2",)),
        ("shop@1.4.0", ("till@1.4.2",), ("till@1.4.2",)),
        ("shop@1.4.0", ("spring cleaning",), ("spring cleaning",)),
        ("shop@1.4.0", (" 1.4.2 ", "", "1.4.2", "1.3.9"), ("shop@1.4.2", "shop@1.3.9")),
    ],
)
def test_a_version_as_people_say_it_is_completed_by_the_package(
    world: World, seen_in: str, typed: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    issue = make_issue(world.shop, seen_in)
    actions.resolve([issue], ResolveIn("in_release", versions=typed), by=None, now=NOON)
    assert resolution_of(issue).versions == kept


def test_a_version_that_is_known_as_it_is_typed_is_not_completed(world: World) -> None:
    make_release(world.shop, "1.4.2", age_hours=5)
    issue = make_issue(world.shop, "shop@1.4.0")
    actions.resolve([issue], ResolveIn("in_release", versions=("1.4.2",)), by=None, now=NOON)
    kept = resolution_of(issue)
    assert kept.versions == ("1.4.2",)
    assert [(release.version, release.first_seen_at) for release in kept.remembered] == [
        ("1.4.2", NOON - timedelta(hours=5))
    ]


def test_twenty_releases_and_names_of_250_characters_can_be_typed(world: World) -> None:
    issue = make_issue(world.shop)
    names = tuple(f"{number:0250}" for number in range(20))
    actions.resolve([issue], ResolveIn("in_release", versions=names), by=None, now=NOON)
    assert resolution_of(issue).versions == names
    for too_much in (
        ResolveIn("in_release", versions=(*names, "x")),
        ResolveIn("in_release", versions=("x" * 251,)),
        ResolveIn("in_range", range=">=" + "1" * 249),
    ):
        with refused(Refusal.TOO_MANY_RELEASES, most=MAX_VERSIONS, longest=MAX_TEXT):
            actions.resolve([issue], too_much, by=None, now=NOON)


def test_a_resolution_remembers_who_made_it_and_the_commit_and_repository_that_were_named(world: World) -> None:
    issue = make_issue(world.shop, "1.0.0")
    how = ResolveIn("in_next_release", commit=" 8F4B2C1D9E ", repository="shop/web")
    actions.resolve([issue], how, by=world.alice, now=NOON)
    kept = resolution_of(issue)
    assert (kept.commit, kept.repository, kept.by_user_id) == ("8f4b2c1d9e", "shop/web", world.alice.pk)
