"""Whatever state of the migrations a database was made with, an upgrade leads to the tables of a new installation."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import DjangoDbBlocker

from tests.databases import own_database
from tests.tracker.landed_migrations import KEPT, MIGRATIONS, Landed, migrate, migrations_as_they_were, upgrades
from tests.tracker.old_rows import check_kept, fill
from tests.tracker.schema_facts import facts_of
from tracker.health.schema import WITHDRAWN, known_migrations
from tracker.health.schema_fit import find_misfits

RECORDED = KEPT / "hashes"
BEFORE_THE_REPAIR = "0015_tighter_pages"

pytestmark = pytest.mark.xdist_group("landed migrations")


@dataclass(frozen=True)
class Upgraded:
    """A database that was made with old texts of migrations, filled, and then migrated with today's."""

    database: BaseDatabaseWrapper
    misfits_before: set[str]
    fresh: set[str]
    """The schema of a new installation."""


@pytest.fixture(scope="module", params=upgrades(), ids=lambda landed: "+".join(one.name[:4] for one in landed))
def upgraded(
    request: pytest.FixtureRequest,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Upgraded]:
    landed: tuple[Landed, ...] = request.param
    folder = tmp_path_factory.mktemp("landed")
    with django_db_blocker.unblock():
        with own_database(is_migrated=True) as database:
            fresh = facts_of(database)
        with own_database(is_migrated=False) as database:
            with migrations_as_they_were([one for one in landed if one.name not in WITHDRAWN], folder) as last:
                fill(migrate(("tracker", last)))
            if withdrawn := [one for one in landed if one.name in WITHDRAWN]:
                with migrations_as_they_were(withdrawn, folder):
                    migrate()
            migrate(("tracker", BEFORE_THE_REPAIR))
            misfits = {str(misfit) for misfit in find_misfits(database)}
            migrate()
            yield Upgraded(database, misfits, fresh)


def test_old_tables_become_those_of_a_new_installation(upgraded: Upgraded) -> None:
    found = facts_of(upgraded.database)
    assert found - upgraded.fresh == set()
    assert upgraded.fresh - found == set()
    assert list(find_misfits(upgraded.database)) == []


def test_what_did_not_fit_was_seen_before(upgraded: Upgraded) -> None:
    assert upgraded.misfits_before >= {"tracker_event lacks the index on base_id", "tracker_job is missing"}


def test_rows_in_old_tables_are_kept(upgraded: Upgraded) -> None:
    check_kept()
    for model in apps.get_app_config("tracker").get_models():
        list(model._base_manager.all())


def test_a_migration_that_was_withdrawn_is_forgotten(upgraded: Upgraded) -> None:
    applied = MigrationRecorder(connection).migration_qs.filter(app="tracker").values_list("name", flat=True)
    assert set(applied) == known_migrations()


def test_what_was_repaired_stays_when_the_repair_is_taken_back_and_done_again(upgraded: Upgraded) -> None:
    migrate(("tracker", BEFORE_THE_REPAIR))
    migrate()
    assert facts_of(upgraded.database) == upgraded.fresh
    check_kept()


def test_a_landed_migration_is_never_edited() -> None:
    recorded = dict(line.split() for line in RECORDED.read_text().splitlines())
    for path in sorted(MIGRATIONS.glob("[0-9]*.py")):
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        assert path.stem in recorded, (
            f"{path.name} is new. When it is as it is to land, append this line to {RECORDED}:\n{path.stem} {found}"
        )
        assert recorded.pop(path.stem) == found, (
            f"{path.name} has been edited. Databases that have applied it would never get the change: take the edit "
            f"back, and bring the change in a new migration. Only where a module it imports has moved, and the tables "
            f"it makes stay what they were, write the new hash to {RECORDED}:\n{path.stem} {found}"
        )
    assert not recorded, f"landed migrations are gone, but databases have applied them: {', '.join(recorded)}"
