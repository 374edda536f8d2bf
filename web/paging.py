"""Pages of lists that people make, by skipping rows. What grows with events has keysets (`tracker.search.cursors`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

Row = TypeVar("Row")
Shown = TypeVar("Shown")

ROWS_SHOWN = 50
MOST_SKIPPED = 1_000_000


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
    text = request.GET.get("cursor", "")
    start = min(int(text), MOST_SKIPPED) if text.isdecimal() and len(text) < 9 else 0
    found = list(rows[start : start + size + 1])
    return Page(
        found[:size],
        next_cursor=str(start + size) if len(found) > size else "",
        previous_cursor=str(max(0, start - size)) if start else "",
    )
