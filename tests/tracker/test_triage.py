"""The triage service: a command is done whole or not at all, and says how many it found and how many it changed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue, refused
from tracker.errors import Refusal, Value
from tracker.issues.assignees import assignable
from tracker.issues.claims import ResolveIn
from tracker.issues.comments import MAX_COMMENT, comment_counts
from tracker.issues.results import Assigned, Merged, Resolved, TriageResult
from tracker.issues.status import MAX_MORE, ArchiveFor
from tracker.issues.triage import MAX_ISSUES, Actor, Assign, Merge, Reopen, TriageCommand, Unmerge, apply, named_issues
from tracker.issues.undo import undo
from tracker.models import Activity, ActivityKind, GroupKey, Issue, Member, Project, Role, Status, User

pytestmark = pytest.mark.django_db

BEFORE = NOON - timedelta(days=1)
RESOLVED: dict[str, Any] = {"status": Status.RESOLVED, "status_changed_at": BEFORE}
ARCHIVED: dict[str, Any] = {"status": Status.ARCHIVED, "status_changed_at": BEFORE, "archival": {}}


@pytest.fixture
def actor(world: World) -> Actor:
    return Actor(world.alice, NOON)


def state_of(issue: Issue) -> dict[str, Any]:
    issue.refresh_from_db()
    resolution = issue.resolution or {}
    return {
        "status": Status(issue.status).label,
        "how": resolution.get("kind"),
        "archival": issue.archival,
        "to": issue.assigned_to and issue.assigned_to.name,
        "said": [activity.details["text"] for activity in issue.activities.filter(kind=ActivityKind.COMMENTED)],
    }


OPEN: dict[str, Any] = {"status": "unresolved", "how": None, "archival": None, "to": None, "said": []}


@pytest.mark.parametrize(
    ("before", "command", "after", "kinds"),
    [
        ({}, TriageCommand(), {}, []),
        ({}, TriageCommand(status=ResolveIn()), {"status": "resolved", "how": "now"}, ["resolved"]),
        (
            RESOLVED,
            TriageCommand(status=ResolveIn("in_release", versions=("1.4.2",))),
            {"status": "resolved", "how": "in_release"},
            ["resolved"],
        ),
        (ARCHIVED, TriageCommand(status=ResolveIn()), {"status": "resolved", "how": "now"}, ["resolved"]),
        ({}, TriageCommand(status=ArchiveFor()), {"status": "archived", "archival": {}}, ["archived"]),
        (
            {"times_seen": 7, "users_affected": 2},
            TriageCommand(status=ArchiveFor(events=3, users=1)),
            {"status": "archived", "archival": {"until_times_seen": 10, "until_users_affected": 3}},
            ["archived"],
        ),
        (
            RESOLVED,
            TriageCommand(status=ArchiveFor(until=NOON + timedelta(hours=1))),
            {"status": "archived", "archival": {"until": "2026-11-21T13:00:00.000000+00:00"}},
            ["archived"],
        ),
        ({}, TriageCommand(status=Reopen()), {}, []),
        (RESOLVED, TriageCommand(status=Reopen()), {}, ["reopened"]),
        (ARCHIVED, TriageCommand(status=Reopen()), {}, ["reopened"]),
        ({}, TriageCommand(assign=Assign("bob@example.com")), {"to": "Bob"}, ["assigned"]),
        ({}, TriageCommand(assign=Assign(" BOB@example.com ")), {"to": "Bob"}, ["assigned"]),
        ({}, TriageCommand(assign=Assign("nobody")), {}, []),
        ({}, TriageCommand(comment="  Seen on\r\nstaging. "), {"said": ["Seen on\nstaging."]}, ["commented"]),
        (
            RESOLVED,
            TriageCommand(Assign("bob@example.com"), Reopen(), "Came back"),
            {"to": "Bob", "said": ["Came back"]},
            ["assigned", "reopened", "commented"],
        ),
    ],
)
def test_a_command_is_done(
    world: World,
    actor: Actor,
    before: dict[str, Any],
    command: TriageCommand,
    after: dict[str, Any],
    kinds: list[str],
) -> None:
    issue = make_issue(world.shop, **before)
    result = apply(command, [issue], world.acme, actor)
    assert state_of(issue) == {**OPEN, **after}
    written = Activity.objects.order_by("id")
    assert [activity.kind for activity in written] == kinds
    assert {activity.user for activity in written} <= {world.alice}
    assert (result.matched, result.changed) == (1, min(1, len(kinds)))


@pytest.mark.parametrize(
    ("command", "code", "values"),
    [
        (TriageCommand(status=ResolveIn("some_day")), Refusal.UNKNOWN_RESOLUTION, {"kind": "some_day"}),
        (TriageCommand(status=ResolveIn("in_release")), Refusal.NO_RELEASE_NAMED, {}),
        (
            TriageCommand(status=ResolveIn("in_release", versions=("v" * 300,))),
            Refusal.TOO_MANY_RELEASES,
            {"most": 20, "longest": 250},
        ),
        (TriageCommand(status=ResolveIn("in_release", versions=("1\0",))), Refusal.HOLDS_NUL, {}),
        (TriageCommand(status=ResolveIn("in_current_release")), Refusal.NO_RELEASE_KNOWN, {}),
        (TriageCommand(status=ResolveIn("in_next_minor")), Refusal.NO_RELEASE_KNOWN, {}),
        (TriageCommand(status=ResolveIn("in_range", range="soon")), Refusal.NOT_A_BOUND, {"version": "soon"}),
        (TriageCommand(status=ResolveIn("in_range", range="<3")), Refusal.NO_LOWEST_VERSION, {"range": "<3"}),
        (TriageCommand(status=ResolveIn("in_commit", commit="Latest")), Refusal.NOT_A_COMMIT, {"commit": "latest"}),
        (TriageCommand(status=ArchiveFor(until=NOON)), Refusal.NOT_AHEAD, {}),
        (TriageCommand(status=ArchiveFor(events=0)), Refusal.NOT_A_COUNT, {"most": MAX_MORE}),
        (TriageCommand(status=ArchiveFor(users=-1)), Refusal.NOT_A_COUNT, {"most": MAX_MORE}),
        (TriageCommand(status=ArchiveFor(events=2**63)), Refusal.NOT_A_COUNT, {"most": MAX_MORE}),
        (TriageCommand(assign=Assign("charlie@example.com")), Refusal.NOT_A_MEMBER, {}),
        (TriageCommand(assign=Assign("team:1")), Refusal.NOT_A_MEMBER, {}),
        (TriageCommand(assign=Assign("9" * 40)), Refusal.NOT_A_MEMBER, {}),
        (TriageCommand(assign=Assign("a\0")), Refusal.NOT_A_MEMBER, {}),
        (TriageCommand(comment=" \n "), Refusal.EMPTY_COMMENT, {}),
        (TriageCommand(comment="x" * (MAX_COMMENT + 1)), Refusal.COMMENT_TOO_LONG, {"most": MAX_COMMENT}),
        (TriageCommand(comment="a\0"), Refusal.HOLDS_NUL, {}),
        (TriageCommand(merge=Merge("SHOP-77")), Refusal.NO_SUCH_ISSUE, {"short_id": "SHOP-77"}),
        (TriageCommand(merge=Merge()), Refusal.NOTHING_TO_MERGE, {}),
        (TriageCommand(merge=Merge("TILL-7")), Refusal.DIFFERENT_PROJECTS, {}),
        (TriageCommand(unmerge=Unmerge((1, 2))), Refusal.NO_KEY_CHOSEN, {}),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_of_it_is_done(
    world: World, actor: Actor, command: TriageCommand, code: Refusal, values: dict[str, Value]
) -> None:
    till = Project.objects.create(organization=world.acme, slug="till", name="Till")
    make_issue(till, number=7)
    issue = make_issue(world.shop, number=42)
    with_more = TriageCommand(
        assign=command.assign or Assign("bob@example.com"),
        status=command.status or ResolveIn(),
        comment="Fixed" if command.comment is None else command.comment,
        merge=command.merge,
        unmerge=command.unmerge,
    )
    before = list(Issue.objects.order_by("id").values())
    for each in (command, with_more):
        with refused(code, **values):
            apply(each, [issue], world.acme, actor)
        assert list(Issue.objects.order_by("id").values()) == before
        assert not Activity.objects.exists()


def test_what_is_refused_late_takes_back_what_was_done_before(world: World, actor: Actor) -> None:
    """Whether a release is known is seen only when the assignment is written already."""
    issues = [make_issue(world.shop, "1.0"), make_issue(world.shop, "8f4b2c1d9e")]
    command = TriageCommand(Assign("bob@example.com"), ResolveIn("in_next_minor"))
    with refused(Refusal.NOT_NUMBERED, version="8f4b2c1d9e"):
        apply(command, issues, world.acme, actor)
    assert not Issue.objects.exclude(assigned_to=None, status=Status.UNRESOLVED).exists()
    assert not Activity.objects.exists()


def test_it_says_how_many_it_found_and_how_many_it_changed(world: World, actor: Actor) -> None:
    issues = [make_issue(world.shop, number=number) for number in (1, 2)]
    issues.append(make_issue(world.shop, number=3, assigned_to=world.bob, **RESOLVED))
    result = apply(TriageCommand(Assign("bob@example.com"), Reopen()), issues, world.acme, actor)
    assert [(each.matched, each.changed) for each in result.results] == [(3, ("SHOP-1", "SHOP-2")), (3, ("SHOP-3",))]
    assert (result.matched, result.changed, len(result.activity_ids)) == (3, 3, 3)
    assert [type(each.effect).__name__ for each in result.results] == ["Assigned", "Reopened"]
    assert result.results[0].effect == Assigned(world.bob.pk, "Bob")


def test_nothing_found_is_nothing_done_but_checked_all_the_same(world: World, actor: Actor) -> None:
    assert apply(TriageCommand(status=ResolveIn()), [], world.acme, actor) == TriageResult(0, ())
    with refused(Refusal.NOT_A_MEMBER):
        apply(TriageCommand(assign=Assign("charlie@example.com")), [], world.acme, actor)


def test_a_deactivated_member_is_neither_offered_nor_taken(world: World, actor: Actor) -> None:
    User.objects.filter(pk=world.bob.pk).update(is_active=False)
    assert world.bob not in assignable(world.acme)
    for named in (str(world.bob.pk), f"user:{world.bob.pk}", "bob@example.com"):
        with refused(Refusal.NOT_A_MEMBER):
            apply(TriageCommand(assign=Assign(named)), [make_issue(world.shop)], world.acme, actor)


def test_a_member_of_another_organization_alone_is_no_member(world: World, actor: Actor) -> None:
    Member.objects.create(organization=world.elsewhere, user=world.bob, role=Role.MEMBER)
    with refused(Refusal.NOT_A_MEMBER):
        apply(TriageCommand(assign=Assign(str(world.charlie.pk))), [make_issue(world.shop)], world.acme, actor)


def test_the_one_seen_most_often_takes_the_others_and_of_equals_the_oldest(world: World, actor: Actor) -> None:
    rare, often, as_often = (make_issue(world.shop, number=n, times_seen=seen) for n, seen in ((1, 2), (2, 9), (3, 9)))
    for issue in (rare, often, as_often):
        GroupKey.objects.create(project=world.shop, issue=issue, kind="app", digest=issue.number.to_bytes(16))
    [result] = apply(TriageCommand(merge=Merge()), [rare, often, as_often], world.acme, actor).results
    assert result.effect == Merged(often.pk, "SHOP-2", (rare.pk, as_often.pk))
    assert (result.matched, result.changed) == (2, ("SHOP-1", "SHOP-3"))


def test_a_named_target_that_was_merged_itself_means_where_it_went(world: World, actor: Actor) -> None:
    whole = make_issue(world.shop, number=1)
    make_issue(world.shop, number=2, merged_into=whole)
    [result] = apply(
        TriageCommand(merge=Merge("shop-2")), [make_issue(world.shop, number=3)], world.acme, actor
    ).results
    assert result.effect == Merged(whole.pk, "SHOP-1", (Issue.objects.get(number=3).pk,))


def test_resolving_and_merging_at_once_is_taken_back_at_once(world: World, actor: Actor) -> None:
    issues = [make_issue(world.shop, number=n, times_seen=4 - n) for n in (1, 2, 3)]
    for issue in issues:
        GroupKey.objects.create(project=world.shop, issue=issue, kind="app", digest=issue.number.to_bytes(16))
    before = list(Issue.objects.order_by("id").values("id", "status", "resolution", "merged_into", "assigned_to"))
    command = TriageCommand(Assign("bob@example.com"), ResolveIn(), merge=Merge())
    result = apply(command, issues, world.acme, actor)
    assert (result.matched, result.changed) == (3, 3)
    assert isinstance(result.results[1].effect, Resolved) and isinstance(result.results[2].effect, Merged)
    assert set(Issue.objects.values_list("merged_into__number", flat=True)) == {None, 1}
    undo(result.activity_ids, by=world.alice, now=NOON)
    after = Issue.objects.order_by("id").values("id", "status", "resolution", "merged_into", "assigned_to")
    assert list(after) == before


def test_ids_that_are_of_others_or_were_merged_are_passed_over(world: World) -> None:
    here, theirs = make_issue(world.shop), make_issue(world.secret)
    merged = make_issue(world.shop, merged_into=here)
    assert named_issues([world.shop], [theirs.pk, merged.pk, here.pk, 10**18]) == [here]


def test_more_issues_than_a_command_takes_are_refused(world: World) -> None:
    assert named_issues([world.shop], list(range(MAX_ISSUES))) == []
    with refused(Refusal.TOO_MANY_ISSUES, most=MAX_ISSUES):
        named_issues([world.shop], list(range(MAX_ISSUES + 1)))


def test_comments_of_many_issues_are_counted_by_one_query(world: World, actor: Actor) -> None:
    issues = [make_issue(world.shop) for _ in range(3)]
    for text in ("a", "b"):
        apply(TriageCommand(comment=text), issues[:2], world.acme, actor)
    with CaptureQueriesContext(connection) as captured:
        assert comment_counts(issues) == {issues[0].pk: 2, issues[1].pk: 2, issues[2].pk: 0}
    assert len(captured) == 1


def all_at_once(world: World) -> TriageCommand:
    return TriageCommand(Assign("bob@example.com"), ResolveIn("in_next_release"), "Fixed")


def archived(world: World) -> TriageCommand:
    return TriageCommand(status=ArchiveFor(events=10, users=3))


@pytest.mark.parametrize(("command_of", "most"), [(all_at_once, 36), (archived, 15)])
def test_a_thousand_issues_take_a_few_statements(
    world: World, actor: Actor, command_of: Callable[[World], TriageCommand], most: int
) -> None:
    make_issue(world.shop, "shop@1.0.0")
    last_release = Issue.objects.get().last_release
    fields: dict[str, Any] = {"title": "x", "first_seen_at": BEFORE, "last_seen_at": BEFORE, "times_seen": 1}
    Issue.objects.bulk_create(
        Issue(project=world.shop, number=10**6 + n, last_release=last_release, **fields) for n in range(MAX_ISSUES - 1)
    )
    issues = named_issues([world.shop], list(Issue.objects.values_list("id", flat=True)))
    with CaptureQueriesContext(connection) as captured:
        result = apply(command_of(world), issues, world.acme, actor)
    assert (result.matched, result.changed) == (MAX_ISSUES, MAX_ISSUES)
    assert len(captured) <= most, [query["sql"][:80] for query in captured]
    with CaptureQueriesContext(connection) as captured:
        assert undo(result.activity_ids, by=world.alice, now=NOON).changed == MAX_ISSUES
    assert len(captured) <= most
