"""Every address, parameter and form field with what looks like a number and is none that a database holds: no 500."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from inspect import getmodule, getsource
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from django import forms
from django.db import transaction
from django.test import Client
from django.urls import resolve
from rest_framework import serializers

from tests.conftest import World
from tests.web.test_access_walk import ALL, PARAMETER, Places, places
from tracker.models import User

__all__ = ["places"]

pytestmark = pytest.mark.django_db

ODD = {
    "just too big": str(2**63),
    "40 digits": "9" * 40,
    "5,000 digits": "9" * 5_000,
    "hugely negative": "-" + "9" * 40,
    "Arabic digits": "٣",
    "superscript": "²",
}
FORMATS = ("{}", "0:{}:0", "before:{}")
"""How cursors hold numbers."""
QUERIES = "issue:{0} times_seen:>{0} first_seen:-{0}d SHOP-{0} project:{0}"
WEB = Path(__file__).parents[2] / "web"
READ = re.compile(r'(?:GET|POST|query_params)\.get(?:list)?\(\s*"(\w+)"')
NAMED = re.compile(r'\bname="(\w+)"')
PRESSED = re.compile(r'name="action" value="([\w:]+)')
DONE = re.compile(r'action(?:"\))? (?:==|in) (?:"(\w+)"|\(([^)]*)\))')
PAGES = [address for address in ALL if address.startswith(("o/", "administration/")) or address == "accounts/"]
API = [address for address in ALL if address.startswith("api/0/") and "schema" not in address and "rest" not in address]
NAMING = [address for address in ALL if PARAMETER.search(address) and "(?P<" not in address]


@cache
def parameter_names() -> tuple[str, ...]:
    """What any view reads from an address's query string or from a form by its name."""
    found = {name for path in WEB.rglob("*.py") for name in READ.findall(path.read_text())}
    found |= {name for path in WEB.rglob("*.html") for name in NAMED.findall(path.read_text())}
    return tuple(sorted(found - {"action", "csrfmiddlewaretoken"}))


@cache
def actions() -> tuple[str, ...]:
    """What any button says, or any view knows as an `action`."""
    pressed = {name for path in WEB.rglob("*.html") for name in PRESSED.findall(path.read_text())}
    known = {
        name
        for path in WEB.rglob("*.py")
        for one, several in DONE.findall(path.read_text())
        for name in (one, *re.findall(r'"(\w+)"', several))
        if name
    }
    return tuple(sorted(pressed | known))


def fields_of(module: ModuleType) -> set[str]:
    """The fields of the forms, or of the bodies, that a module of views uses."""
    names: set[str] = set()
    for used in vars(module).values():
        if isinstance(used, type) and issubclass(used, forms.BaseForm | serializers.Serializer):
            names |= set(getattr(used, "base_fields", {})) | set(getattr(used, "_declared_fields", {}))
    return names


@contextmanager
def taken_back() -> Iterator[None]:
    """What a request does is as if it had not been, so that the next one finds everything in its place."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def alice(client: Client, world: World) -> Client:
    """She owns the organization and administers the installation: nothing is kept from her."""
    User.objects.filter(pk=world.alice.pk).update(is_superuser=True)
    client.force_login(world.alice)
    return client


def expect_no_500(client: Client, method: str, address: str, body: Any = None, **parameters: Any) -> None:
    is_api = address.startswith("/api/")
    with taken_back():
        if method == "GET":
            answer = client.get(address, parameters)
        elif is_api:
            answer = client.generic(method, address, json.dumps(body or {}), content_type="application/json")
        else:
            answer = client.post(address, body)
    assert answer.status_code < 500, f"{method} {address} {str(body)[:300]} {str(parameters)[:300]}"


def test_the_walk_knows_many_names() -> None:
    assert {"issue", "activities", "suggestion", "cursor", "per_page", "count", "into"} <= set(parameter_names())
    assert {"archive:times", "merge", "unmerge", "bring_back", "reset_password", "limit"} <= set(actions())
    assert len(PAGES) > 30 and len(API) > 40


@pytest.mark.parametrize("address", NAMING)
def test_an_odd_number_in_an_address(alice: Client, places: Places, address: str) -> None:
    methods = ("GET", "PUT") if address.startswith("api/") else ("GET", "POST")
    for name in set(PARAMETER.findall(address)) & set(places.of):
        for odd in ODD.values():
            text = f"SHOP-{odd}" if name == "short_id" else odd
            filled = Places({**places.of, name: quote(text)}).fill(address)
            for method in methods:
                expect_no_500(alice, method, filled, {"action": "delete", "status": "resolved"})


@pytest.mark.parametrize("address", [*PAGES, *API])
def test_an_odd_number_in_a_query_string(alice: Client, places: Places, address: str) -> None:
    filled, names = places.fill(address), set(parameter_names()) - {"query"}
    for odd in ODD.values():
        for form in FORMATS:
            expect_no_500(alice, "GET", filled, **dict.fromkeys(names, form.format(odd)))
        if "issues" in address:
            for term in QUERIES.split():
                expect_no_500(alice, "GET", filled, query=term.format(odd))


@pytest.mark.parametrize("address", PAGES)
def test_an_odd_number_in_a_form(alice: Client, places: Places, address: str) -> None:
    filled, is_triage = places.fill(address), address.endswith("issues/triage/")
    module = getmodule(resolve(filled).func)
    assert module is not None
    fields = {*parameter_names(), *fields_of(module)}
    known = [action for action in actions() if f'"{action.partition(":")[0]}"' in getsource(module)] or [""]
    for odd in ODD.values():
        form: dict[str, object] = dict.fromkeys(fields, odd)
        if is_triage:
            expect_no_500(alice, "POST", filled, {**form, "action": "resolve:now"})
            form["issue"] = places.of["issue"]
            for verb in ("assign", "archive:times", "archive:hours", "archive"):
                expect_no_500(alice, "POST", filled, {**form, "action": f"{verb}:{odd}"})
        for action in known:
            expect_no_500(alice, "POST", filled, {**form, "action": action})


@pytest.mark.parametrize("address", API)
def test_an_odd_number_in_a_body(alice: Client, places: Places, address: str) -> None:
    filled = places.fill(address)
    view: Any = getattr(resolve(filled).func, "cls", None)
    for method, body in getattr(view, "inputs", {}).items():
        names = set(body().fields)
        for odd in ODD.values():
            expect_no_500(alice, method, filled, dict.fromkeys(names, odd))
            for name in names:
                expect_no_500(alice, method, filled, {name: odd})
        for number in (2**63, -(2**63) - 1, 10**18, 1e300):
            expect_no_500(alice, method, filled, dict.fromkeys(names, number))
            details = dict.fromkeys(("ignoreCount", "ignoreUserCount", "ignoreDuration"), number)
            expect_no_500(alice, method, filled, {"status": "ignored", "statusDetails": details})
