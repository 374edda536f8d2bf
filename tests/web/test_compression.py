"""Responses are compressed for clients that take it, and no secret is."""

import gzip
import re
from urllib.parse import urlsplit

import brotli
import pytest
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from tests.conftest import World
from tests.web.test_accounts import confirm_password, sign_in, turn_on_two_factor
from web.compression import LEAST_BYTES, CompressionMiddleware, best_coding, compress_with_brotli

TEXT = b"<p>The order could not be placed.</p>\n" * 100
BROWSER = "gzip, deflate, br, zstd"


def answer_with(response: HttpResponseBase, accepted: str = BROWSER, method: str = "GET") -> HttpResponseBase:
    request = RequestFactory().generic(method, "/o/acme/issues/", headers={"Accept-Encoding": accepted})
    return CompressionMiddleware(lambda _: response)(request)


def text_of(response: HttpResponseBase) -> bytes:
    assert isinstance(response, HttpResponse)
    decoders = {"br": brotli.decompress, "gzip": gzip.decompress}
    return bytes(decoders[response["Content-Encoding"]](response.content))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("deflate, zstd", None),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        (BROWSER, "br"),
        ("gzip;q=1.0, br;q=1.0", "br"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0,gzip;q=0", None),
        ("*", "br"),
        ("gzip;q=0.5, *;q=0.1", "gzip"),
        ("*;q=0", None),
        ("br;q=much, gzip;q=0.1", "gzip"),
        (";;;,=,q=", None),
    ],
)
def test_the_client_chooses(accepted: str, coding: str | None) -> None:
    assert best_coding(accepted) == coding


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_the_client_gets_the_same_text_with_its_length_and_caches_know(coding: str) -> None:
    original = HttpResponse(TEXT, headers={"Content-Length": str(len(TEXT)), "Vary": "Cookie", "ETag": '"1"'})
    response = answer_with(original, coding)
    assert isinstance(response, HttpResponse)
    assert text_of(response) == TEXT
    assert response["Content-Length"] == str(len(response.content))
    assert len(response.content) < len(TEXT) / 10
    assert response["Vary"] == "Cookie, Accept-Encoding"
    assert response["ETag"] == 'W/"1"'


@pytest.mark.parametrize("size", [1, 7, 1_000, 70_000, 1_000_000])
def test_brotli_s_random_length_is_passed_over_by_decoders(size: int) -> None:
    text = bytes(number * 7 % 251 for number in range(size))
    packed = [compress_with_brotli(text) for _ in range(30)]
    assert {brotli.decompress(one) for one in packed} == {text}
    assert len({len(one) for one in packed}) > 5


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_the_same_page_has_another_length_each_time(coding: str) -> None:
    answers = [answer_with(HttpResponse(TEXT, headers={"Content-Length": "3800"}), coding) for _ in range(30)]
    assert len({answer["Content-Length"] for answer in answers}) > 5


def test_who_takes_none_gets_the_text_and_caches_still_know() -> None:
    response = answer_with(HttpResponse(TEXT, headers={"ETag": '"1"'}), "")
    assert isinstance(response, HttpResponse)
    assert (response.content, response["Vary"], response["ETag"]) == (TEXT, "Accept-Encoding", '"1"')
    assert "Content-Encoding" not in response


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(TEXT[: LEAST_BYTES - 1]),
        HttpResponse(TEXT, content_type="image/png"),
        HttpResponse(TEXT, headers={"Content-Encoding": "zstd"}),
        HttpResponse(TEXT, headers={"Cache-Control": "no-transform"}),
        HttpResponse(TEXT, headers={"Cache-Control": "private, no-store"}),
        HttpResponse(TEXT, headers={"Content-Range": "bytes 0-3799/9000"}, status=206),
        HttpResponse(status=204),
    ],
)
def test_what_is_small_or_no_text_or_not_ours_to_change_stays_as_it_is(response: HttpResponse) -> None:
    before = (dict(response.items()), response.content)
    answered = answer_with(response)
    assert isinstance(answered, HttpResponse)
    assert (dict(answered.items()), answered.content) == before


def test_what_is_streamed_stays_as_it_is() -> None:
    response = answer_with(StreamingHttpResponse(iter([TEXT, TEXT]), content_type="text/plain"))
    assert isinstance(response, StreamingHttpResponse)
    assert "Content-Encoding" not in response
    assert b"".join(response) == TEXT * 2


def test_answers_to_a_post_which_may_show_a_secret_stay_as_they_are() -> None:
    assert "Content-Encoding" not in answer_with(HttpResponse(TEXT), method="POST")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/o/acme/issues/", "/api/0/organizations/acme/", "/api/0/schema/", "/nothing/here/"]
)
def test_pages_and_answers_of_the_api_are_compressed(client: Client, world: World, address: str) -> None:
    client.force_login(world.alice)
    plain = client.get(address)
    compressed = client.get(address, headers={"Accept-Encoding": BROWSER})
    assert len(plain.content) >= LEAST_BYTES
    assert compressed["Content-Encoding"] == "br"
    assert _without_csrf(text_of(compressed)) == _without_csrf(plain.content)


def _without_csrf(page: bytes) -> bytes:
    return re.sub(rb"[A-Za-z0-9]{64}", b"", page)


@pytest.mark.django_db
def test_a_csrf_token_is_another_in_every_answer(client: Client, world: World) -> None:
    client.force_login(world.alice)
    tokens = {re.findall(rb"[A-Za-z0-9]{64}", client.get("/o/acme/issues/").content)[0] for _ in range(3)}
    assert len(tokens) == 3


def test_no_other_site_loads_pages_as_somebody_signed_in() -> None:
    assert settings.SESSION_COOKIE_SAMESITE in ("Lax", "Strict")


@pytest.mark.django_db
def test_the_secret_and_the_codes_of_two_factor_are_not_compressed(world: World) -> None:
    alice, bob = (Client(headers={"Accept-Encoding": BROWSER}) for _ in range(2))
    sign_in(alice, "alice@example.com")
    page = confirm_password(alice, "/accounts/2fa/totp/activate/")
    assert page.context["form"].secret in page.content.decode()
    assert "Content-Encoding" not in page
    codes = turn_on_two_factor(bob, world.bob)
    page = bob.get("/accounts/2fa/recovery-codes/")
    assert codes[0] in page.content.decode()
    assert "Content-Encoding" not in page


@pytest.mark.django_db
def test_tokens_and_links_that_are_shown_once_are_not_compressed(world: World) -> None:
    client = Client(headers={"Accept-Encoding": BROWSER})
    client.force_login(world.alice)
    token = client.post("/o/acme/settings/tokens/", {"name": "ci", "scopes": ["event:read"]})
    invitation = client.post("/o/acme/settings/members/invite/", {"role": "member", "email": "new@example.com"})
    for page, secret in ((token, "new_token"), (invitation, "invitation_link")):
        assert page.context[secret]
        assert page.context[secret] in page.content.decode()
        assert "Content-Encoding" not in page
    welcome = Client(headers={"Accept-Encoding": BROWSER}).get(urlsplit(invitation.context["invitation_link"]).path)
    assert welcome.status_code == 200
    assert len(welcome.content) >= LEAST_BYTES
    assert "Content-Encoding" not in welcome
