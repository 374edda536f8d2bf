"""A batch becomes rows: once, whole, and in a fixed number of statements."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grouping.group import Grouping
from tests.conftest import World
from tests.tracker.digested import NOON, digested, key_named, payload_of
from tracker.issues.actions import resolve
from tracker.issues.claims import ResolveIn
from tracker.models import (
    Activity,
    ActivityKind,
    Event,
    GroupKey,
    Issue,
    IssueHour,
    IssueTag,
    IssueUser,
    Organization,
    PayloadBase,
    Project,
    Release,
    Status,
    Suggestion,
    Tag,
)
from tracker.record.batch import record_batch
from tracker.record.dimensions import MAX_VALUES_PER_TAG
from tracker.record.issues import GUARD
from tracker.storage.payloads import GROWS_AFTER, load_payload_bytes


def test_events_of_one_key_become_one_issue_with_exact_counts(world: World) -> None:
    record_batch([digested(world.shop, n) for n in range(10)], NOON)
    issue = Issue.objects.get()
    assert (issue.number, issue.times_seen, issue.users_affected) == (1, 10, 3)
    assert issue.short_id == "SHOP-1"
    assert issue.first_release == issue.last_release == Release.objects.get()
    assert Event.objects.count() == 10
    assert sum(IssueHour.objects.values_list("events", flat=True)) == 10
    assert IssueUser.objects.count() == 3
    assert dict(IssueTag.objects.filter(tag__key="server_name").values_list("tag__value", "times_seen")) == {
        "web-0": 5,
        "web-1": 5,
    }
    world.shop.refresh_from_db()
    assert world.shop.stored_events == 10
    assert world.shop.first_event_at == NOON


def test_a_batch_that_comes_twice_changes_nothing(world: World) -> None:
    batch = [digested(world.shop, n) for n in range(5)]
    first = record_batch(batch, NOON)
    again = record_batch(batch, NOON)
    assert [r.is_duplicate for r in first] == [False] * 5
    assert [r.is_duplicate for r in again] == [True] * 5
    assert Issue.objects.get().times_seen == Event.objects.count() == 5
    assert IssueTag.objects.get(tag__key="level").times_seen == 5


def test_an_event_twice_in_one_batch_is_stored_once_and_told_apart(world: World) -> None:
    event = digested(world.shop, 1)
    recorded = record_batch([event, event], NOON)
    assert [r.is_duplicate for r in recorded] == [False, True]
    assert Issue.objects.get().times_seen == 1


def test_the_same_event_id_in_two_projects_is_two_events(world: World) -> None:
    other = Project.objects.create(organization=world.acme, slug="web", name="Web")
    event_id = bytes(16)
    recorded = record_batch([digested(world.shop, 1, event_id=event_id), digested(other, 1, event_id=event_id)], NOON)
    assert [r.is_duplicate for r in recorded] == [False, False]
    assert Issue.objects.count() == 2


def test_events_of_a_project_that_is_gone_do_not_stop_the_others(world: World) -> None:
    ghost = Project(id=987_654, organization=world.acme, slug="ghost")
    recorded = record_batch([digested(ghost, 1), digested(world.shop, 2)], NOON)
    assert recorded[0].issue_id == 0
    assert recorded[1].issue_id == Issue.objects.get().id


def test_every_payload_comes_back_as_it_was(world: World) -> None:
    batch = [digested(world.shop, n) for n in range(20)]
    record_batch(batch[:10], NOON)
    record_batch(batch[10:], NOON)
    stored = {bytes(event.event_id): payload_of(event) for event in Event.objects.all()}
    assert len(stored) == 20
    for number, event in enumerate(batch):
        assert stored[event.event_id]["event_id"] == f"{number:032x}"
    assert PayloadBase.objects.count() == 1
    later = Event.objects.order_by("-id").first()
    assert later is not None
    assert len(later.payload) < 120


def test_the_base_of_an_issue_with_many_events_takes_in_a_second_payload(world: World) -> None:
    def said(*words: int) -> bytes:
        return b'{"words": "%s"}' % b" ".join(random.Random(word).randbytes(1_000).hex().encode() for word in words)

    payloads = [said(1, 2, 3)] * GROWS_AFTER + [said(1, 2, 4), said(1, 2, 4), said(1, 2, 5)]
    batch = [digested(world.shop, n, payload=payload) for n, payload in enumerate(payloads)]
    record_batch(batch[:GROWS_AFTER], NOON)
    for event in batch[GROWS_AFTER:]:
        record_batch([event], NOON)
    events = list(Event.objects.order_by("id"))
    assert [load_payload_bytes(event) for event in events] == payloads
    assert [event.base_id for event in events[-3:]] == [Issue.objects.get().base_id] * 3
    assert PayloadBase.objects.count() == 2
    assert len(events[-2].payload) < 100 < 900 < len(events[-1].payload)


def test_an_issue_whose_events_have_changed_gets_a_new_base(world: World) -> None:
    record_batch([digested(world.shop, 1)], NOON)
    text = random.Random(1).randbytes(15_000).hex()
    changed = b'{"text": "%s"}' % text.encode()
    record_batch([digested(world.shop, n, payload=changed) for n in (2, 3)], NOON)
    assert PayloadBase.objects.count() == 2
    assert Issue.objects.get().base == PayloadBase.objects.order_by("-id").first()
    assert [payload_of(event)["text"] for event in Event.objects.order_by("id")[1:]] == [
        text,
        text,
    ]


def test_any_known_key_attaches_and_the_others_are_registered(world: World) -> None:
    record_batch([digested(world.shop, 1, grouping=Grouping([key_named("app-1"), key_named("sys-1", "sys")]))], NOON)
    record_batch([digested(world.shop, 2, grouping=Grouping([key_named("app-2"), key_named("sys-1", "sys")]))], NOON)
    record_batch([digested(world.shop, 3, grouping=Grouping([key_named("app-2"), key_named("sys-3", "sys")]))], NOON)
    assert Issue.objects.get().times_seen == 3
    assert GroupKey.objects.count() == 4


def test_keys_that_share_a_member_within_one_batch_found_one_issue(world: World) -> None:
    record_batch(
        [
            digested(world.shop, 1, grouping=Grouping([key_named("app-1"), key_named("sys", "sys")])),
            digested(world.shop, 2, grouping=Grouping([key_named("app-2"), key_named("sys", "sys")])),
        ],
        NOON,
    )
    assert Issue.objects.get().times_seen == 2


def test_an_unknown_key_falls_back_to_a_legacy_key(world: World) -> None:
    record_batch([digested(world.shop, 1, "old")], NOON)
    record_batch([digested(world.shop, 2, "new", legacy_keys=lambda: [key_named("old")])], NOON)
    record_batch([digested(world.shop, 3, "new")], NOON)
    assert Issue.objects.get().times_seen == 3


@pytest.mark.parametrize("size", [1, 7, 100])
def test_variable_text_makes_at_most_a_guarded_number_of_issues(world: World, size: int) -> None:
    events = [
        digested(world.shop, n, grouping=Grouping([key_named(f"text {n}", "msg", base="text")])) for n in range(100)
    ]
    for start in range(0, 100, size):
        record_batch(events[start : start + size], NOON)
    assert Issue.objects.count() == GUARD
    oldest = Issue.objects.order_by("id").first()
    assert oldest is not None
    assert oldest.times_seen == 100 - GUARD + 1


def test_an_event_of_an_older_release_leaves_a_resolved_issue_and_a_newer_one_reopens_it(world: World) -> None:
    record_batch([digested(world.shop, 1, release="shop@1.4.1")], NOON)
    issue = Issue.objects.get()
    resolve([issue], ResolveIn("in_release", ("shop@1.4.2",)), by=world.alice, now=NOON)
    record_batch([digested(world.shop, 2, release="shop@1.4.1")], NOON)
    issue.refresh_from_db()
    assert (issue.status, issue.expected_since_resolved) == (Status.RESOLVED, 1)
    recorded = record_batch([digested(world.shop, 3, release="shop@1.4.3")], NOON)
    issue.refresh_from_db()
    assert (issue.status, issue.is_regressed) == (Status.UNRESOLVED, True)
    assert recorded[0].is_regression
    assert Activity.objects.get(kind=ActivityKind.REGRESSED).details["release"] == "shop@1.4.3"


def test_a_new_issue_is_noted_once(world: World) -> None:
    record_batch([digested(world.shop, n) for n in range(3)], NOON)
    record_batch([digested(world.shop, n) for n in range(3, 6)], NOON)
    assert Activity.objects.filter(kind=ActivityKind.FIRST_SEEN).count() == 1


def test_a_tag_with_endless_values_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.record.dimensions.MAX_VALUES_PER_TAG", 10)
    assert MAX_VALUES_PER_TAG > 10
    for start in (0, 20):
        record_batch([digested(world.shop, n, tags={"request": f"r{n}"}) for n in range(start, start + 20)], NOON)
    assert IssueTag.objects.filter(tag__key="request").count() == 10
    assert Event.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_tag_with_endless_values_is_bounded_among_several_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.record.dimensions.MAX_VALUES_PER_TAG", 20)
    monkeypatch.setattr("tracker.record.dimensions.ASKED_AFTER", 5)
    organization = Organization.objects.create(slug="acme", name="Acme")
    shop = Project.objects.create(organization=organization, slug="shop", name="Shop")
    record_batch([digested(shop, n, tags={"request": f"r{n}"}) for n in range(4)], NOON)
    Tag.objects.bulk_create(Tag(project=shop, key="request", value=f"another worker's {n}") for n in range(12))
    for start in range(10, 50, 10):
        record_batch([digested(shop, n, tags={"request": f"r{n}"}) for n in range(start, start + 4)], NOON)
    assert Tag.objects.filter(key="request").count() == 20


def test_the_number_of_statements_does_not_grow_with_the_batch(world: World) -> None:
    def statements(events: range) -> int:
        batch = [digested(world.shop, n, f"group {n}") for n in events]
        with CaptureQueriesContext(connection) as queries:
            record_batch(batch, NOON)
        return len(queries)

    record_batch([digested(world.shop, 0, "warm")], NOON)
    one, hundred = statements(range(1, 2)), statements(range(1_000, 1_100))
    assert hundred <= one + 1
    assert one <= 31


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_remembers_makes_the_next_batch_cheaper_and_is_forgotten_with_the_projects_version() -> None:
    organization = Organization.objects.create(slug="acme", name="Acme")
    shop = Project.objects.create(organization=organization, slug="shop", name="Shop")

    def statements(number: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            record_batch([digested(shop, number)], NOON)
        return len(queries)

    first, second = statements(0), statements(3)
    assert second < first
    Project.objects.filter(id=shop.id).update(config_generation=1)
    assert second < statements(6) < first
    assert Issue.objects.get().times_seen == 3


@pytest.mark.parametrize(
    "text", ['"', "\\", "{}", "NULL", "a,b", "'; DROP TABLE x; --", "%s", "ünï \U0001f600", " spaces "]
)
def test_any_text_arrives_as_it_was(world: World, text: str) -> None:
    record_batch([digested(world.shop, 1, title=text, tags={"tag": text}, release=text, user_identity=text)], NOON)
    issue = Issue.objects.get()
    assert issue.title == text
    assert [tag.tag.value for tag in issue.tags.select_related("tag")] == [text]
    assert Release.objects.get().version == text


@pytest.mark.parametrize("size", [1, 40, 250])
def test_a_spiking_issue_keeps_its_exact_count_and_a_sample_of_its_events(world: World, size: int) -> None:
    Project.objects.filter(id=world.shop.id).update(spike_events_per_hour=50)
    events = [digested(world.shop, n, occurred_at=NOON) for n in range(250)]
    recorded = []
    for start in range(0, 250, size):
        recorded += record_batch(events[start : start + size], NOON)
    record_batch([digested(world.shop, 1_000, "another")], NOON)
    issue = Issue.objects.get(number=1)
    assert (issue.times_seen, issue.users_affected) == (250, 3)
    assert IssueTag.objects.get(issue=issue, tag__key="level").times_seen == 250
    assert IssueHour.objects.get(issue=issue).events == 250
    stored = Event.objects.filter(issue=issue).count()
    assert stored == 50 + 2, "the first fifty, then every hundredth"
    assert [r.is_only_counted for r in recorded].count(True) == 250 - stored
    assert not any(r.is_duplicate for r in recorded)
    assert Event.objects.exclude(issue=issue).count() == 1
    world.shop.refresh_from_db()
    assert world.shop.stored_events == stored + 1


def test_a_new_hour_ends_a_spike(world: World) -> None:
    Project.objects.filter(id=world.shop.id).update(spike_events_per_hour=5)
    record_batch([digested(world.shop, n, occurred_at=NOON) for n in range(20)], NOON)
    later = NOON + timedelta(hours=1)
    record_batch([digested(world.shop, n, occurred_at=later) for n in range(100, 105)], later)
    assert Event.objects.count() == 5 + 5


def test_a_project_may_have_no_bound(world: World) -> None:
    Project.objects.filter(id=world.shop.id).update(spike_events_per_hour=0)
    record_batch([digested(world.shop, n) for n in range(20)], NOON)
    assert Event.objects.count() == 20


def test_keys_that_disagree_attach_to_the_first_and_propose_the_two_issues_as_one(world: World) -> None:
    record_batch([digested(world.shop, 1, grouping=Grouping([key_named("app-1"), key_named("sys-1", "sys")]))], NOON)
    record_batch([digested(world.shop, 2, grouping=Grouping([key_named("app-2"), key_named("sys-2", "sys")]))], NOON)
    torn = Grouping([key_named("app-2"), key_named("sys-1", "sys")])
    for number in (3, 4):
        record_batch([digested(world.shop, number, grouping=torn)], NOON)
    first, second = Issue.objects.order_by("id")
    assert (first.times_seen, second.times_seen) == (1, 3)
    suggestion = Suggestion.objects.get()
    assert (suggestion.issue, suggestion.other, suggestion.is_by_keys) == (second, first, True)
