"""A request to the ingest endpoint, and the response to it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from ingest.errors import Malformed
from tracker.storage.numbers import number_in

ENDPOINTS: Mapping[str, str] = {
    "envelope": "",
    "store": "",
    "security": "",
    "csp-report": "",
    "nel": "",
    "minidump": "minidumps",
    "unreal": "Unreal Engine crash reports",
    "events": "attachments outside an envelope",
    "cron": "check-ins outside an envelope",
    "otlp": "OpenTelemetry data",
    "integration": "OpenTelemetry data",
}
"""By the last part of their address: what is not taken there; empty for one that is served.

What is sent to one that is served becomes an envelope by `ingest.receive.adapters.ADAPTERS`.
"""


def is_served(endpoint: str) -> bool:
    """Whether what is sent to an endpoint is taken."""
    return ENDPOINTS.get(endpoint) == ""


@dataclass(slots=True, frozen=True)
class Route:
    """An address of the ingest endpoint: `project_id` is None for `/api/store/`, where the key alone names the project.

    An `endpoint` that is not served is refused, with a reason where it is among `ENDPOINTS`.
    """

    project_id: int | None
    endpoint: str


NOWHERE = Route(None, "")


def find_route(path: str) -> Route | None:
    """The ingest endpoint's route of a path under any prefix (`/errors/api/7/envelope`), or None for the pages' paths.

    `/api/0/…` is the pages' API. Everything else with a number after `/api/` is ours, so that a machine that posts to a
    wrong address gets a reason as JSON and never a redirect.
    """
    at = path.rfind("/api/")
    if at < 0 or path.startswith("/api/0/"):
        return None
    segments = path[at + 5 :].split("/", 2)
    if segments[0] == "store" and not any(segments[1:]):
        return Route(None, "store")
    if segments[0] == "0" or len(segments) < 2:
        return None
    endpoint, rest = segments[1], segments[2] if len(segments) > 2 else ""
    is_number = segments[0].isascii() and segments[0].isdigit()
    if is_served(endpoint) and not rest:
        return Route(_project_id(segments[0]), endpoint) if is_number else NOWHERE
    is_refused = bool(ENDPOINTS.get(endpoint))
    if is_number and (at == 0 or is_refused):
        return Route(_project_id(segments[0]), endpoint if is_refused else "")
    return None


def _project_id(digits: str) -> int:
    """The number, or 0 (which no project has) for what cannot be the id of one."""
    return 0 if digits.startswith("0") else number_in(digits) or 0


_MAX_QUERY_FIELDS = 100


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
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_QUERY_FIELDS))
        except ValueError:
            raise Malformed(f"the query string has more than {_MAX_QUERY_FIELDS} fields") from None


@dataclass(slots=True, frozen=True)
class Response:
    """Status, JSON body and the headers besides those that every response has."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
