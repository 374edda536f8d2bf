"""Light, dark, or as the system prefers: kept in a cookie, so that the first byte of a page already has it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from web.context import THEMES

A_YEAR_SECONDS = 365 * 86_400


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    back = request.headers.get("Referer", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "/")
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response
