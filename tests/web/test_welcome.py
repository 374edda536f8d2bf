"""The first run and invitations, by link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, World
from tracker.accounts.people import invite
from tracker.models import Invitation, Member, Organization, Role, User
from tracker.serve.setup import owner_link

pytestmark = pytest.mark.django_db

OWNER = {"organization": "Acme", "name": "Ada", "email": "Ada@Example.com", "password": PASSWORD}
GUEST = {"name": "Dora", "email": "dora@example.com", "password": PASSWORD}


def path_of(link: str | None) -> str:
    assert link is not None
    return "/" + link.split("/", 3)[3]


@pytest.fixture
def invitation(world: World) -> str:
    return path_of(invite(world.acme, Role.MEMBER, by=world.alice, now=timezone.now(), email="dora@example.com"))


def test_the_first_link_makes_the_owner_signs_in_and_leads_to_a_new_project(client: Client) -> None:
    answer = client.post(path_of(owner_link()), OWNER)
    assert answer["Location"] == "/o/acme/projects/new/"
    assert client.get(answer["Location"]).status_code == 200
    owner = User.objects.get()
    assert owner.email == "ada@example.com" and owner.is_superuser
    assert Member.objects.get().role == Role.OWNER


def test_the_owner_s_link_works_once(client: Client) -> None:
    link = path_of(owner_link())
    client.post(link, OWNER)
    assert Client().get(link).status_code == 404
    assert Client().post(link, {**OWNER, "email": "eve@example.com"}).status_code == 404
    assert User.objects.count() == 1


def test_a_weak_password_is_refused_with_the_reason_and_the_link_goes_on(client: Client) -> None:
    link = path_of(owner_link())
    answer = client.post(link, {**OWNER, "password": "12345"})
    assert answer.status_code == 200 and b"too short" in answer.content
    assert not User.objects.exists() and not Organization.objects.exists()
    assert client.post(link, OWNER).status_code == 302


@pytest.mark.parametrize("missing", ["organization", "name", "email", "password"])
def test_every_field_of_the_first_run_is_asked_for(client: Client, missing: str) -> None:
    answer = client.post(path_of(owner_link()), {**OWNER, missing: ""})
    assert answer.status_code == 200 and b"field__error" in answer.content
    assert not User.objects.exists()


def test_an_invitation_makes_a_member_and_shows_whom_it_is_for(client: Client, world: World, invitation: str) -> None:
    page = client.get(invitation)
    assert b"Join Acme" in page.content and b'value="dora@example.com"' in page.content
    answer = client.post(invitation, GUEST)
    assert answer["Location"] == "/"
    assert Member.objects.get(user__email="dora@example.com", organization=world.acme).role == Role.MEMBER
    assert not User.objects.get(email="dora@example.com").is_superuser


def test_somebody_with_an_account_joins_with_it(client: Client, world: World, invitation: str) -> None:
    client.force_login(world.charlie)
    assert b"Join Acme?" in client.get(invitation).content
    assert not Member.objects.filter(user=world.charlie, organization=world.acme).exists()
    client.post(invitation)
    assert Member.objects.get(user=world.charlie, organization=world.acme).role == Role.MEMBER


def test_an_address_that_has_an_account_is_told_to_sign_in(client: Client, world: World, invitation: str) -> None:
    answer = client.post(invitation, {**GUEST, "email": "alice@example.com"})
    assert answer.status_code == 200 and b"sign in, then open the link again" in answer.content
    assert client.get("/accounts/").status_code == 302


def test_a_link_that_is_over_or_made_up_opens_nothing(client: Client, world: World, invitation: str) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert client.get(invitation).status_code == 404
    assert client.get("/welcome/made-up/").status_code == 404
    assert b"Acme" not in client.get(invitation).content
