"""What a release broke and fixed, which commits are suspect, and how it does."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tests.tracker.issues import make_issue, make_release
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.resolution import Resolution
from tracker.models import Commit, Issue, Release, SessionCount, Status
from tracker.record.batch import record_batch
from tracker.record.sessions import SessionCounts, SessionKey, record_sessions
from tracker.releases import commits, comparison
from tracker.releases.commits import in_app_paths, is_touched, suspect_commits
from tracker.releases.comparison import compare_with_previous, previous_release
from tracker.releases.health import Health, health_of
from tracker.releases.lists import environments_of

OLD, NEW = "shop@1.0.0", "shop@1.1.0"


def send(world: World, group: str, release: str, first: int, count: int = 1, hours: float = 0) -> None:
    """Record `count` events of a group in a release, so many hours after noon."""
    at = NOON + timedelta(hours=hours)
    record_batch(
        [
            digested(world.shop, number, group, release=release, occurred_at=at, received_at=at)
            for number in range(first, first + count)
        ],
        at,
    )


def issue_of(group: str) -> Issue:
    return Issue.objects.get(value=group)


def test_what_a_deploy_broke_what_it_fixed_and_what_went_on(world: World) -> None:
    send(world, "goes on", OLD, 0, 30)
    send(world, "comes back", OLD, 100)
    send(world, "fixed by name", OLD, 110)
    send(world, "fixed next", OLD, 111)
    send(world, "only before", OLD, 112)
    actions.resolve([issue_of("comes back"), issue_of("fixed next")], ResolveIn("in_next_release"), by=None, now=NOON)
    send(world, "goes on", NEW, 200, 10, hours=5)
    send(world, "comes back", NEW, 300, hours=6)
    send(world, "new", NEW, 400, 2, hours=7)
    actions.resolve(
        [issue_of("fixed by name")],
        ResolveIn("in_release", versions=("0.9", NEW)),
        by=None,
        now=NOON + timedelta(hours=8),
    )
    found = compare_with_previous(Release.objects.get(version=NEW), NOON + timedelta(hours=9))
    assert found.previous == Release.objects.get(version=OLD)
    assert [issue.value for issue in found.new] == ["new"]
    assert [issue.value for issue in found.regressed] == ["comes back"]
    assert {issue.value for issue in found.fixed} == {"fixed by name", "fixed next"}
    assert [(seen.issue.value, seen.events, seen.previous_events) for seen in found.went_on] == [
        ("goes on", 10, 30),
    ]


def test_what_went_on_is_told_by_equal_time_too(world: World) -> None:
    send(world, "goes on", OLD, 0, 4)
    send(world, "goes on", OLD, 10, 4, hours=47.99)
    send(world, "goes on", NEW, 100, 5, hours=60)
    [seen] = compare_with_previous(Release.objects.get(version=NEW), NOON + timedelta(hours=61)).went_on
    assert (seen.events, seen.previous_events) == (5, 8)
    # Seconds apart count as an hour.
    assert seen.events_a_day == pytest.approx(5 * 24)
    assert seen.previous_events_a_day == pytest.approx(4, rel=0.01)


def test_both_releases_are_counted_over_equal_time(world: World) -> None:
    send(world, "a", OLD, 0, 5)
    send(world, "a", OLD, 10, 7, hours=2)
    send(world, "a", OLD, 20, 50, hours=20)
    send(world, "a", NEW, 100, 3, hours=30)
    found = compare_with_previous(Release.objects.get(version=NEW), NOON + timedelta(hours=33))
    assert (found.hours, found.events, found.previous_events) == (3, 3, 12)


def test_the_first_release_has_none_to_compare_with(world: World) -> None:
    send(world, "a", OLD, 0, 5)
    found = compare_with_previous(Release.objects.get(version=OLD), NOON + timedelta(hours=1))
    assert (found.previous, found.events, found.previous_events, found.went_on) == (None, 5, 0, [])
    assert [issue.value for issue in found.new] == ["a"]


def test_the_previous_release_is_the_one_below_in_order_and_not_archived(world: World) -> None:
    for version, age in (("1.4.9", 50), ("1.4.10", 5), ("1.5.0", 40), ("1.4.11", 30)):
        make_release(world.shop, version, age_hours=age, is_archived=version == "1.4.11")
    previous = previous_release(Release.objects.get(version="1.5.0"))
    assert previous is not None and previous.version == "1.4.10"


def test_fixed_by_one_of_its_commits(world: World) -> None:
    send(world, "a", OLD, 0)
    sha = "8f4b2c1d9e" + "0" * 30
    Commit.objects.create(release=make_release(world.shop, NEW), sha=sha)
    actions.resolve([issue_of("a")], ResolveIn("in_commit", commit=sha[:9]), by=None, now=NOON)
    assert [issue.value for issue in compare_with_previous(Release.objects.get(version=NEW), NOON).fixed] == ["a"]


@pytest.mark.parametrize(
    ("how", "fixed_in"),
    [
        (ResolveIn("in_release", versions=("1.4.2",)), "1.4.3"),
        (ResolveIn("in_release", versions=("1.4.3",)), "1.4.3"),
        (ResolveIn("in_release", versions=("1.4.1", "2.0.0")), "1.4.1"),
        (ResolveIn("in_next_minor"), "1.5.0"),
        (ResolveIn("in_next_major"), "2.0.0"),
        (ResolveIn("in_range", range=">=1.4.9"), "1.5.0"),
        (ResolveIn(), ""),
    ],
)
def test_a_release_fixed_what_its_code_is_the_first_to_have_the_fix_for(
    world: World, how: ResolveIn, fixed_in: str
) -> None:
    issue = make_issue(world.shop, "1.4.0")
    actions.resolve([issue], how, by=None, now=NOON)
    for version in ("1.4.1", "1.4.3", "1.5.0", "2.0.0", "2.1.0"):
        make_release(world.shop, version)
        Release.objects.filter(version=version).update(created_at=NOON + timedelta(hours=1))
    compared = [compare_with_previous(release, NOON) for release in Release.objects.order_by("id")]
    assert [found.release.version for found in compared if found.fixed == [issue]] == [fixed_in] * bool(fixed_in)


@pytest.mark.parametrize("size", [1, 60])
def test_comparing_costs_the_same_whatever_there_is(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries, size: int
) -> None:
    for number in range(size):
        send(world, f"old {number}", OLD, number)
        send(world, f"old {number}", NEW, 1000 + number, hours=1)
        send(world, f"new {number}", NEW, 2000 + number, hours=1)
    with django_assert_max_num_queries(12):
        compare_with_previous(Release.objects.get(version=NEW), NOON + timedelta(hours=2))


def test_what_a_release_fixed_is_found_among_thousands_that_were_resolved_at_other_times(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_release(world.shop, "1.4.0")
    release = make_release(world.shop, "1.4.1")
    fixed = make_issue(world.shop, "1.4.0")
    actions.resolve([fixed], ResolveIn("in_release", versions=("1.4.1",)), by=None, now=release.created_at)
    elsewhere = Resolution("in_release", NOON, versions=("0.1",)).as_json()
    others = []
    for number in range(2 * comparison.AROUND + 10):
        at = release.created_at + timedelta(days=-90 if number % 2 else 90, minutes=number)
        others.append(
            Issue(
                project=world.shop,
                number=1_000_000 + number,
                status=Status.RESOLVED,
                status_changed_at=at,
                resolution=elsewhere,
                first_seen_at=at,
                last_seen_at=at,
            )
        )
    Issue.objects.bulk_create(others, batch_size=500)
    with django_assert_max_num_queries(15):
        assert compare_with_previous(release, NOON).fixed == [fixed]


def test_of_a_release_with_very_many_files_some_are_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    release = make_release(world.shop, NEW)
    Commit.objects.bulk_create(
        Commit(release=release, sha=f"{n:040x}", position=n, files=[f"lib/{n}.py"] * 9 + ["shop/cart.py"])
        for n in range(60)
    )
    assert len(suspect_commits(release, ["shop/cart.py"])) == commits.MAX_SUSPECTS
    monkeypatch.setattr(commits, "MAX_FILES", 100)
    assert [found.commit.position for found in suspect_commits(release, ["shop/cart.py"])] == list(range(11))


# ── Suspect commits ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "file", "expected"),
    [
        ("shop/cart.py", "shop/cart.py", True),
        ("shop/cart.py", "src/shop/cart.py", True),
        ("/app/src/shop/cart.py", "src/shop/cart.py", True),
        ("webpack:///./src/cart.js?4f2a", "src/cart.js", True),
        ("app:///src/cart.js", "src/cart.js", True),
        ("~/static/js/cart.js", "static/js/cart.js", True),
        ("src\\Shop\\Cart.cs", "src/Shop/Cart.cs", True),
        ("../src/cart.js", "src/cart.js", True),
        ("/srv/shop/src/app/cart.py", "backend/src/app/cart.py", True),
        ("shop/cart.py", "till/cart.py", False),
        ("shop/cart.py", "shop/carts.py", False),
        ("a/index.js", "b/c/index.js", False),
        ("", "shop/cart.py", False),
        ("shop/cart.py", "", False),
    ],
)
def test_which_file_of_a_commit_is_the_frames_file(path: str, file: str, expected: bool) -> None:
    assert is_touched(path, [file]) is expected


def frame(filename: str, in_app: bool, **more: Any) -> dict[str, Any]:
    return {"filename": filename, "function": "f", "lineno": 1, "in_app": in_app, **more}


def test_the_suspects_touch_the_users_own_code_on_the_stack_nearest_to_the_crash_first(world: World) -> None:
    release = make_release(world.shop, NEW)
    for position, file in enumerate(["docs/index.md", "src/shop/views.py", "src/shop/cart.py", "django/base.py"]):
        Commit.objects.create(release=release, sha=f"{position}" * 40, position=position, files=[file])
    frames = [frame("django/base.py", False), frame("shop/views.py", True), frame("shop/cart.py", True)]
    payload = {
        "event_id": "0" * 32,
        "platform": "python",
        "exception": {"values": [{"type": "ValueError", "value": "x", "stacktrace": {"frames": frames}}]},
    }
    suspects = suspect_commits(release, in_app_paths(payload))
    assert [(suspect.commit.position, suspect.path, suspect.frames_from_crash) for suspect in suspects] == [
        (2, "shop/cart.py", 0),
        (1, "shop/views.py", 1),
    ]


def test_a_java_frame_is_found_by_its_package(world: World) -> None:
    frames = [frame("Cart.java", True, module="com.acme.shop.Cart$1")]
    payload = {
        "event_id": "0" * 32,
        "platform": "java",
        "exception": {"values": [{"type": "X", "value": "x", "stacktrace": {"frames": frames}}]},
    }
    assert in_app_paths(payload) == ["com/acme/shop/Cart.java"]


# ── Health ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sessions_without_a_crash_and_how_far_it_is_rolled_out(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    old, new = make_release(world.shop, OLD), make_release(world.shop, NEW)
    for release, hours, exited, errored, crashed in (
        (old, 1, 290, 8, 2),
        (old, 30, 9_999, 0, 0),
        (new, 1, 95, 4, 1),
    ):
        at = NOON - timedelta(hours=hours)
        SessionCount.objects.create(
            release=release, environment="production", minute=at, exited=exited, errored=errored, crashed=crashed
        )
    SessionCount.objects.create(release=new, environment="staging", minute=NOON, crashed=100)
    with django_assert_max_num_queries(5):
        healths = health_of([old, new], NOON, environment="production")
    assert healths[new.pk] == Health(sessions=100, errored=4, crashed=1, project_sessions=400)
    assert (healths[new.pk].crash_free_sessions, healths[new.pk].adoption) == (0.99, 0.25)
    assert healths[old.pk].adoption == 0.75
    assert health_of([new], NOON)[new.pk].crashed == 101


def test_users_count_once_over_days_environments_and_releases(world: World) -> None:
    old, new = make_release(world.shop, OLD), make_release(world.shop, NEW)

    def session(version: str, environment: str, hours: int, users: set[int], crashed: set[int]) -> None:
        counts = SessionCounts(exited=len(users), users=users, crashed_users=crashed)
        key = SessionKey(world.shop.pk, version, environment, NOON - timedelta(hours=hours))
        record_sessions([(key, counts)], NOON)

    session(NEW, "production", 1, {1, 2, 3}, {3})
    session(NEW, "production", 20, {1, 4}, {1})
    session(NEW, "staging", 1, {1, 2}, set())
    session(NEW, "production", 72, {77}, {77})
    session(OLD, "production", 2, {1, 8, 9, 10}, set())
    healths = health_of([old, new], NOON)
    health = healths[new.pk]
    assert (health.users, health.crashed_users, health.project_users) == (4, 2, 7)
    assert health.crash_free_users == 0.5 and health.are_users_exact
    assert healths[old.pk].crash_free_users == 1
    assert health_of([new], NOON, environment="staging")[new.pk].users == 2


def test_without_sessions_the_events_tell_how_far_it_is_rolled_out(world: World) -> None:
    send(world, "a", OLD, 0, 3)
    send(world, "a", NEW, 10, 1)
    old, new = Release.objects.get(version=OLD), Release.objects.get(version=NEW)
    healths = health_of([old, new], NOON + timedelta(hours=1))
    assert healths[new.pk] == Health(event_share=0.25)
    assert healths[new.pk].adoption == 0.25
    assert healths[old.pk].adoption == 0.75


def test_of_a_silent_release_nothing_is_told(world: World) -> None:
    release = make_release(world.shop, NEW)
    health = health_of([release], NOON)[release.pk]
    assert health == Health()
    assert (health.crash_free_sessions, health.crash_free_users, health.adoption) == (None, None, None)
    assert health_of([], NOON) == {}


def test_a_release_knows_the_environments_of_its_events_and_sessions(world: World) -> None:
    for number, environment in enumerate(["production", "staging", "production", ""]):
        record_batch([digested(world.shop, number, "a", release=NEW, environment=environment)], NOON)
    record_batch([digested(world.shop, 9, "a", release=OLD, environment="canary")], NOON)
    key = SessionKey(world.shop.pk, NEW, "preview", NOON)
    record_sessions([(key, SessionCounts(exited=1))], NOON)
    assert environments_of(Release.objects.get(version=NEW)) == ["preview", "production", "staging"]
    assert environments_of(Release.objects.get(version=OLD)) == ["canary"]


def test_an_issue_is_new_in_the_release_of_the_event_that_happened_first_however_late_it_came(world: World) -> None:
    record_batch([digested(world.shop, 100, "a", release=NEW)], NOON)
    record_batch([digested(world.shop, 50, "a", release=NEW), digested(world.shop, 5, "a", release=OLD)], NOON)
    record_batch([digested(world.shop, 7, "a", release=NEW)], NOON)
    issue = Issue.objects.select_related("first_release", "last_release").get()
    assert issue.first_release and issue.first_release.version == OLD
    assert issue.last_release and issue.last_release.version == NEW
