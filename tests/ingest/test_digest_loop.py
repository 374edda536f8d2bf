"""What goes wrong with a batch, and what becomes of the entries then: nothing is lost, nothing stops the others."""

import re
import time
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from ingest.digest.batch import write_dead_letter
from ingest.digest.loop import MAX_LONE_TRIES, DatabaseAway, Digester
from ingest.digest.watchdog import Watchdog
from tests.conftest import World
from tests.ingest.digest_setup import ListSpool, entry, event, outcomes
from tracker.models import DeadLetter, Event, GroupingRules, Issue
from tracker.spool import Claimed, Entry, SpoolUnavailable

pytestmark = pytest.mark.django_db(transaction=True)

POISON = "this one breaks the database"
SQLITE_TRIGGER = (
    f"CREATE TRIGGER poison BEFORE INSERT ON tracker_issue WHEN NEW.title = '{POISON}' "
    "BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
)
POSTGRES_TRIGGER = f"""
CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.title = '{POISON}' THEN RAISE EXCEPTION 'poisoned'; END IF; RETURN NEW; END $$;
CREATE TRIGGER poison BEFORE INSERT ON tracker_issue FOR EACH ROW EXECUTE FUNCTION poison();
"""


@pytest.fixture
def database_that_refuses_poison(transactional_db: None) -> Iterator[None]:
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(POSTGRES_TRIGGER if is_postgres else SQLITE_TRIGGER)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER poison ON tracker_issue" if is_postgres else "DROP TRIGGER poison")
        if is_postgres:
            cursor.execute("DROP FUNCTION poison")


def test_the_spool_is_emptied_in_batches(world: World, settings: Settings) -> None:
    spool = ListSpool([entry(world, event(f"message {'x' * number}")) for number in range(25)])
    settings.DIGEST_BATCH = 10
    assert Digester(spool).run(60)
    assert (spool.size(), Event.objects.count()) == (0, 25)


def test_a_run_that_takes_too_long_leaves_the_rest_to_the_next(world: World, settings: Settings) -> None:
    spool = ListSpool([entry(world, event()) for _ in range(3)])
    settings.DIGEST_BATCH = 1
    assert not Digester(spool).run(0)
    assert spool.size() == 2


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.usefixtures("database_that_refuses_poison")
def test_a_poisonous_entry_is_found_and_becomes_a_dead_letter_and_all_others_are_stored(
    world: World, place: int
) -> None:
    entries = [entry(world, event(f"good {'x' * number}")) for number in range(6)]
    entries.insert(place, entry(world, event(POISON)))
    spool = ListSpool(entries)
    assert Digester(spool).run(60)
    assert (spool.size(), Event.objects.count()) == (0, 6)
    aside = DeadLetter.objects.get()
    assert "poisoned" in aside.error
    assert (aside.project, bytes(aside.body)) == (world.shop, entries[place].body)
    assert outcomes() == {
        ("error", "received", ""): 7,
        ("error", "stored", ""): 6,
        ("error", "invalid", "set_aside"): 1,
    }


def test_entries_that_were_claimed_again_and_again_are_digested_one_by_one(world: World) -> None:
    spool = ListSpool([entry(world, event()) for _ in range(3)])
    spool.claim(3)
    assert Digester(spool).run(60)
    assert (spool.size(), Event.objects.count(), DeadLetter.objects.count()) == (0, 3, 0)
    assert outcomes() == {("error", "received", ""): 3, ("error", "stored", ""): 3}


@pytest.mark.usefixtures("database_that_refuses_poison")
def test_a_suspect_that_the_database_refuses_becomes_a_dead_letter_with_the_reason(world: World) -> None:
    spool = ListSpool([entry(world, event(POISON)), entry(world, event("good"))])
    spool.claim(2)
    assert Digester(spool).run(60)
    assert (spool.size(), Event.objects.count()) == (0, 1)
    assert "poisoned" in DeadLetter.objects.get().error


@pytest.mark.parametrize(("deaths", "titles"), [(MAX_LONE_TRIES - 1, ["deadly", "good"]), (MAX_LONE_TRIES, ["good"])])
def test_an_entry_is_tried_alone_so_often_until_nobody_blames_a_power_cut(
    world: World, deaths: int, titles: list[str]
) -> None:
    spool = ListSpool([entry(world, event("deadly")), entry(world, event("good"))])
    for _ in range(deaths):
        spool.begin_lone_try(spool.claim(2)[0])
    assert Digester(spool).run(60)
    assert sorted(Issue.objects.values_list("title", flat=True)) == titles
    assert DeadLetter.objects.count() == outcomes().get(("error", "invalid", "set_aside"), 0) == 2 - len(titles)
    assert spool.size() == 0


def test_an_entry_over_which_the_hard_limit_stopped_a_worker_is_a_dead_letter_that_tells_the_place(
    world: World, tmp_path: Path
) -> None:
    spool = ListSpool([entry(world, event("deadly")), entry(world, event("good"))])
    spool.begin_lone_try(spool.claim(2)[0])
    (tmp_path / spool.worker).write_text('File "re.py", line 1 in match')
    assert Digester(spool, Watchdog(tmp_path, "next", 60)).run(60)
    assert list(Issue.objects.values_list("title", flat=True)) == ["good"]
    assert "re.py" in DeadLetter.objects.get().error
    assert outcomes()["error", "invalid", "set_aside"] == 1


class DatabaseOff:
    """Refuses statements as a database does that is away, or only those that begin in a certain way."""

    def __init__(self, beginning: str = "") -> None:
        self._beginning = beginning

    def __enter__(self) -> None:
        self._context = connection.execute_wrapper(self._refuse)
        self._context.__enter__()

    def __exit__(self, *failure: object) -> None:
        self._context.__exit__(None, None, None)

    def _refuse(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if sql.startswith(self._beginning):
            raise OperationalError("the database system is shutting down")
        return execute(sql, params, many, context)


def test_while_the_database_is_away_entries_wait_and_none_is_blamed(world: World) -> None:
    spool = ListSpool([entry(world, event()) for _ in range(3)])
    digester = Digester(spool)
    for _ in range(10):
        with pytest.raises(DatabaseAway), DatabaseOff():
            digester.run(60)
    assert spool.size() == 3
    assert digester.run(60)
    assert (Event.objects.count(), DeadLetter.objects.count()) == (3, 0)


def test_waiting_for_the_database_makes_no_entry_suspicious(world: World) -> None:
    spool = ListSpool([entry(world, event())])
    digester = Digester(spool)
    for _ in range(10):
        with pytest.raises(DatabaseAway), DatabaseOff():
            digester.run(60)
    assert [each.attempts for each in spool.waiting] <= [1]


def test_a_statement_that_fails_once_is_tried_again(world: World) -> None:
    spool = ListSpool([entry(world, event())])
    failures = iter([OperationalError("deadlock detected")])

    def fail_once(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "tracker_event" in sql and (failure := next(failures, None)) is not None:
            raise failure
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_once):
        assert Digester(spool).run(60)
    assert (Event.objects.count(), DeadLetter.objects.count()) == (1, 0)


def test_what_a_failed_batch_invented_is_not_remembered(world: World) -> None:
    fields = {"release": "shop@9", "environment": "prod", "user": {"id": "7"}, "tags": {"a": "b"}}
    spool = ListSpool([entry(world, event("first", **fields))])
    failures = iter([OperationalError("connection lost")])

    def fail_late(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "outcomecount" in sql and (failure := next(failures, None)) is not None:
            raise failure
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_late):
        assert Digester(spool).run(60)
    stored = Event.objects.select_related("release", "environment", "user", "issue").get()
    assert stored.release is not None and stored.release.version == "shop@9"
    assert stored.environment is not None and stored.environment.name == "prod"


def test_an_error_that_quotes_bytes_no_database_takes_is_kept_all_the_same(world: World) -> None:
    (claimed,) = ListSpool([entry(world, event())]).claim(1)
    write_dead_letter(claimed, ValueError("a\0b\ud800"), datetime.now(UTC))
    assert DeadLetter.objects.get().error == "ValueError: ab?"


def test_settings_of_a_project_that_make_no_sense_blame_no_entry(world: World) -> None:
    world.shop.scrub_fields = {"not": "a list"}
    world.shop.save()
    spool = ListSpool([entry(world, event())])
    assert Digester(spool).run(60)
    assert (Event.objects.count(), DeadLetter.objects.count()) == (1, 0)


def test_rules_that_cannot_be_read_any_more_blame_no_entry(world: World) -> None:
    GroupingRules.objects.create(project=world.shop, version=1, fingerprint_rules="this is ] no rule")
    spool = ListSpool([entry(world, event())])
    assert Digester(spool).run(60)
    assert (Event.objects.count(), DeadLetter.objects.count()) == (1, 0)


def test_an_entry_that_breaks_the_reading_becomes_a_dead_letter_and_stops_no_other(world: World) -> None:
    broken = Entry(world.shop.pk, world.key.pk, time.time(), "gzip", array("B", b"no bytes"))  # type: ignore[arg-type]
    spool = ListSpool([entry(world, event("before")), broken, entry(world, event("after"))])
    assert Digester(spool).run(60)
    assert (spool.size(), Event.objects.count()) == (0, 2)


def test_a_batch_that_another_worker_may_have_by_now_is_rolled_back_and_claimed_anew(world: World) -> None:
    class Overtaken(ListSpool):
        """Loses its first claim while the batch is recorded."""

        claims = 0

        def claim(self, limit: int) -> list[Claimed]:
            self.claims += 1
            return super().claim(limit)

        def is_held(self) -> bool:
            return self.claims > 1

    spool = Overtaken([entry(world, event("one")), entry(world, event("two"))])
    assert Digester(spool).run(60)
    assert spool.claims > 1
    assert (spool.size(), Event.objects.count()) == (0, 2)
    assert outcomes() == {("error", "received", ""): 2, ("error", "stored", ""): 2}


def test_a_commit_whose_answer_never_came_is_not_counted_twice(world: World) -> None:
    spool = ListSpool([entry(world, event())])
    failures = iter([OperationalError("connection lost")])

    def lose_the_answer() -> None:
        if (failure := next(failures, None)) is not None:
            raise failure

    def fail_after_commit(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "outcomecount" in sql:
            transaction.on_commit(lose_the_answer)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_after_commit):
        assert Digester(spool).run(60)
    assert outcomes() == {("error", "received", ""): 1, ("error", "stored", ""): 1}


def test_entries_over_which_the_database_went_away_are_still_digested_as_a_batch(world: World) -> None:
    spool = ListSpool()
    digester = Digester(spool)
    digester.run(60)
    for _ in range(3):
        spool.append(entry(world, event()))
    with pytest.raises(DatabaseAway), DatabaseOff("INSERT"):
        digester.run(60)
    with CaptureQueriesContext(connection) as queries:
        assert digester.run(60)
    batches = [query for query in queries if re.match(r'INSERT INTO "?tracker_event\b', query["sql"])]
    assert (len(batches), Event.objects.count()) == (1, 3)


def test_a_lone_try_that_the_database_ends_by_going_away_does_not_count(world: World) -> None:
    spool = ListSpool()
    digester = Digester(spool)
    digester.run(60)
    spool.append(entry(world, event()))
    spool.claim(1)
    with pytest.raises(DatabaseAway), DatabaseOff("INSERT"):
        digester.run(60)
    assert [each.tried_alone_by for each in spool.waiting] == [()]
    assert digester.run(60)
    assert (Event.objects.count(), DeadLetter.objects.count()) == (1, 0)


class ForgetfulSpool(ListSpool):
    """A spool that is away whenever it is to hear what is done, until it is back."""

    is_back = False

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(entries)
        self.acknowledged: list[str] = []

    def ack(self, ids: Sequence[str]) -> None:
        if not self.is_back:
            raise SpoolUnavailable("gone")
        self.acknowledged += ids
        super().ack(ids)


def test_what_the_spool_did_not_hear_of_is_said_again_before_anything_else_is_recorded(
    world: World, settings: Settings
) -> None:
    settings.DIGEST_BATCH = 1
    spool = ForgetfulSpool([entry(world, event("first")), entry(world, event("second"))])
    first, second = (each.id for each in spool.waiting)
    digester = Digester(spool)
    with pytest.raises(SpoolUnavailable):
        digester.run(60)
    # Another worker has taken the first one over, so that it does not come again.
    del spool.waiting[0]
    with pytest.raises(SpoolUnavailable):
        digester.run(60)
    assert Event.objects.count() == 1
    spool.is_back = True
    assert digester.run(60)
    assert spool.acknowledged == [first, second]
    assert Event.objects.count() == 2
