"""Making releases known, and what happens to them."""

from datetime import timedelta

import pytest

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, make_release
from tracker.issues import actions
from tracker.issues.claims import ResolveIn, choices_for
from tracker.issues.regress import Occurrence, judge_batch
from tracker.issues.results import Resolved
from tracker.models import Activity, ActivityKind, Commit, Issue, Project, Release, Status
from tracker.releases.commits import CommitInput, fixed_short_ids, set_commits
from tracker.releases.names import is_near, near_name_warning
from tracker.releases.registry import archive, create_release, delete_release, deploy, finalize, restore

LATER = NOON + timedelta(hours=1)


def is_regression(issue: Issue, version: str) -> bool:
    issue.refresh_from_db()
    changes = judge_batch({issue.pk: issue}, [Occurrence(issue.pk, version, LATER, LATER)], LATER)
    return any(change.is_regression for change in changes)


@pytest.mark.parametrize(
    "version", ["1.4.2", "shop@1.4.2+17", "feature/cart #7", "@acme/shop@1.0 (17)", "8f4b2c1", "v" * 250]
)
def test_a_release_may_be_called_almost_anything(world: World, version: str) -> None:
    [release] = create_release([world.shop], f" {version} ", now=NOON)
    assert (release.version, release.created_at) == (version, NOON)


@pytest.mark.parametrize(
    ("version", "complaint"),
    [
        ("", "needs a name"),
        ("  ", "needs a name"),
        (".", "needs a name"),
        ("..", "needs a name"),
        ("v" * 251, "at most 250"),
        ("1.0\n2.0", "no line breaks"),
        ("1.0\t", ""),
        ("a\x00b", "no line breaks"),
    ],
)
def test_what_no_release_can_be_called(world: World, version: str, complaint: str) -> None:
    if not complaint:
        assert create_release([world.shop], version, now=NOON)[0].version == version.strip()
        return
    with pytest.raises(ValueError, match=complaint):
        create_release([world.shop], version, now=NOON)


def test_making_a_release_twice_keeps_the_first_and_adds_what_is_new(world: World) -> None:
    till = Project.objects.create(organization=world.acme, slug="till", name="Till")
    create_release([world.shop], "1.0", now=NOON, url="https://example.com/1.0")
    here, there = create_release([world.shop, till], "1.0", now=LATER, ref="main")
    assert (here.created_at, here.url, here.ref) == (NOON, "https://example.com/1.0", "main")
    assert (there.created_at, there.url, there.ref) == (LATER, "", "main")


def test_finalizing_archiving_and_restoring(world: World) -> None:
    releases = create_release([world.shop], "1.0", now=NOON)
    finalize(releases, now=LATER)
    archive(releases)
    assert Release.objects.get(released_at=LATER, is_archived=True).version == "1.0"
    restore(releases)
    assert not releases[0].is_archived
    assert not Release.objects.filter(is_archived=True).exists()


def test_an_archived_release_is_neither_current_nor_newest(world: World) -> None:
    """getsentry/sentry 88976: one odd client's 999.9.9 must not be what “next” is counted from."""
    archive([make_release(world.shop, "999.9.9")])
    issue = make_issue(world.shop, "1.4.2")
    assert choices_for(issue).current == "1.4.2"


def test_a_deploy_is_noted_and_told(world: World) -> None:
    release = make_release(world.shop, "1.0")
    made = deploy(release, "production", now=NOON, by=world.bob, name="blue")
    assert (made.environment, made.finished_at, made.name) == ("production", NOON, "blue")
    activity = Activity.objects.get()
    assert (activity.kind, activity.issue, activity.user) == (ActivityKind.DEPLOYED, None, world.bob)
    assert activity.details == {"release": "1.0", "environment": "production", "deploy": made.pk}
    with pytest.raises(ValueError, match="environment"):
        deploy(release, " ", now=NOON)


# ── Deleting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("how", "version", "expected"),
    [
        (ResolveIn("in_release", versions=("shop@1.4.2",)), "shop@1.4.1", False),
        (ResolveIn("in_release", versions=("shop@1.4.2",)), "shop@1.4.2", True),
        (ResolveIn("in_release", versions=("shop@1.4.2",)), "shop@1.4.3", True),
        (ResolveIn("in_release", versions=("hotfix",)), "older", False),
        (ResolveIn("in_release", versions=("hotfix",)), "newer", True),
        (ResolveIn("in_current_release"), "shop@1.4.2", True),
        (ResolveIn("in_next_release"), "shop@1.4.2", False),
        (ResolveIn("in_next_release"), "shop@1.4.3", True),
        (ResolveIn("in_commit", commit="8f4b2c1d"), "shop@1.4.1", False),
        (ResolveIn("in_commit", commit="8f4b2c1d"), "shop@1.4.2", True),
        (ResolveIn("in_range", range=">=1.4.2"), "shop@1.4.2", True),
    ],
)
def test_deleting_the_release_changes_no_judgement(world: World, how: ResolveIn, version: str, expected: bool) -> None:
    """getsentry/sentry 104751, for every kind that names a release."""
    make_release(world.shop, "older", age_hours=9)
    hotfix, fix = make_release(world.shop, "hotfix", age_hours=7), make_release(world.shop, "shop@1.4.2", age_hours=8)
    make_release(world.shop, "newer", age_hours=6)
    Commit.objects.create(release=fix, sha="8f4b2c1d" + "0" * 32)
    issue = make_issue(world.shop, "shop@1.4.1")
    actions.resolve([issue], how, by=world.alice, now=NOON)
    assert is_regression(issue, version) is expected
    delete_release(hotfix)
    delete_release(fix)
    assert is_regression(issue, version) is expected
    assert set(Release.objects.values_list("version", flat=True)) == {"older", "newer", "shop@1.4.1"}


# ── Commits ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "fixed"),
    [
        ("Fixes SHOP-42", [("shop", 42)]),
        ("fix shop-42", [("shop", 42)]),
        ("Keep the cart.\n\nCloses: SHOP-42.", [("shop", 42)]),
        ("Resolved SHOP-42, SHOP-43 and TILL-7", [("shop", 42), ("shop", 43), ("till", 7)]),
        ("Fixes SHOP-42, and SHOP-43 & SHOP-44", [("shop", 42), ("shop", 43), ("shop", 44)]),
        ("fixed WEB-SHOP_2-7", [("web-shop_2", 7)]),
        ("Fixes SHOP-42. Closes SHOP-43", [("shop", 42), ("shop", 43)]),
        ("See SHOP-42", []),
        ("prefixes SHOP-42", []),
        ("Fixes the cart (SHOP-42)", []),
        ("Fixes #42", []),
        ("Fixes SHOP-42x", []),
        ("", []),
    ],
)
def test_what_a_commit_says_it_fixes(message: str, fixed: list[tuple[str, int]]) -> None:
    assert fixed_short_ids(message) == fixed


def test_a_commit_that_fixes_an_issue_resolves_it_in_the_release_that_holds_it(world: World) -> None:
    release = make_release(world.shop, "shop@1.4.2")
    issue, other = make_issue(world.shop, "shop@1.4.1", number=42), make_issue(world.secret, number=42)
    commit = CommitInput("8F4B2C1D9E", author_email="BOB@example.com", message="Keep the cart\n\nFixes SHOP-42")
    [done] = set_commits([release], [commit], now=NOON)
    assert done.changed == ("SHOP-42",) and isinstance(done.effect, Resolved)
    assert done.effect.resolutions[0].versions == ("shop@1.4.2",)
    issue.refresh_from_db()
    other.refresh_from_db()
    assert issue.resolution is not None and issue.resolution["commit"] == "8f4b2c1d9e"
    assert (issue.status, other.status) == (Status.RESOLVED, Status.UNRESOLVED)
    assert Activity.objects.get().user == world.bob
    assert is_regression(issue, "shop@1.4.2") and not is_regression(issue, "shop@1.4.1")


def test_a_commit_that_fixes_a_merged_issue_resolves_the_one_it_went_into(world: World) -> None:
    whole = make_issue(world.shop, number=40)
    between = make_issue(world.shop, number=41, merged_into=whole)
    make_issue(world.shop, number=42, merged_into=between)
    commits = [CommitInput("8f4b2c1d9e", message="Fixes SHOP-42 and SHOP-41")]
    [done] = set_commits([make_release(world.shop, "1.4.2")], commits, now=NOON)
    assert done.changed == ("SHOP-40",)


def test_naming_the_same_commits_again_does_not_resolve_again_what_came_back(world: World) -> None:
    release, issue = make_release(world.shop, "1.4.2"), make_issue(world.shop, number=42)
    commit = CommitInput("8f4b2c1d9e", message="Fixes SHOP-42")
    set_commits([release], [commit], now=NOON)
    actions.reopen([issue], by=world.bob, now=NOON)
    assert set_commits([release], [CommitInput("0a1b2c3d4e"), commit], now=LATER) == []
    issue.refresh_from_db()
    assert issue.status == Status.UNRESOLVED
    assert list(release.commits.values_list("sha", "position")) == [("0a1b2c3d4e", 0), ("8f4b2c1d9e", 1)]


def test_too_many_commits_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="1,000"):
        set_commits([make_release(world.shop, "1.0")], [CommitInput(f"{n:040x}") for n in range(1001)], now=NOON)


# ── Two names for one release ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("shop@1.4.2", "1.4.2", True),
        ("v1.4.2", "shop@1.4.2+17", True),
        ("1.4", "1.4.0", True),
        ("1.4.2", "1.4.3", False),
        ("1.4.2", "1.4.2-rc.1", False),
        ("8f4b2c1", "8f4b2c1d9e6a7053b1c2d3e4f5a6b7c8d9e0f1a2", True),
        ("shop@8f4b2c1", "8F4B2C1D9E", True),
        ("8f4b2c", "8f4b2c1d9e", False),
        ("Release_Summer", "release-summer", True),
        ("summer", "winter", False),
    ],
)
def test_which_names_are_near(one: str, other: str, expected: bool) -> None:
    assert is_near(one, other) is is_near(other, one) is expected


def test_commits_under_one_name_and_events_under_another_are_pointed_out(world: World) -> None:
    with_commits = make_release(world.shop, "v1.4.2")
    with_events = make_release(world.shop, "shop@1.4.2", first_event_at=NOON)
    make_release(world.shop, "1.4.2 (9)")
    assert near_name_warning(with_commits) is None
    Commit.objects.create(release=with_commits, sha="8f4b2c1")
    for release, other in ((with_commits, with_events), (with_events, with_commits)):
        warning = near_name_warning(release)
        assert warning is not None and warning.other == other
        assert warning.sentence.startswith(
            "v1.4.2 has commits but no events, and shop@1.4.2 has events but no commits."
        )
    Commit.objects.create(release=with_events, sha="8f4b2c1")
    assert near_name_warning(with_events) is None
