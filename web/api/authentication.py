"""May this call be made? The token must carry a scope that the view names, and its user must have the scope's power."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tracker.accounts.people import find_token
from tracker.models import ApiToken, User


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`; older tools say `Token <token>`, the oldest `Basic` with the token as user."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        keyword, _, credentials = get_authorization_header(request).decode("latin-1").partition(" ")
        match keyword.lower():
            case "bearer" | "token":
                text = credentials.strip()
            case "basic":
                text = _user_of_basic(credentials.strip())
            case _:
                return None
        token = find_token(text, now=timezone.now())
        if token is None:
            raise AuthenticationFailed("Invalid token")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _user_of_basic(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class BrowserSession(SessionAuthentication):
    """The session of anyone who is signed in to the pages; writes need the CSRF token."""


ANY_SCOPE: Sequence[str] = ()
"""For what shows a caller only what is their own: any token will do, whatever its scopes."""


def method_of(request: Request) -> str:
    """The method as scopes name it: who asks for a head or for options reads."""
    method = request.method or ""
    return "GET" if method in {"HEAD", "OPTIONS"} else method


class HasScope(BasePermission):
    """Signed in, and, with a token, one of `view.scopes[method]`; a person's session carries every scope.

    A method for which the view names no scopes is closed to everybody. One that the view does not have is left to the
    view, which responds with 405.
    """

    message = "You do not have permission to perform this action."

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user is None or not request.user.is_authenticated:
            return False
        if not hasattr(view, (request.method or "").lower()):
            return True
        scopes: Mapping[str, Sequence[str]] = getattr(view, "scopes", {})
        sufficient = scopes.get(method_of(request))
        if sufficient is None:
            return False
        if sufficient == ANY_SCOPE or not isinstance(request.auth, ApiToken):
            return True
        return not set(sufficient).isdisjoint(request.auth.scopes)
