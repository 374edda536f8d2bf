"""What granian gives an RSGI application, as far as it is used (granian's docs/spec/RSGI.md, version 1.5)."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, Protocol

Headers = list[tuple[str, str]]


class ScopeHeaders(Protocol):
    """Names are lower-case; values that are not printable ASCII are left out."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    """A request's head. `path` is decoded, as UTF-8; `client` and `server` are `address:port`."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> ScopeHeaders: ...


class Stream(Protocol):
    """The body of a response that is sent piece by piece; ended by forgetting it."""

    def send_bytes(self, data: bytes) -> Awaitable[None]:
        """Raises RuntimeError where the client is gone."""


class Proto(Protocol):
    """A request's body and its response.

    Called, it returns the whole body. Iterated, it gives pieces and at the end an empty one; where the client went away
    early, there is an empty one more.
    """

    def __call__(self) -> Awaitable[bytes]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_empty(self, status: int, headers: Headers) -> None: ...

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...

    def response_file(self, status: int, headers: Headers, file: str) -> None: ...

    def response_stream(self, status: int, headers: Headers) -> Stream: ...
