"""People act while events come in: nobody waits in a circle, nothing is lost or counted twice."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tracker.errors import DomainError
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.issues.status import ArchiveFor
from tracker.models import Activity, ActivityKind, Event, Issue, IssueHour
from tracker.record.batch import record_batch

ROUNDS = 25
GROUPS = 6

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]


def numbers_from(first: int) -> Iterator[int]:
    return iter(range(first, first + 1_000_000))


def together(*acts: Callable[[int], object]) -> list[Exception]:
    """Do each of the acts `ROUNDS` times, all at once; returns what went wrong."""
    failures: list[Exception] = []

    def repeat(act: Callable[[int], object]) -> None:
        try:
            for turn in range(ROUNDS):
                act(turn)
        except Exception as failure:
            failures.append(failure)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_recording_resolving_and_merging_at_the_same_time(world: World) -> None:
    record_batch([digested(world.shop, number, f"group {number % GROUPS}") for number in range(60)], NOON)

    def recorder(first: int) -> Callable[[int], object]:
        numbers = numbers_from(first)

        def record(turn: int) -> object:
            batch = [digested(world.shop, next(numbers), f"group {n % GROUPS}") for n in range(12)]
            batch.append(digested(world.shop, next(numbers), f"new {first} {turn}"))
            return record_batch(batch, NOON)

        return record

    def visible() -> list[Issue]:
        return list(Issue.objects.filter(merged_into=None).order_by("?")[:5])

    def triage(turn: int) -> None:
        done = actions.resolve(visible(), ResolveIn(), by=world.alice, now=NOON + timedelta(days=1))
        actions.archive(visible(), ArchiveFor(events=10_000), by=world.bob, now=NOON)
        actions.undo(done.activity_ids, by=world.alice, now=NOON)

    def merge(turn: int) -> None:
        into, *others = visible()
        try:
            done = actions.merge(others[:2], into, by=world.alice, now=NOON)
        except DomainError:
            return
        if turn % 2:
            actions.undo(done.activity_ids, by=world.alice, now=NOON)

    failures = together(recorder(10_000), recorder(20_000), triage, merge)
    assert failures == []
    assert Activity.objects.filter(kind=ActivityKind.MERGED).exists()
    assert Event.objects.count() == 60 + 2 * ROUNDS * 13
    for issue in Issue.objects.filter(merged_into=None):
        events = Event.objects.filter(issue=issue).count()
        assert issue.times_seen == events
        assert sum(IssueHour.objects.filter(issue=issue).values_list("events", flat=True)) == events
    assert not Event.objects.exclude(issue__merged_into=None).exists()
