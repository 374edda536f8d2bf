"""The world that tests live in: Alice owns, Bob is a member, Vera may look, Charlie is a stranger."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import override_settings
from pytest_django import Settings

from tracker.models import Member, Organization, Project, ProjectKey, Role, User
from tracker.record.dimensions import forget_dimensions
from tracker.record.disagreements import forget_disagreements
from tracker.record.issues import forget_keys
from tracker.rules.versions import forget_rules
from tracker.storage.payloads import forget_bases

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
