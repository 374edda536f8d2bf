"""Founding, inviting, roles, tokens, lost passwords."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.forms import UserTokenForm
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError

from tests.conftest import World
from tracker.accounts.people import (
    AccountError,
    accept_invitation,
    create_organization,
    create_token,
    find_token,
    invite,
    join,
    open_invitation,
    password_reset_link,
    remove_member,
    set_role,
)
from tracker.models import ApiToken, Invitation, Member, Role, User

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD_PASSWORD = "a long walk home"


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_an_organization_starts_with_its_owner(world: World) -> None:
    organization = create_organization("Acme", world.charlie)
    assert organization.slug == "acme-2"
    assert Member.objects.get(organization=organization).role == Role.OWNER


def test_an_invitation_makes_an_account_and_a_membership(world: World) -> None:
    token = token_in(invite(world.acme, Role.VIEWER, by=world.alice, now=NOW, email="Dora@Example.com"))
    invitation = open_invitation(token, now=NOW)
    assert invitation is not None
    assert invitation.email == "dora@example.com"
    dora = accept_invitation(token, "Dora@Example.com", "Dora", GOOD_PASSWORD, now=NOW)
    assert dora.email == "dora@example.com"
    assert not dora.is_superuser
    assert Member.objects.get(user=dora).role == Role.VIEWER
    assert authenticate(None, email="dora@example.com", password=GOOD_PASSWORD) == dora


def test_a_link_works_once(world: World) -> None:
    token = token_in(invite(world.acme, Role.MEMBER, by=world.alice, now=NOW))
    accept_invitation(token, "dora@example.com", "Dora", GOOD_PASSWORD, now=NOW)
    assert open_invitation(token, now=NOW) is None
    with pytest.raises(AccountError, match="has been used"):
        accept_invitation(token, "emil@example.com", "Emil", GOOD_PASSWORD, now=NOW)


def test_a_link_is_over_after_seven_days(world: World) -> None:
    token = token_in(invite(world.acme, Role.MEMBER, by=world.alice, now=NOW))
    assert open_invitation(token, now=NOW + timedelta(days=6)) is not None
    assert open_invitation(token, now=NOW + timedelta(days=7)) is None


def test_a_refused_account_leaves_the_invitation_open(world: World) -> None:
    token = token_in(invite(world.acme, Role.MEMBER, by=world.alice, now=NOW))
    with pytest.raises(AccountError, match="sign in"):
        accept_invitation(token, "bob@example.com", "Bob", GOOD_PASSWORD, now=NOW)
    with pytest.raises(ValidationError):
        accept_invitation(token, "dora@example.com", "Dora", "password", now=NOW)
    assert open_invitation(token, now=NOW) is not None


def test_somebody_with_an_account_joins(world: World) -> None:
    token = token_in(invite(world.acme, Role.ADMIN, by=world.alice, now=NOW))
    assert join(token, world.charlie, now=NOW) == world.acme
    assert Member.objects.get(user=world.charlie, organization=world.acme).role == Role.ADMIN
    with pytest.raises(AccountError):
        join(token, world.charlie, now=NOW)


def test_an_invitation_does_not_change_the_role_of_a_member(world: World) -> None:
    token = token_in(invite(world.acme, Role.OWNER, by=world.alice, now=NOW))
    join(token, world.viewer, now=NOW)
    assert Member.objects.get(user=world.viewer).role == Role.VIEWER


def test_only_the_hash_of_an_invitation_is_kept(world: World) -> None:
    token = token_in(invite(world.acme, Role.MEMBER, by=world.alice, now=NOW))
    assert token not in Invitation.objects.get().token_hash


def test_the_last_owner_stays(world: World) -> None:
    alice = Member.objects.get(user=world.alice)
    with pytest.raises(AccountError, match="needs an owner"):
        set_role(alice, Role.MEMBER)
    with pytest.raises(AccountError, match="needs an owner"):
        remove_member(alice)
    set_role(Member.objects.get(user=world.bob), Role.OWNER)
    remove_member(alice)
    assert not Member.objects.filter(user=world.alice).exists()


def test_who_leaves_takes_their_tokens_along(world: World) -> None:
    create_token(world.bob, ["org:read"], organization=world.acme)
    remove_member(Member.objects.get(user=world.bob))
    assert not ApiToken.objects.exists()


def test_a_token_is_found_by_its_text_and_only_its_hash_is_kept(world: World) -> None:
    token, text = create_token(world.bob, ["event:read", "no:such"], name="ci")
    assert text.startswith("sntryu_")
    assert len(text) == 7 + 64
    assert token.scopes == ["event:read"]
    assert token.last_characters == text[-4:]
    assert text not in token.token_hash
    assert find_token(text, now=NOW) == token
    assert find_token(text + "0", now=NOW) is None


def test_the_token_of_an_organization_names_it_and_the_server(world: World) -> None:
    token, text = create_token(world.bob, ["org:ci"], organization=world.acme)
    kind, about, secret = text.split("_")
    assert kind == "sntrys"
    named = json.loads(base64.b64decode(about))
    assert (named["org"], named["url"]) == ("acme", "http://127.0.0.1:8000")
    assert len(base64.b64decode(secret + "=")) == 32
    assert find_token(text, now=NOW) == token


def test_the_use_of_a_token_is_noted_once_a_minute(world: World) -> None:
    token, text = create_token(world.bob, [])
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        find_token(text, now=NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=noted)


def test_the_token_of_a_closed_account_is_not_found(world: World) -> None:
    _, text = create_token(world.bob, ["event:read"])
    User.objects.filter(pk=world.bob.pk).update(is_active=False)
    assert find_token(text, now=NOW) is None


def test_a_password_reset_link_opens_for_its_user_until_the_password_changes(world: World) -> None:
    *_, segment = password_reset_link(world.bob).rstrip("/").split("/")
    user, key = segment.split("-", 1)
    assert UserTokenForm(data={"uidb36": user, "key": key}).is_valid()
    world.bob.set_password("another long walk")
    world.bob.save()
    assert not UserTokenForm(data={"uidb36": user, "key": key}).is_valid()
