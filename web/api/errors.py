"""Every error as JSON: `{"detail": "…"}`, or for a body that does not fit, `{"field": ["…"]}`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.views import exception_handler

from tracker.errors import DomainError, Refusal
from tracker.search.query import QueryError
from web.wording import refusal_words


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class BoundedJson(BaseParser):
    """JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes. Raises TooLarge, or ParseError where it cannot be read."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body: bytes = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge
        try:
            # Refuses what no database takes: NaN, lone surrogates, a depth beyond all reason.
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"JSON parse error - {error}") from error


@csrf_exempt
def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """404; an address without its last slash is answered at once, because a redirect would lose a POST's body."""
    if not request.path_info.endswith("/"):
        found = resolve(request.path_info + "/")
        if found.func is not unknown_address:
            response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
            return response
    return JsonResponse({"detail": NOT_FOUND}, status=404)


FIELDS: Mapping[StrEnum, str] = {
    Refusal.TOO_MANY_ISSUES: "id",
    Refusal.NOT_A_MEMBER: "assignedTo",
    Refusal.EMPTY_COMMENT: "text",
    Refusal.COMMENT_TOO_LONG: "text",
    Refusal.NO_SUCH_ISSUE: "merge",
    Refusal.NOTHING_TO_MERGE: "merge",
    Refusal.MERGED_ALREADY: "merge",
    Refusal.DIFFERENT_PROJECTS: "merge",
}
"""Which field of a body is at fault; of all other refusals of triage it is `statusDetails`."""

NOT_FOUND = "The requested resource does not exist"


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer to an exception, with the domain's own translated; None lets Django answer 500."""
    if isinstance(error, Http404 | ObjectDoesNotExist):
        error = NotFound(NOT_FOUND)
    elif isinstance(error, QueryError):
        error = ParseError(f"Error parsing search query: {error} (column {error.position + 1})")
    elif isinstance(error, TooManyFieldsSent):
        error = ParseError("The address holds too many parameters.")
    elif isinstance(error, DomainError):
        error = ValidationError({FIELDS.get(error.code, "statusDetails"): [refusal_words(error)]})
    return exception_handler(error, context)
