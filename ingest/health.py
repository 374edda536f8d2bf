"""`/healthz`: the process lives. `/readyz`: what comes in would be stored and digested, or the reason why not."""

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson
from django.db import Error, close_old_connections

from tracker.health.schema import find_schema_problem
from tracker.health.version import VERSION
from tracker.jobs.heartbeat import open_heartbeat
from tracker.spool import Spool, open_spool

WORKER_SILENT_SECONDS = 30.0
MAX_REASON_LENGTH = 300
ALIVE_BODY = orjson.dumps({"status": "ok", "version": VERSION})


class NotReady(Exception):
    """The text is the reason."""


class Health:
    """Answers both addresses by itself and hands everything else on."""

    def __init__(self, inner: WSGIApplication, spool: Spool) -> None:
        self._inner = inner
        self._checks: dict[str, Callable[[], None]] = {
            "database": check_database,
            "spool": lambda: check_spool(spool),
            "worker": check_worker,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/healthz":
            return _answer(start_response, "200 OK", ALIVE_BODY)
        if path == "/readyz":
            return _answer_ready(start_response, self._find_reasons())
        return self._inner(environ, start_response)

    def _find_reasons(self) -> dict[str, str]:
        reasons = {}
        for name, check in self._checks.items():
            try:
                check()
            except Exception as error:
                reasons[name] = str(error)[:MAX_REASON_LENGTH] or type(error).__name__
        return reasons


def make_health(inner: WSGIApplication) -> WSGIApplication:
    """The health addresses of this installation, in front of the ingest endpoint."""
    return Health(inner, open_spool())


def check_database() -> None:
    """Raises NotReady."""
    try:
        close_old_connections()
        problem = find_schema_problem()
    except Error as error:
        raise NotReady(str(error)) from error
    if problem:
        raise NotReady(problem)


def check_spool(spool: Spool) -> None:
    """Raises SpoolUnavailable or OSError."""
    spool.oldest_at()


def check_worker() -> None:
    """Raises NotReady where no worker has swept for a while."""
    age = open_heartbeat().age()
    if age is None:
        raise NotReady("no worker has started")
    if age > WORKER_SILENT_SECONDS:
        raise NotReady(f"no worker has been seen for {age:.0f} s")


def _answer_ready(start_response: StartResponse, reasons: dict[str, str]) -> Iterable[bytes]:
    status = "503 Service Unavailable" if reasons else "200 OK"
    body = orjson.dumps({"status": "not ready" if reasons else "ok"} | ({"reasons": reasons} if reasons else {}))
    return _answer(start_response, status, body)


def _answer(start_response: StartResponse, status: str, body: bytes) -> Iterable[bytes]:
    start_response(
        status,
        [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")],
    )
    return [body]
