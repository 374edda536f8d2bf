"""Pages in the `Link` header: `<…>; rel="next"; results="true"; cursor="…"`, always with both directions."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.accounts.addresses import absolute_url
from tracker.storage.numbers import number_in

MAX_ROWS = 100
MAX_SKIPPED = 10**9
FIRST_PAGE = "0:0:1"

Row = TypeVar("Row", bound=Model)


def limit_of(request: Request, default: int = 25) -> int:
    """How many rows are asked for (`per_page` or `limit`), at most 100."""
    text = request.query_params.get("per_page") or request.query_params.get("limit") or ""
    number = number_in(text)
    return default if number is None else min(MAX_ROWS, max(1, number))


def page_response(
    request: Request,
    rows: list[Any],
    *,
    previous: str | None,
    next_: str | None,
    total: int | None = None,
    most: int | None = None,
) -> Response:
    """The rows with the header; `total`, counted up to `most`, as `X-Hits`."""
    response = Response(rows)
    response["Link"] = ", ".join((_link(request, "previous", previous), _link(request, "next", next_)))
    if total is not None:
        response["X-Hits"] = str(total)
    if most is not None:
        response["X-Max-Hits"] = str(most)
    return response


def _link(request: Request, relation: str, cursor: str | None) -> str:
    parameters = request.query_params.copy()
    parameters["cursor"] = cursor or FIRST_PAGE
    url = f"{absolute_url(request.path_info)}?{parameters.urlencode()}"
    return f'<{url}>; rel="{relation}"; results="{str(cursor is not None).lower()}"; cursor="{parameters["cursor"]}"'


def offset_response(
    request: Request, rows: QuerySet[Row], shape: Callable[[list[Row]], list[Any]], *, limit: int | None = None
) -> Response:
    """A page of a short list; its cursor is `0:<offset>:0`."""
    size = limit or limit_of(request, MAX_ROWS)
    offset = offset_of(request)
    found = list(rows[offset : offset + size + 1])
    return page_response(
        request,
        shape(found[:size]),
        previous=f"0:{max(0, offset - size)}:1" if offset else None,
        next_=f"0:{offset + size}:0" if len(found) > size else None,
        total=rows.count(),
    )


def offset_of(request: Request) -> int:
    """The rows that the cursor `0:<offset>:0` skips; none where it cannot be read."""
    parts = request.query_params.get("cursor", "").split(":")
    return (number_in(parts[1], MAX_SKIPPED) or 0) if len(parts) == 3 else 0
