"""The WSGI callable of the ingest endpoint: what is not an SDK's address goes on to the pages."""

import logging
import time
from collections.abc import Iterable
from http import HTTPStatus
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from ingest.errors import MethodNotAllowed, NotServed, Rejected
from ingest.receive.accept import Receiver
from ingest.receive.body import MemoryBudget, give_large_memory_back
from ingest.receive.keys import Keyring, load_key
from ingest.receive.request import ENDPOINTS, Request, Response, Route, find_route, is_served
from ingest.receive.windows import Windows
from tracker.jobs.wakeup import request_digest
from tracker.outcomes.recording import Flusher, Tally
from tracker.spool import open_spool

logger = logging.getLogger(__name__)

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_COMMON_HEADERS = (
    ("Content-Type", "application/json"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "x-sentry-error, x-sentry-rate-limits, retry-after"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
_PREFLIGHT = Response(
    200,
    b"",
    (
        ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
        (
            "Access-Control-Allow-Headers",
            "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, "
            "content-encoding, transfer-encoding, authentication, authorization, sentry-trace, baggage",
        ),
        ("Access-Control-Max-Age", "3600"),
    ),
)
_MAX_HEADER_LENGTH = 500


def make_endpoint(pages: WSGIApplication) -> "Endpoint":
    """The ingest endpoint of this installation, in front of Django."""
    give_large_memory_back()
    receiver = Receiver(
        keyring=Keyring(load_key),
        windows=_open_windows(),
        spool=open_spool(),
        wake_worker=request_digest,
        count=Flusher(Tally()).add,
        memory=MemoryBudget(),
    )
    return Endpoint(receiver, pages)


def _open_windows() -> Windows:
    windows: Windows = import_string(settings.RATE_WINDOWS_BACKEND)()
    return windows


class Endpoint:
    """Answers SDKs by itself and hands everything else on; no exception leaves it."""

    def __init__(self, receiver: Receiver, pages: WSGIApplication) -> None:
        self.receiver = receiver
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        route = find_route(environ.get("PATH_INFO", ""))
        if route is None:
            return self._pages(environ, start_response)
        response = self.respond(Request(route, environ, time.time()))
        start_response(_STATUS_LINES[response.status], headers_of(response))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]

    def respond(self, request: Request) -> Response:
        """The response to any request; waits for the database and the spool."""
        try:
            return early_response(request) or self.receiver.accept(request)
        except Exception as error:
            return error_response(error)


def early_response(request: Request) -> Response | None:
    """The response to a request that asks about the endpoint and brings nothing.

    Raises NotServed or MethodNotAllowed.
    """
    if request.method == "OPTIONS":
        return _PREFLIGHT
    _check_address(request.route, request.method)
    return None


def error_response(error: Exception) -> Response:
    """The response that tells a client why nothing was taken."""
    if isinstance(error, Rejected):
        return _error_response(error.status, error.reason, error.causes, error.headers)
    failure_id = uuid4().hex
    logger.error("the ingest endpoint failed, id %s", failure_id, exc_info=error)
    return _error_response(500, "internal error", (f"id {failure_id}",))


def headers_of(response: Response) -> list[tuple[str, str]]:
    """All headers of a response."""
    return [*_COMMON_HEADERS, ("Content-Length", str(len(response.body))), *response.headers]


def _check_address(route: Route, method: str) -> None:
    """Raises NotServed or MethodNotAllowed."""
    if refused := ENDPOINTS.get(route.endpoint):
        raise NotServed(f"this server does not take {refused}")
    if not is_served(route.endpoint):
        raise NotServed("no SDK address is here; compare the DSN with the one in the project's settings")
    if route.project_id == 0:
        raise NotServed("there is no such project: project ids are numbers above 0")
    if method != "POST" and not (method == "GET" and route.endpoint == "store"):
        raise MethodNotAllowed("send this by POST", headers=(("Allow", "POST, OPTIONS"),))


def _error_response(
    status: int, detail: str, causes: tuple[str, ...] = (), headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    body = orjson.dumps({"detail": _utf8(detail), "causes": [_utf8(cause) for cause in causes]})
    return Response(status, body, (("X-Sentry-Error", _header_value(detail)), *headers))


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _header_value(text: str) -> str:
    """Printable ASCII on one line: what stands in a reason may come from the client."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text[:_MAX_HEADER_LENGTH])
