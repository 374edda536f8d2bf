"""Who calls: a program with a token, or a person's browser."""

import base64
import binascii

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tracker.accounts import find_token
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
    """The session of whoever is signed in to the pages; writes need the CSRF token."""
