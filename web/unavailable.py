"""503 where the database does not answer, or not in time: said as such, and no error of ours."""

import sqlite3
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.log import log_response

API = "/api/"
RETRY_AFTER_SECONDS = 10
AWAY = (OperationalError, InterfaceError)
TOO_LONG = "The database took too long to answer, and was stopped. Ask for less, such as fewer wildcards, or try again."
NOT_THERE = "The database does not answer at the moment. Nothing is lost: events are kept until it does. Try again."
QUERY_CANCELED = "57014"
"""PostgreSQL's code for a statement that took longer than it may."""
INTERRUPTED = "interrupted"
"""What SQLite says of one."""


class DatabaseAwayMiddleware:
    """Responds for views that could not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The response to a view's exception; None where it is not the database's."""
        return answer_unavailable(request, error) if is_unavailable(error) else None


def is_unavailable(error: BaseException | None) -> bool:
    """Whether it is the database that failed. SQLite says with the same class that a statement of ours is wrong."""
    return isinstance(error, AWAY) and getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def answer_unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Rendered without the request, whose person may not be known without the database."""
    reason = TOO_LONG if _took_too_long(error) else NOT_THERE
    if request.path.startswith(API):
        response: HttpResponse = JsonResponse({"detail": reason}, status=503)
    else:
        response = HttpResponse(render_to_string("errors/503.html", {"reason": reason}), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    log_response(
        "%s %s could not be answered: %s",
        request.method,
        request.path,
        " ".join(str(error).split()),
        response=response,
        request=request,
        level="warning",
    )
    return response


def _took_too_long(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == QUERY_CANCELED or str(error) == INTERRUPTED
