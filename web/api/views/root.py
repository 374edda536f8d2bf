"""Who am I, and what is this?"""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access import SCOPES
from tracker.models import ApiToken, User
from web.api.base import ApiView
from web.api.shapes.accounts import user_shape


class Root(ApiView):
    """The API's version, and whose token this is."""

    permission_classes = ()

    def get(self, request: Request) -> Response:
        if not isinstance(request.user, User):
            return Response({"version": "0", "user": None, "auth": None})
        scopes = request.auth.scopes if isinstance(request.auth, ApiToken) else list(SCOPES)
        return Response({"version": "0", "user": user_shape(request.user), "auth": {"scopes": scopes}})


class WhoAmI(ApiView):
    """The caller's own account."""

    def get(self, request: Request) -> Response:
        return Response(user_shape(self.me))


class Me(WhoAmI):
    """The caller's own account, where newer tools look for it."""


class Regions(ApiView):
    """Where one's organizations are kept: all of them here."""

    def get(self, request: Request) -> Response:
        return Response({"regions": [{"name": "here", "url": settings.BASE_URL}]})
