"""May this call? The token must carry a scope that the view names, and its user must have the scope's power."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tracker.models import ApiToken


def method_of(request: Request) -> str:
    """The method as scopes name it: who asks for a head or for options reads."""
    method = request.method or ""
    return "GET" if method in {"HEAD", "OPTIONS"} else method


class HasScope(BasePermission):
    """Signed in, and, with a token, one of `view.scopes[method]`; a person's session carries every scope."""

    message = "You do not have permission to perform this action."

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user is None or not request.user.is_authenticated:
            return False
        scopes: Mapping[str, Sequence[str]] = getattr(view, "scopes", {})
        sufficient = scopes.get(method_of(request), ())
        return (
            not isinstance(request.auth, ApiToken)
            or not sufficient
            or not set(sufficient).isdisjoint(request.auth.scopes)
        )
