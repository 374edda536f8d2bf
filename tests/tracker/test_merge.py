"""Merging issues and taking them apart again: every event, user, tag and hour where it belongs, at every step."""

import random
from collections import Counter
from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from grouping.event import Event as ReadEvent
from grouping.reader import read_event
from grouping.tags import derive_tags
from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tests.tracker.issues import refused
from tracker.errors import Refusal
from tracker.issues import actions, unmerge
from tracker.issues.claims import ResolveIn
from tracker.issues.details import MergedDetails, UndoneDetails, details_of
from tracker.issues.merge import with_redirects
from tracker.issues.results import Merged, Unmerged
from tracker.jobs.slices import run_slice
from tracker.models import (
    Activity,
    ActivityKind,
    Event,
    GroupKey,
    Issue,
    IssueHour,
    IssueTag,
    IssueUser,
    Project,
    Status,
)
from tracker.record.batch import record_batch
from tracker.record.digested import Digested
from tracker.storage.payloads import load_payload_bytes

LATER = NOON + timedelta(days=1)


def read(number: int, group: str, release: str) -> ReadEvent:
    return read_event(
        {
            "event_id": f"{number:032x}",
            "platform": "python",
            "release": release,
            "environment": "production",
            "server_name": f"web-{number % 2}",
            "user": {"id": str(number % 5)},
            "tags": {"customer": f"c{number % 3}"},
            "exception": {"values": [{"type": "ValueError", "value": group}]},
        }
    )


def send(world: World, group: str, numbers: range, release: str = "shop@1.0.0") -> Issue:
    """Record events of a group, one an hour; returns the issue that they belong to."""
    batch: list[Digested] = []
    for number in numbers:
        event = read(number, group, release)
        at = NOON + timedelta(hours=number)
        batch.append(
            digested(
                world.shop,
                number,
                group,
                release=release,
                occurred_at=at,
                received_at=at,
                user_identity=event.user.identity,
                tags=derive_tags(event),
                payload=orjson.dumps(event.raw),
            )
        )
    recorded = record_batch(batch, NOON + timedelta(hours=numbers[-1]))
    return Issue.objects.select_related("project").get(id=recorded[0].issue_id)


def expect_exact(issue: Issue) -> None:
    """The issue's counters say what its stored events say."""
    issue.refresh_from_db()
    events = list(Event.objects.filter(issue=issue).order_by("occurred_at", "id"))
    hours = Counter(int(event.occurred_at.timestamp()) // 3600 for event in events)
    tags = Counter(tag for event in events for tag in derive_tags(read_event(load_payload_bytes(event))).items())
    users = {event.user_id for event in events if event.user_id}
    assert issue.times_seen == len(events)
    assert dict(IssueHour.objects.filter(issue=issue).values_list("hour", "events")) == dict(hours)
    counted = IssueTag.objects.filter(issue=issue).values_list("tag__key", "tag__value", "times_seen")
    assert {(key, value): count for key, value, count in counted} == dict(tags)
    assert set(IssueUser.objects.filter(issue=issue).values_list("event_user", flat=True)) == users
    assert issue.users_affected == len(users)
    assert (issue.first_seen_at, issue.last_seen_at) == (events[0].occurred_at, events[-1].occurred_at)
    assert (issue.first_release_id, issue.last_release_id) == (events[0].release_id, events[-1].release_id)


def everything() -> dict[str, list[object]]:
    """All that merging touches, to be compared before and after."""
    return {
        "issues": list(Issue.objects.order_by("id").values()),
        "keys": list(GroupKey.objects.order_by("id").values("id", "issue", "merged_from", "pinned_to")),
        "events": list(Event.objects.order_by("id").values("id", "issue", "group_key")),
        "hours": list(IssueHour.objects.order_by("issue", "hour").values()),
        "tags": list(IssueTag.objects.order_by("issue", "tag").values("issue", "tag", "times_seen")),
        "users": list(IssueUser.objects.order_by("issue", "event_user").values()),
    }


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmerge, "BATCH_ROWS", 3)
    monkeypatch.setattr(unmerge, "BATCHES_PER_SLICE", 1_000)


def test_a_merged_issue_is_a_redirect_and_its_events_are_the_others(world: World) -> None:
    one, other = send(world, "one", range(7)), send(world, "other", range(10, 15), "shop@1.1.0")
    done = actions.merge([other], one, by=world.alice, now=LATER)
    assert done.effect == Merged(one.pk, one.short_id, (other.pk,)) and done.changed == (other.short_id,)
    expect_exact(one)
    other.refresh_from_db()
    assert other.merged_into == one
    assert not Event.objects.filter(issue=other).exists()
    assert GroupKey.objects.get(merged_from=other).issue == one
    assert Activity.objects.get(kind=ActivityKind.MERGED).issue == one


def test_the_history_names_what_was_merged(world: World) -> None:
    one, other = send(world, "one", range(2)), send(world, "other", range(10, 12))
    done = actions.merge([other], one, by=world.alice, now=LATER)
    told = Activity.objects.get(id=done.activity_ids[0])
    assert (told.issue, told.user, told.created_at) == (one, world.alice, LATER)
    details = details_of(told)
    assert isinstance(details, MergedDetails)
    assert [(each.issue_id, each.short_id) for each in details.merged] == [(other.pk, other.short_id)]


@pytest.mark.parametrize("status", [Status.ARCHIVED, Status.RESOLVED, Status.UNRESOLVED])
def test_a_redirect_has_no_state_of_its_own(world: World, status: Status) -> None:
    one, other = send(world, "one", range(2)), send(world, "other", range(10, 12))
    state = {"archival": {"until_times_seen": 5}, "resolution": {"kind": "now"}, "is_regressed": True}
    Issue.objects.filter(pk=other.pk).update(status=status, **state)
    actions.merge([other], one, by=None, now=LATER)
    other.refresh_from_db()
    assert (other.status, other.archival, other.resolution, other.is_regressed) == (Status.RESOLVED, None, None, False)


def test_an_issue_whose_events_are_no_longer_stored_comes_back_as_it_was(world: World) -> None:
    one, other = send(world, "one", range(5)), send(world, "other", range(10, 14))
    Event.objects.filter(issue=other).delete()
    before = everything()
    done = actions.merge([other], one, by=None, now=LATER)
    assert Issue.objects.get(pk=one.pk).times_seen == 9
    assert actions.undo(done.activity_ids, by=None, now=LATER).changed == 1
    assert everything() == before


def test_an_issue_without_stored_events_was_first_seen_as_before_when_an_older_one_leaves_it(world: World) -> None:
    older, one = send(world, "older", range(4)), send(world, "one", range(10, 15), "shop@1.1.0")
    Event.objects.filter(issue=one).delete()
    done = actions.merge([older], one, by=None, now=LATER)
    actions.undo(done.activity_ids, by=None, now=LATER)
    again = Issue.objects.get(pk=one.pk)
    assert (again.times_seen, again.first_seen_at) == (5, one.first_seen_at)
    assert again.first_release_id == one.first_release_id is not None


def test_workers_hear_of_a_merge_and_of_its_end(world: World) -> None:
    def generation() -> int:
        return Project.objects.get(pk=world.shop.pk).config_generation

    one, other = send(world, "one", range(2)), send(world, "other", range(10, 12))
    before = generation()
    done = actions.merge([other], one, by=None, now=LATER)
    merged = generation()
    actions.undo(done.activity_ids, by=None, now=LATER)
    assert before < merged < generation()


@pytest.mark.parametrize("is_unhandled", [True, False])
def test_a_merged_issue_is_unhandled_where_any_was_and_has_the_level_of_the_latest(
    world: World, is_unhandled: bool
) -> None:
    one, other = send(world, "one", range(2)), send(world, "other", range(10, 12))
    Issue.objects.filter(pk=one.pk).update(is_unhandled=False, level=50)
    Issue.objects.filter(pk=other.pk).update(is_unhandled=is_unhandled, level=20)
    actions.merge([other], one, by=None, now=LATER)
    one.refresh_from_db()
    assert (one.is_unhandled, one.level) == (is_unhandled, 20)


def test_new_events_of_a_merged_issue_are_counted_where_it_went(world: World) -> None:
    one, other = send(world, "one", range(3)), send(world, "other", range(10, 13))
    actions.merge([other], one, by=world.alice, now=LATER)
    assert send(world, "other", range(20, 24)) == one
    expect_exact(one)


def test_undoing_a_merge_leaves_everything_as_it_was(world: World) -> None:
    other, one, third = (
        send(world, name, range(n * 10, n * 10 + 7), f"shop@1.{n}") for n, name in enumerate(("other", "one", "third"))
    )
    actions.resolve([other], ResolveIn("in_next_release"), by=world.bob, now=NOON)
    before = everything()
    done = actions.merge([other, third], one, by=world.alice, now=LATER)
    assert actions.undo(done.activity_ids, by=world.bob, now=LATER).changed == 2
    assert everything() == before
    told = Activity.objects.get(kind=ActivityKind.UNDONE)
    assert (told.issue, told.user, told.created_at) == (one, world.bob, LATER)
    assert details_of(told) == UndoneDetails(ActivityKind.MERGED, done.activity_ids[0])
    assert actions.undo(done.activity_ids, by=world.alice, now=LATER).changed == 0


def test_undoing_a_merge_gives_back_what_came_in_since(world: World) -> None:
    one, other = send(world, "one", range(5)), send(world, "other", range(10, 15))
    done = actions.merge([other], one, by=world.alice, now=LATER)
    send(world, "other", range(20, 24), "shop@2.0.0")
    send(world, "one", range(30, 32), "shop@2.0.0")
    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    expect_exact(one)
    expect_exact(other)
    assert (one.times_seen, other.times_seen) == (7, 9)
    assert send(world, "other", range(40, 41)) == other


def test_an_unmerged_issue_is_restored_with_its_short_id_and_its_state(world: World) -> None:
    one, other = send(world, "one", range(5)), send(world, "other", range(10, 15))
    actions.resolve([other], ResolveIn(), by=world.bob, now=NOON)
    actions.merge([other], one, by=world.alice, now=LATER)
    done = actions.unmerge(list(GroupKey.objects.filter(merged_from=other)), by=world.alice, now=LATER)
    assert done.effect == Unmerged(one.short_id) and done.changed == (other.short_id,)
    expect_exact(one)
    expect_exact(other)
    assert (other.merged_into, other.status) == (None, Status.RESOLVED)
    assert GroupKey.objects.get(issue=other).pinned_to == other


def test_a_key_of_its_own_becomes_a_new_issue_called_by_its_events(world: World) -> None:
    one, other = send(world, "one", range(5)), send(world, "other", range(10, 15))
    GroupKey.objects.filter(issue=other).update(issue=one)
    Event.objects.filter(issue=other).update(issue=one)
    Issue.objects.filter(id=one.pk).update(times_seen=10)
    for table in (IssueHour, IssueTag, IssueUser):
        rows = table._default_manager.filter(issue=other)
        rows._raw_delete(rows.db)
    one.refresh_from_db()
    done = actions.unmerge([GroupKey.objects.filter(issue=one).latest("id")], by=world.alice, now=LATER)
    part = Issue.objects.latest("id")
    expect_exact(part)
    assert part.title == "ValueError: other"
    assert part.number == 3
    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    part.refresh_from_db()
    assert part.merged_into == one
    assert Event.objects.filter(issue=one).count() == 10


def test_a_chain_of_merges_comes_apart_link_by_link(world: World) -> None:
    a, b, c = (send(world, name, range(n * 10, n * 10 + 4)) for n, name in enumerate("abc"))
    first = actions.merge([c], b, by=None, now=LATER)
    middle = everything()
    second = actions.merge([b], a, by=None, now=LATER)
    expect_exact(a)
    assert with_redirects([a.pk]) == {a.pk, b.pk, c.pk}
    assert actions.undo(first.activity_ids, by=None, now=LATER).changed == 0
    actions.undo(second.activity_ids, by=None, now=LATER)
    assert everything() == middle
    actions.undo(first.activity_ids, by=None, now=LATER)
    for issue in (a, b, c):
        expect_exact(issue)


def test_several_merges_are_taken_back_together_the_newest_first(world: World) -> None:
    a, b, c = (send(world, name, range(n * 10, n * 10 + 4)) for n, name in enumerate("abc"))
    before = everything()
    done = [actions.merge([c], b, by=None, now=LATER), actions.merge([b], a, by=None, now=LATER)]
    ids = [activity_id for each in done for activity_id in each.activity_ids]
    taken_back = actions.undo(ids, by=None, now=LATER)
    assert [result.changed for result in taken_back.results] == [(b.short_id,), (c.short_id,)]
    assert everything() == before


def test_what_cannot_be_merged_or_taken_out_is_refused(world: World) -> None:
    one, other = send(world, "one", range(2)), send(world, "other", range(10, 12))
    elsewhere = Issue.objects.create(project=world.secret, number=1, title="x", first_seen_at=NOON, last_seen_at=NOON)
    with refused(Refusal.NOTHING_TO_MERGE):
        actions.merge([one], one, by=None, now=LATER)
    with refused(Refusal.DIFFERENT_PROJECTS):
        actions.merge([elsewhere], one, by=None, now=LATER)
    with refused(Refusal.DIFFERENT_PROJECTS):
        actions.merge([other, elsewhere], one, by=None, now=LATER)
    with refused(Refusal.ONE_KEY_STAYS):
        actions.unmerge(list(one.keys.all()), by=None, now=LATER)
    with refused(Refusal.KEYS_OF_SEVERAL_ISSUES):
        actions.unmerge([*one.keys.all(), *other.keys.all()], by=None, now=LATER)
    with refused(Refusal.NO_KEY_CHOSEN):
        actions.unmerge([], by=None, now=LATER)
    actions.merge([other], one, by=None, now=LATER)
    third = send(world, "third", range(20, 21))
    with refused(Refusal.MERGED_ALREADY):
        actions.merge([third], other, by=None, now=LATER)


def test_a_deleted_issue_takes_its_redirects_along(world: World) -> None:
    a, b, c = (send(world, name, range(n * 10, n * 10 + 2)) for n, name in enumerate("abc"))
    actions.merge([c], b, by=None, now=LATER)
    actions.merge([b], a, by=None, now=LATER)
    actions.delete_issues([a])
    assert not Issue.objects.exists() and not Event.objects.exists() and not IssueTag.objects.exists()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_merged_and_taken_apart_nothing_is_lost_or_counted_twice(world: World, seed: int) -> None:
    rng = random.Random(seed)
    total = 0
    for _ in range(16):
        visible = list(Issue.objects.filter(merged_into=None))
        several = [issue for issue in visible if issue.keys.count() > 1]
        match rng.choice(["send", "send", "merge", "unmerge", "undo"]):
            case "merge" if len(visible) > 1:
                into, *others = rng.sample(visible, rng.randint(2, min(3, len(visible))))
                actions.merge(others, into, by=None, now=LATER)
            case "unmerge" if several:
                keys = list(rng.choice(several).keys.all())
                actions.unmerge(rng.sample(keys, rng.randint(1, len(keys) - 1)), by=None, now=LATER)
            case "undo" if Activity.objects.filter(kind=ActivityKind.MERGED).exists():
                actions.undo([Activity.objects.filter(kind=ActivityKind.MERGED).latest("id").pk], by=None, now=LATER)
            case _:
                count = rng.randint(1, 4)
                send(world, rng.choice("abcd"), range(total, total + count), rng.choice(["1.0", "1.1"]))
                total += count
        for issue in Issue.objects.filter(merged_into=None):
            expect_exact(issue)
    assert Event.objects.count() == total == sum(issue.times_seen for issue in Issue.objects.filter(merged_into=None))


def test_a_worker_moves_the_events_for_which_nobody_waited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmerge, "BATCHES_PER_SLICE", 0)
    small, large = send(world, "a", range(4)), send(world, "b", range(4, 10))
    done = actions.merge([small], large, by=world.alice, now=LATER)
    assert Event.objects.filter(issue=small).count() == 4

    run_all_slices()
    expect_exact(large)
    assert not Event.objects.filter(issue=small).exists()

    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    run_all_slices()
    expect_exact(small)
    expect_exact(large)


def test_a_merge_that_is_taken_back_before_its_events_have_moved_leaves_them_where_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmerge, "BATCHES_PER_SLICE", 0)
    small, large = send(world, "a", range(4)), send(world, "b", range(4, 10))
    done = actions.merge([small], large, by=world.alice, now=LATER)
    actions.undo(done.activity_ids, by=world.alice, now=LATER)
    run_all_slices()
    expect_exact(small)
    expect_exact(large)


def run_all_slices() -> None:
    while run_slice(timezone.now()):
        pass
