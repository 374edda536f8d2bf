"""Signing in and out, passwords and two-factor, with django-allauth's own flows."""

import base64
import hmac
import os
import re
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import PASSWORD, World
from tracker.accounts.people import password_reset_link
from tracker.models import User

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    answer = client.post("/accounts/login/", {"login": email, "password": password})
    return answer.status_code


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def test_a_member_signs_in_with_address_and_password(client: Client, world: World) -> None:
    assert sign_in(client, "alice@example.com") == 302
    assert client.get("/accounts/").status_code == 200


def test_the_address_may_be_typed_in_capitals(client: Client, world: World) -> None:
    assert sign_in(client, "Alice@Example.com") == 302


def test_a_wrong_password_says_so_and_names_neither_half(client: Client, world: World) -> None:
    known = client.post("/accounts/login/", {"login": "alice@example.com", "password": "wrong"})
    unknown = client.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    assert known.status_code == unknown.status_code == 200
    errors = [re.findall(rb"banner--bad.*?<p>(.*?)</p>", answer.content, re.DOTALL) for answer in (known, unknown)]
    assert errors[0] and errors[0] == errors[1]


def test_nobody_signs_up_without_an_invitation(client: Client, world: World) -> None:
    before = User.objects.count()
    client.post("/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.count() == before


def test_signing_out_takes_a_post(client: Client, world: World) -> None:
    client.force_login(world.alice)
    client.get("/accounts/logout/")
    assert client.get("/accounts/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/accounts/").status_code == 302


def test_a_deactivated_account_is_told_so_and_stays_out(client: Client, world: World) -> None:
    User.objects.filter(pk=world.bob.pk).update(is_active=False)
    sign_in(client, "bob@example.com")
    assert client.get("/accounts/").status_code == 302


def test_a_reset_link_sets_a_new_password_once(client: Client, world: World) -> None:
    link = path_of(password_reset_link(world.bob))
    form = client.get(link, follow=True)
    assert b"Choose a new password" in form.content
    new = "a wholly different passphrase"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert sign_in(Client(), "bob@example.com", new) == 302
    assert b"no longer works" in Client().get(link, follow=True).content


def test_the_mailed_link_names_the_configured_address_whatever_host_was_asked(
    client: Client, world: World, settings: Settings
) -> None:
    settings.BASE_URL = "https://errors.example.com"
    client.post("/accounts/password/reset/", {"email": "bob@example.com"}, headers={"host": "evil.example"})
    assert "https://errors.example.com/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body


def test_asking_for_a_reset_answers_the_same_for_known_and_unknown_addresses(client: Client, world: World) -> None:
    known = client.post("/accounts/password/reset/", {"email": "bob@example.com"}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert without_tokens(known) == without_tokens(unknown)


def test_where_no_mail_is_sent_the_page_says_who_can_help(client: Client, settings: Settings) -> None:
    settings.SENDS_MAIL = False
    page = client.get("/accounts/password/reset/").content.decode()
    assert "sends no mail" in page and "<form" not in page


def test_without_an_address_for_mail_nothing_is_sent_and_an_unknown_one_is_refused_at_the_start() -> None:
    show = "import tracker.config.settings as s; print(s.EMAIL_BACKEND, s.SENDS_MAIL)"
    for url, wanted in (("", "dummy.EmailBackend False"), ("smtp://u:p@mail.example:25", "OutboxBackend True")):
        finished = subprocess.run(
            [sys.executable, "-c", show], env={**os.environ, "EMAIL_URL": url}, capture_output=True, text=True
        )
        assert finished.stdout.strip().endswith(wanted), finished.stderr
    environment = {**os.environ, "EMAIL_URL": "gopher://mail.example"}
    refused = subprocess.run([sys.executable, "-c", show], env=environment, capture_output=True, text=True)
    assert refused.returncode and "EMAIL_URL" in refused.stderr


def without_tokens(answer: "Response") -> bytes:
    """The page without what differs at each rendering."""
    return re.sub(rb'"[A-Za-z0-9]{64}"', b"", answer.content)


def test_the_password_is_changed_with_the_old_one(client: Client, world: World) -> None:
    client.force_login(world.bob)
    new = "a wholly different passphrase"
    wrong = client.post("/accounts/password/change/", {"oldpassword": "no", "password1": new, "password2": new})
    assert wrong.status_code == 200 and b"field__error" in wrong.content
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert sign_in(Client(), "bob@example.com", new) == 302


def test_two_factor_asks_for_a_code_and_a_recovery_code_opens_once(client: Client, world: World) -> None:
    codes = turn_on_two_factor(client, world.bob)
    other = Client()
    answer = other.post("/accounts/login/", {"login": "bob@example.com", "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert other.get("/accounts/").status_code == 302
    assert other.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    other.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert other.get("/accounts/").status_code == 200
    again = Client()
    sign_in(again, "bob@example.com")
    again.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert again.get("/accounts/").status_code == 302


def confirm_password(client: Client, next_page: str) -> "Response":
    """Answer the page that asks for the password again; returns what comes after it."""
    return client.post(f"/accounts/reauthenticate/?next={next_page}", {"password": PASSWORD}, follow=True)


def turn_on_two_factor(client: Client, user: User) -> list[str]:
    """Set it up through the pages; returns the recovery codes."""
    sign_in(client, user.email)
    page = confirm_password(client, "/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})
    assert b"You are asked for a code" in client.get("/accounts/2fa/").content
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    return codes.partition('id="recovery-codes">')[2].partition("</pre>")[0].split()


def totp_code(secret: str) -> str:
    """The code of RFC 6238 for now: 6 digits, 30 seconds, SHA-1."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.mark.parametrize(
    "page",
    [
        *("/accounts/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"),
        *("/accounts/2fa/", "/accounts/2fa/totp/activate/"),
    ],
)
def test_every_page_of_one_s_account_opens(client: Client, world: World, page: str) -> None:
    sign_in(client, "alice@example.com")
    answer = confirm_password(client, page)
    assert answer.request["PATH_INFO"] == page
    assert answer.status_code == 200
    assert b"Stacktale" in answer.content


def test_a_change_of_address_asks_for_the_password_again(client: Client, world: World) -> None:
    sign_in(client, "bob@example.com")
    answer = client.post("/accounts/email/", {"email": "robert@example.com"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.filter(email="bob@example.com").exists()


def test_an_address_that_somebody_has_is_refused(client: Client, world: World) -> None:
    sign_in(client, "bob@example.com")
    confirm_password(client, "/accounts/email/")
    answer = client.post("/accounts/email/", {"email": "ALICE@example.com"})
    assert answer.status_code == 200 and b"field__error" in answer.content
    assert User.objects.filter(email="bob@example.com").exists()


def test_after_a_change_of_address_the_old_one_opens_nothing(client: Client, world: World) -> None:
    sign_in(client, "bob@example.com")
    confirm_password(client, "/accounts/email/")
    client.post("/accounts/email/", {"email": "robert@example.com"})
    assert sign_in(Client(), "bob@example.com") == 200
    assert sign_in(Client(), "robert@example.com") == 302


def test_guessing_passwords_is_slowed_down(client: Client, world: World) -> None:
    statuses = [sign_in(client, "alice@example.com", f"guess {number}") for number in range(40)]
    assert sign_in(client, "alice@example.com") != 302
    assert set(statuses) <= {200, 429}


@pytest.fixture(autouse=True)
def no_remembered_tries() -> Iterator[None]:
    """Tries are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()
