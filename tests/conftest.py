"""The people and projects of tests: Alice owns, Bob is a member, Vera may look, Charlie is an outsider."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import override_settings
from pytest_django import DjangoDbBlocker, Settings

from tests.databases import own_database
from tests.templates import fill_memory, templates
from tracker.health.schema import forget_schema_check
from tracker.models import Member, Organization, Project, ProjectKey, Role, User
from tracker.record.dimensions import forget_dimensions
from tracker.record.disagreements import forget_disagreements
from tracker.record.issues import forget_keys
from tracker.rules.versions import forget_rules
from tracker.storage.payloads import forget_bases

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class World:
    acme: Organization
    shop: Project
    key: ProjectKey
    alice: User
    bob: User
    viewer: User
    charlie: User
    elsewhere: Organization
    secret: Project
    """Charlie's project in an organization of his own."""


def make_member(organization: Organization, email: str, role: Role) -> User:
    user = User.objects.create_user(email, PASSWORD, name=email.split("@")[0].capitalize())
    Member.objects.create(organization=organization, user=user, role=role)
    return user


@pytest.fixture(scope="session", autouse=True)
def no_collected_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages of this process load what is in `web/static`, whatever a server has collected beside it."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database that the tests of this process share is a copy of the one that the run has migrated."""
    if connection.vendor == "sqlite":
        connection_created.connect(_fill_first)
    else:
        connection.settings_dict["TEST"]["TEMPLATE"] = templates().migrated


def _fill_first(connection: Any, **_: object) -> None:
    """Of a process's databases in memory, the one with a name is the one that its tests share."""
    if connection.is_in_memory_db() and connection.settings_dict["NAME"] != ":memory:":
        connection_created.disconnect(_fill_first)
        fill_memory(connection.connection)


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """A slow hash protects people's passwords; here it would only make every test wait."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_memory() -> None:
    """Each test's database is rolled back and gives ids again, so what a worker remembers by id must go."""
    for forget in (forget_dimensions, forget_keys, forget_bases, forget_disagreements, forget_rules):
        forget()


@pytest.fixture
def own_tables(django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    """A migrated database of the test's own, whose tables it may change."""
    forget_schema_check()
    with django_db_blocker.unblock(), own_database(is_migrated=True) as database:
        yield database
    forget_schema_check()


@pytest.fixture
def world(db: None) -> World:
    acme = Organization.objects.create(slug="acme", name="Acme")
    elsewhere = Organization.objects.create(slug="elsewhere", name="Elsewhere")
    shop = Project.objects.create(organization=acme, slug="shop", name="Shop", platform="python")
    return World(
        acme=acme,
        shop=shop,
        key=ProjectKey.objects.create(project=shop),
        alice=make_member(acme, "alice@example.com", Role.OWNER),
        bob=make_member(acme, "bob@example.com", Role.MEMBER),
        viewer=make_member(acme, "vera@example.com", Role.VIEWER),
        charlie=make_member(elsewhere, "charlie@example.com", Role.OWNER),
        elsewhere=elsewhere,
        secret=Project.objects.create(organization=elsewhere, slug="secret", name="Secret"),
    )
