"""A program that calls the API with a token."""

import re
from collections.abc import Iterator
from typing import Any

from django.test import Client

from tracker.accounts.access import SCOPES
from tracker.accounts.people import create_token
from tracker.models import Organization, User

_LINK = re.compile(r'<(?P<url>[^>]+)>; rel="(?P<rel>\w+)"; results="(?P<results>\w+)"; cursor="(?P<cursor>[^"]*)"')


class Caller:
    """Responses of the API as JSON; `status` and `headers` are those of the last one."""

    def __init__(self, user: User, *scopes: str, organization: Organization | None = None) -> None:
        _, self.token = create_token(user, scopes or SCOPES, organization=organization)
        self.authorization = f"Bearer {self.token}"
        self.client = Client()
        self.status = 0
        self.headers: Any = {}

    def call(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        request = getattr(self.client, method)
        kwargs: dict[str, Any] = {"headers": {"Authorization": self.authorization}}
        if parameters:
            kwargs["query_params"] = parameters
        if method in {"post", "put"}:
            kwargs |= {"data": {} if body is None else body, "content_type": "application/json"}
        response = request(f"/api/0/{path}", **kwargs)
        self.status, self.headers = response.status_code, response.headers
        return response.json() if response.content else None

    def get(self, path: str, **parameters: Any) -> Any:
        return self.call("get", path, **parameters)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("post", path, body)

    def put(self, path: str, body: Any = None, **parameters: Any) -> Any:
        return self.call("put", path, body, **parameters)

    def delete(self, path: str, **parameters: Any) -> Any:
        return self.call("delete", path, **parameters)

    def link(self, relation: str) -> re.Match[str]:
        """The link of the last response."""
        return next(match for match in _LINK.finditer(self.headers["Link"]) if match["rel"] == relation)

    def pages(self, path: str, **parameters: Any) -> Iterator[Any]:
        """Every page, by following `next`."""
        yield self.get(path, **parameters)
        while self.link("next")["results"] == "true":
            yield self.get(path, **parameters | {"cursor": self.link("next")["cursor"]})
