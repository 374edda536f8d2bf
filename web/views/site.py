"""The pages for what went wrong. The 500 tells an id and nothing else; the log has the rest under that id."""

import logging
import secrets
import sys

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tracker.accounts.access import organizations_of
from web.context import THEMES
from web.responses import PageRequest
from web.unavailable import answer_unavailable, is_unavailable


@login_required
def home(request: PageRequest) -> HttpResponse:
    organization = organizations_of(request.user).order_by("name").first()
    if organization is None:
        return render(request, "no_organization.html")
    return redirect("issues", organization.slug)


A_YEAR_SECONDS = 365 * 86_400


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    back = request.headers.get("Referer", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


log = logging.getLogger(__name__)

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request, so that what broke a page cannot break this one too."""
    error = sys.exception()
    if isinstance(error, Exception) and is_unavailable(error):
        # Outside of a view, where the middleware does not see it: while the session is read, for example.
        return answer_unavailable(request, error)
    error_id = secrets.token_hex(6)
    log.error("error %s at %s %s", error_id, request.method, request.path, exc_info=True)
    if request.path.startswith(API):
        return JsonResponse({"detail": "Internal Error", "errorId": error_id}, status=500)
    return HttpResponse(render_to_string("errors/500.html", {"error_id": error_id}), status=500)
