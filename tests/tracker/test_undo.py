"""Taking back what people did to issues, and what stands in the way of it."""

from datetime import timedelta

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.comments import comment_on
from tracker.issues.details import UndoneDetails, details_of
from tracker.issues.results import ActionResult, TakenBack
from tracker.issues.status import ArchiveFor
from tracker.models import Activity, ActivityKind, Issue, Status

LATER = NOON + timedelta(minutes=5)


def undone(done: ActionResult) -> tuple[str, ...]:
    """The short ids of the issues that are as before once the action is taken back."""
    [result] = actions.undo(done.activity_ids, by=None, now=LATER).results
    assert (result.effect, result.matched) == (TakenBack(), len(done.activity_ids))
    return result.changed


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


def test_an_assignment_does_not_stand_in_the_way_of_a_state_nor_a_comment_of_either(world: World) -> None:
    issue = make_issue(world.shop, number=42)
    resolved = actions.resolve([issue], ResolveIn(), by=None, now=NOON)
    assigned = actions.assign([issue], world.bob, by=None, now=NOON)
    comment_on([issue], "Seen.", by=world.bob, now=NOON)
    assert undone(resolved) == undone(assigned) == ("SHOP-42",)
    issue.refresh_from_db()
    assert (issue.status, issue.assigned_to) == (Status.UNRESOLVED, None)


def test_a_newer_assignment_stands_in_the_way_of_the_older(world: World) -> None:
    issue = make_issue(world.shop)
    first = actions.assign([issue], world.bob, by=None, now=NOON)
    actions.assign([issue], world.alice, by=None, now=NOON)
    assert undone(first) == ()
    issue.refresh_from_db()
    assert issue.assigned_to == world.alice


def test_what_happened_to_another_issue_does_not_stand_in_the_way(world: World) -> None:
    issue, other = make_issue(world.shop, number=42), make_issue(world.shop)
    done = actions.resolve([issue], ResolveIn(), by=None, now=NOON)
    actions.resolve([other], ResolveIn(), by=None, now=NOON)
    assert undone(done) == ("SHOP-42",)


def test_what_was_done_before_can_be_taken_back_once_an_assignment_after_it_was(world: World) -> None:
    issue = make_issue(world.shop, number=42)
    first = actions.archive([issue], ArchiveFor(), by=None, now=NOON)
    second = actions.assign([issue], world.bob, by=None, now=NOON)
    assert undone(second) == undone(first) == ("SHOP-42",)


def test_taking_back_is_part_of_the_history(world: World) -> None:
    issue = make_issue(world.shop)
    done = actions.resolve([issue], ResolveIn(), by=world.alice, now=NOON)
    actions.undo(done.activity_ids, by=world.bob, now=LATER)
    told = Activity.objects.get(kind=ActivityKind.UNDONE)
    assert (told.issue, told.project, told.user, told.created_at) == (issue, world.shop, world.bob, LATER)
    assert details_of(told) == UndoneDetails(ActivityKind.RESOLVED, done.activity_ids[0])


def test_a_comment_cannot_be_taken_back(world: World) -> None:
    comment_on([make_issue(world.shop)], "Seen.", by=world.bob, now=NOON)
    comment = Activity.objects.get()
    [result] = actions.undo([comment.pk], by=None, now=LATER).results
    assert result == ActionResult(TakenBack(), 1, ())
    assert Activity.objects.get() == comment


def test_an_issue_that_was_merged_away_since_stays_as_it_is(world: World) -> None:
    issue, target = make_issue(world.shop), make_issue(world.shop)
    done = actions.resolve([issue], ResolveIn(), by=None, now=NOON)
    Issue.objects.filter(pk=issue.pk).update(merged_into=target)
    assert undone(done) == ()
    issue.refresh_from_db()
    assert issue.status == Status.RESOLVED
