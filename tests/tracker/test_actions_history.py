"""What every action leaves behind: the columns of one state only, and a line of history for what was changed."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.comments import comment_on
from tracker.issues.results import ActionResult, Deleted
from tracker.issues.status import Archival, ArchiveFor
from tracker.models import Activity, ActivityKind, Issue, Status

LATER = NOON + timedelta(minutes=5)

CHANGES: dict[str, Callable[[Sequence[Issue]], ActionResult]] = {
    "resolved": lambda issues: actions.resolve(issues, ResolveIn("in_next_release"), by=None, now=NOON),
    "archived until a day": lambda issues: actions.archive(issues, ArchiveFor(until=LATER), by=None, now=NOON),
    "archived for more": lambda issues: actions.archive(issues, ArchiveFor(events=5), by=None, now=NOON),
    "reopened": lambda issues: actions.reopen(issues, by=None, now=NOON),
}


@pytest.mark.parametrize("before", CHANGES)
@pytest.mark.parametrize("after", CHANGES)
def test_a_new_state_leaves_nothing_of_the_one_before(world: World, before: str, after: str) -> None:
    issue = make_issue(world.shop, "1.0.0")
    CHANGES[before]([issue])
    Issue.objects.filter(pk=issue.pk).update(is_regressed=True, expected_since_resolved=7)
    done = CHANGES[after]([issue])
    issue.refresh_from_db()
    assert bool(done.activity_ids) == (not before == after == "reopened")
    if done.activity_ids:
        assert (issue.is_regressed, issue.expected_since_resolved, issue.status_changed_at) == (False, 0, NOON)
    assert (issue.resolution is not None) == (issue.status == Status.RESOLVED)
    assert (issue.archival is not None) == (issue.status == Status.ARCHIVED)


@pytest.mark.parametrize("change", CHANGES)
def test_an_action_on_issues_that_were_merged_away_does_nothing(world: World, change: str) -> None:
    target = make_issue(world.shop)
    gone = make_issue(world.shop, "1.0.0", merged_into=target, status=Status.RESOLVED)
    for done in (CHANGES[change]([gone]), actions.assign([gone], world.bob, by=None, now=NOON)):
        assert (done.matched, done.changed, done.activity_ids) == (1, (), ())
    assert not Activity.objects.exists()
    gone.refresh_from_db()
    assert (gone.status, gone.assigned_to) == (Status.RESOLVED, None)


def test_the_history_tells_who_did_what_when_and_how(world: World) -> None:
    issue = make_issue(world.shop, "1.0.0")
    actions.resolve([issue], ResolveIn("in_release", versions=("1.1.0",)), by=world.alice, now=NOON)
    actions.archive([issue], ArchiveFor(until=LATER), by=world.bob, now=NOON)
    actions.archive([issue], ArchiveFor(events=10, users=2), by=world.bob, now=NOON)
    actions.reopen([issue], by=world.alice, now=NOON)
    actions.assign([issue], world.bob, by=world.alice, now=NOON)
    actions.assign([issue], None, by=world.alice, now=NOON)
    comment_on([issue], "Seen.", by=world.bob, now=LATER)
    told = list(Activity.objects.filter(issue=issue, project=world.shop).order_by("id"))
    assert [(activity.kind, activity.user, activity.created_at) for activity in told] == [
        (ActivityKind.RESOLVED, world.alice, NOON),
        (ActivityKind.ARCHIVED, world.bob, NOON),
        (ActivityKind.ARCHIVED, world.bob, NOON),
        (ActivityKind.REOPENED, world.alice, NOON),
        (ActivityKind.ASSIGNED, world.alice, NOON),
        (ActivityKind.UNASSIGNED, world.alice, NOON),
        (ActivityKind.COMMENTED, world.bob, LATER),
    ]
    forms = [{name: value for name, value in activity.details.items() if name != "before"} for activity in told]
    assert forms[0]["resolution"]["versions"] == ["1.1.0"]
    assert forms[1:] == [
        {"archival": {"until": "2026-11-21T12:05:00.000000+00:00"}},
        {"archival": {"until_times_seen": 11, "until_users_affected": 2}},
        {},
        {"assigned_to": world.bob.pk, "assigned_to_name": "Bob"},
        {},
        {"text": "Seen."},
    ]


def test_only_those_are_reopened_that_are_not_open(world: World) -> None:
    issues = [make_issue(world.shop, number=number) for number in (42, 43)]
    actions.resolve(issues[:1], ResolveIn(), by=None, now=NOON)
    done = [actions.reopen(issues, by=None, now=NOON) for _ in range(2)]
    assert [(each.matched, each.changed) for each in done] == [(2, ("SHOP-42",)), (2, ())]


def test_only_those_are_assigned_that_are_not_yet(world: World) -> None:
    issues = [make_issue(world.shop, number=number, assigned_to=world.bob) for number in (42, 43)]
    issues.append(make_issue(world.shop, number=44))
    done = [actions.assign(issues, to, by=None, now=NOON) for to in (world.bob, None, None)]
    assert [each.changed for each in done] == [("SHOP-44",), ("SHOP-42", "SHOP-43", "SHOP-44"), ()]
    assert {each.matched for each in done} == {3}


def test_archives_whose_date_has_come_end_so_many_at_a_time(world: World) -> None:
    issues = [make_issue(world.shop) for _ in range(3)]
    actions.archive(issues, ArchiveFor(until=LATER), by=None, now=NOON)
    assert [actions.bring_back_archived(LATER, limit=2) for _ in range(3)] == [2, 1, 0]
    for issue in issues:
        issue.refresh_from_db()
        assert (issue.status, issue.archival, issue.status_changed_at) == (Status.UNRESOLVED, None, LATER)
    assert {activity.user for activity in Activity.objects.filter(kind=ActivityKind.ARCHIVE_ENDED)} == {None}


def test_an_issue_that_is_no_longer_archived_does_not_come_back(world: World) -> None:
    issue = make_issue(world.shop, status=Status.RESOLVED, archival=Archival(until=NOON).as_json())
    assert actions.bring_back_archived(NOON) == 0
    issue.refresh_from_db()
    assert issue.status == Status.RESOLVED


def test_deleting_several_names_them_and_deleting_none_does_nothing(world: World) -> None:
    issues = [make_issue(world.shop, number=number) for number in (42, 43)]
    assert actions.delete_issues(issues) == ActionResult(Deleted(is_over=True), 2, ("SHOP-42", "SHOP-43"))
    assert actions.delete_issues([]) == ActionResult(Deleted(is_over=True), 0, ())
