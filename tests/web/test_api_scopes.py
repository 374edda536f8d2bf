"""Every view of the API names, for each of its methods, the scopes that suffice; what names none is closed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import force_authenticate

from tests.conftest import World
from tests.web.api_caller import Caller
from tracker.accounts.access import SCOPES
from tracker.models import ApiToken
from web.api.authentication import ANY_SCOPE
from web.api.base import ApiView
from web.api.views.organizations import Root

METHODS = ("get", "post", "put", "patch", "delete")
FOR_EVERYBODY = {Root}
"""It tells nobody anything but the version, and a token what it may."""


def views(resolver: URLResolver) -> Iterator[type[ApiView]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None)
            if view is not None and issubclass(view, ApiView):
                yield view
        else:
            yield from views(pattern)


VIEWS = sorted(set(views(get_resolver())), key=lambda view: view.__qualname__)
HANDLERS = [(view, method) for view in VIEWS for method in METHODS if hasattr(view, method)]


def test_there_are_many_views() -> None:
    assert len(VIEWS) > 40 and len(HANDLERS) > 60


@pytest.mark.parametrize(("view", "method"), HANDLERS, ids=lambda part: getattr(part, "__name__", part))
def test_every_method_of_every_view_names_its_scopes(view: type[ApiView], method: str) -> None:
    if view in FOR_EVERYBODY:
        return
    assert view.permission_classes == ApiView.permission_classes, "whose permission is asked is decided in one place"
    scopes = view.scopes.get(method.upper())
    assert scopes is not None, "closed to everybody: name the scopes"
    assert set(scopes) <= set(SCOPES)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_no_view_names_scopes_for_a_method_that_it_does_not_have(view: type[ApiView]) -> None:
    inherited = {method for base in view.__mro__[1:] for method in getattr(base, "scopes", {})}
    assert all(hasattr(view, method.lower()) or method in inherited for method in view.scopes)


class Forgetful(ApiView):
    """Names scopes for reading and forgets them for writing."""

    scopes = {"GET": ANY_SCOPE}

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({})


class Silent(ApiView):
    """Names none at all."""

    def get(self, request: Request) -> Response:
        return Response({})


def status_of(view: type[ApiView], method: str, world: World, *, with_token: bool) -> int:
    """What the owner is answered, with a token that may everything or with the session of a browser."""
    request = RequestFactory().generic(method, "/")
    token: Any = ApiToken(user=world.alice, scopes=list(SCOPES)) if with_token else None
    force_authenticate(request, world.alice, token)
    return int(view.as_view()(request).status_code)


@pytest.mark.parametrize("with_token", [True, False])
def test_a_method_without_scopes_is_closed_to_everybody(world: World, with_token: bool) -> None:
    assert status_of(Forgetful, "GET", world, with_token=with_token) == 200
    assert status_of(Forgetful, "POST", world, with_token=with_token) == 403
    for method in ("GET", "HEAD", "OPTIONS"):
        assert status_of(Silent, method, world, with_token=with_token) in {403, 405}


def test_a_method_that_a_view_does_not_have_is_said_to_be_none(world: World) -> None:
    assert status_of(Forgetful, "DELETE", world, with_token=True) == 405


def test_any_token_may_ask_whose_it_is(world: World) -> None:
    caller = Caller(world.bob, "event:read")
    for path in ("auth/", "users/me/", "users/me/regions/"):
        caller.get(path)
        assert caller.status == 200, path
    assert Client().get("/api/0/auth/").status_code == 401
