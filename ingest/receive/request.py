"""A request at the machines' door, and the answer to it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from ingest.errors import Malformed
from ingest.receive.routes import Route

_QUERY_FIELDS_LIMIT = 100


@dataclass(frozen=True)
class Request:
    """One request; `received_at` is seconds since 1970 by the server's clock."""

    route: Route
    environ: Mapping[str, Any] = field(repr=False)
    received_at: float

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    def header(self, name: str) -> str:
        """The value of a header in its CGI spelling (`HTTP_X_SENTRY_AUTH`, `CONTENT_TYPE`); empty where absent."""
        return str(self.environ.get(name, ""))

    @cached_property
    def query(self) -> dict[str, str]:
        """The query string's fields; of repeated ones the last. Raises Malformed."""
        text = self.header("QUERY_STRING")
        if not text:
            return {}
        try:
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_QUERY_FIELDS_LIMIT))
        except ValueError:
            raise Malformed(f"the query string has more than {_QUERY_FIELDS_LIMIT} fields") from None


@dataclass(slots=True, frozen=True)
class Answer:
    """Status, JSON body and the headers besides those that every answer has."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
