"""Pages run nothing but their own files, and show what programs send as text, whatever it is."""

import logging
import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from tests.conftest import World
from tests.web.factories import BREAKOUT, happen, happen_poisoned
from web.security import HEADER, POLICY, ContentSecurityPolicyMiddleware
from web.views.site import server_error


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/o/acme/issues/", "/accounts/login/", "/nothing/here/"])
def test_every_page_brings_the_policy(client: Client, world: World, address: str) -> None:
    client.force_login(world.alice)
    assert client.get(address).headers[HEADER] == POLICY


def test_the_policy_allows_no_inline_script_or_style() -> None:
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY


def test_an_answer_with_a_policy_of_its_own_keeps_it() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={HEADER: "default-src 'none'"})

    response = ContentSecurityPolicyMiddleware(answer)(RequestFactory().get("/"))
    assert response.headers[HEADER] == "default-src 'none'"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "SHOP-1/", "SHOP-1/?frames=all&order=oldest", "SHOP-1/events/"])
def test_markup_in_every_field_of_an_event_is_text(client: Client, world: World, address: str) -> None:
    happen_poisoned(world.shop)
    client.force_login(world.alice)
    text = client.get("/o/acme/issues/" + address).content.decode()
    assert "<img" not in text
    assert "<script>" not in text
    assert not re.search(r"""href=["']?\s*javascript:""", text, re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "SHOP-1/", "SHOP-1/events/"])
def test_pages_have_no_inline_style_script_or_event_attribute(client: Client, world: World, address: str) -> None:
    happen(world.shop)
    client.force_login(world.alice)
    text = client.get("/o/acme/issues/" + address).content.decode()
    assert not re.search(r"<[^>]+\sstyle\s*=", text)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text


@pytest.mark.django_db
def test_a_query_is_shown_as_text(client: Client, world: World) -> None:
    client.force_login(world.alice)
    text = client.get("/o/acme/issues/", {"query": f"level:{BREAKOUT}", "project": BREAKOUT}).content.decode()
    assert "<img" not in text
    assert "<script>" not in text


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_so(client: Client) -> None:
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the password is hunter2")


urlpatterns = [path("broken/", break_down)]
handler500 = server_error


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_broken_page_shows_an_id_and_nothing_else(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = client.get("/broken/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "hunter2" not in text
    [error_id] = re.findall(r'class="mono">([0-9a-f]{12})<', text)
    assert error_id in caplog.text
    assert "hunter2" in caplog.text
