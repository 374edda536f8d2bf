"""What was done, said at the foot of the page, with a way back: `django.contrib.messages` with an undo."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from tracker.models import User
from tracker.storage.numbers import number_in


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


Row = TypeVar("Row")
Shown = TypeVar("Shown")

ROWS_SHOWN = 50
MAX_SKIPPED = 1_000_000


@dataclass(slots=True, frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursors of the pages beside them, as `components/pager.html` takes them."""

    rows: list[Row]
    next_cursor: str = ""
    previous_cursor: str = ""

    def map(self, change: Callable[[list[Row]], list[Shown]]) -> "Page[Shown]":
        """The same page, its rows made into what is shown of them."""
        return Page(change(self.rows), self.next_cursor, self.previous_cursor)


def page_of(request: HttpRequest, rows: QuerySet[Any, Row], size: int = ROWS_SHOWN) -> Page[Row]:
    """The page of the rows at which `?cursor=` begins, the first where it cannot be read: one query."""
    start = min(number_in(request.GET.get("cursor", "")) or 0, MAX_SKIPPED)
    found = list(rows[start : start + size + 1])
    return Page(
        found[:size],
        next_cursor=str(start + size) if len(found) > size else "",
        previous_cursor=str(max(0, start - size)) if start else "",
    )


UNDO = "undo:"


def confirm(request: HttpRequest, sentence: str, consequence: str = "", activity_ids: Sequence[int] = ()) -> None:
    """Say what was done and what follows from it; with activities, offer to undo them."""
    tags = UNDO + ",".join(str(activity_id) for activity_id in activity_ids) if activity_ids else ""
    messages.success(request, f"{sentence}\n{consequence}" if consequence else sentence, extra_tags=tags)


def refuse(request: HttpRequest, sentence: str) -> None:
    messages.error(request, sentence)


def respond_with_toasts(request: HttpRequest, *, trigger: str = "") -> HttpResponse:
    """A response to htmx that only swaps the toasts; `trigger` names an event on which parts fetch themselves."""
    response = render(request, "components/toasts.html", {"oob": True})
    if trigger:
        response["HX-Trigger"] = trigger
    return response
