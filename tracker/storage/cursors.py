"""Cursors: opaque texts that say after which row, or before which, a page begins."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from django.db.models import Field, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from tracker.storage.numbers import MAX_ID

Row = TypeVar("Row", bound=Model)


@dataclass(slots=True, frozen=True)
class Cursor:
    """The row at a page's edge: its sort value and its id; `is_backward` reads towards the first page."""

    order: str
    """The sort that it belongs to; under another it means nothing."""
    value: int | datetime
    id: int
    is_backward: bool = False

    def encode(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        text = json.dumps([self.order, value, self.id, int(self.is_backward)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(text: str, order: str) -> Cursor | None:
    """The cursor, or None where it cannot be read or belongs to another sort."""
    try:
        fields: Any = json.loads(base64.urlsafe_b64decode(text[:200] + "=" * (-len(text[:200]) % 4)))
        own_order, value, id_, is_backward = fields
        if own_order != order:
            return None
        edge = datetime.fromisoformat(value) if isinstance(value, str) else int(value)
        if isinstance(edge, datetime):
            if edge.tzinfo is None:
                return None
            # Raises OverflowError for what is in no year of UTC.
            edge = edge.astimezone(UTC)
        if max(abs(int(id_)), abs(edge) if isinstance(edge, int) else 0) > MAX_ID:
            return None
        return Cursor(order, edge, int(id_), bool(is_backward))
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None


@dataclass(slots=True, frozen=True)
class Slice:
    """The rows of one page, in order, and the cursors of its neighbours."""

    rows: list[Any]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(slots=True, frozen=True)
class Bucket:
    """A coarse column that is indexed in place of another, and how it follows from the other's value."""

    column: str
    of: Callable[[Value], Combinable]


def slice_of(
    rows: QuerySet[Row],
    column: str,
    order: str,
    cursor: str,
    limit: int,
    *,
    is_time: bool,
    rank: Bucket | None = None,
) -> Slice:
    """One page of the rows by `column`, highest first and ids falling among equals; one query.

    Both conditions on the column can use an index on it, or on its rank, at any depth alike.
    """
    start = read_cursor(cursor, order) if cursor else None
    if start and isinstance(start.value, datetime) != is_time:
        start = None
    is_backward = start is not None and start.is_backward
    if start:
        beyond, side = ("gt", "gte") if is_backward else ("lt", "lte")
        tie = Q(**{f"{column}__{beyond}": start.value}) | Q(**{f"id__{beyond}": start.id})
        rows = rows.filter(tie, **{f"{column}__{side}": start.value})
        if rank:
            field = cast("Field[Any, Any]", rows.model._meta.get_field(column))
            value = Value(start.value, output_field=field)
            rows = rows.filter(**{f"{rank.column}__{side}": rank.of(value)})
    sign = "" if is_backward else "-"
    columns = (rank.column, column, "id") if rank else (column, "id")
    found: list[Any] = list(rows.order_by(*(sign + name for name in columns))[: limit + 1])
    has_more, found = len(found) > limit, found[:limit]
    if is_backward:
        found.reverse()
    edge = _edges(found, column, order)
    return Slice(
        rows=found,
        next_cursor=edge(-1, False) if is_backward or has_more else None,
        previous_cursor=edge(0, True) if (has_more if is_backward else start is not None) else None,
    )


def _edges(rows: Sequence[Any], column: str, order: str) -> Callable[[int, bool], str | None]:
    def edge(index: int, is_backward: bool) -> str | None:
        if not rows:
            return None
        return Cursor(order, getattr(rows[index], column), rows[index].pk, is_backward).encode()

    return edge
