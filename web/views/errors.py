"""Answers for what went wrong. The 500 tells an id and nothing else; the log has the rest under that id."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

log = logging.getLogger(__name__)

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request, so that what broke a page cannot break this one too."""
    error_id = secrets.token_hex(6)
    log.error("error %s at %s %s", error_id, request.method, request.path, exc_info=True)
    if request.path.startswith(API):
        return JsonResponse({"detail": "Internal Error", "errorId": error_id}, status=500)
    return HttpResponse(render_to_string("errors/500.html", {"error_id": error_id}), status=500)
