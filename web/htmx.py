"""Page or part? A part's name is the same three times: `{% partialdef name %}`, the element's id, the `hx-target`."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from tracker.models import User


class PageRequest(HttpRequest):
    """A signed-in person's request, as views get it from `web.guards`."""

    user: User
    htmx: HtmxDetails


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    parts: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or only its part that htmx has targeted, if that is one of `parts`."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    wanted = htmx.target if htmx and not htmx.history_restore_request else None
    if wanted in parts:
        template = f"{template}#{wanted}"
    response = render(request, template, dict(context or {}), status=status)
    if parts:
        response["Vary"] = "HX-Request, HX-Target"
    return response
