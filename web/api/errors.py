"""Every error as JSON: `{"detail": "…"}`, or for a body that does not fit, `{"field": ["…"]}`."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from tracker.search.query import QueryError

NOT_FOUND = "The requested resource does not exist"


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer to an exception, with the domain's own translated; None lets Django answer 500."""
    if isinstance(error, Http404 | ObjectDoesNotExist):
        error = NotFound(NOT_FOUND)
    elif isinstance(error, QueryError):
        error = ParseError(f"Error parsing search query: {error} (column {error.position + 1})")
    return exception_handler(error, context)
