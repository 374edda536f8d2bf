"""Set-based statements in the two dialects: one statement for a batch, whatever the batch's size.

PostgreSQL takes a column as an array (`unnest`), so that the statement's text, and with it its plan, stays the same for
every batch. SQLite takes rows (`executemany`, or many `VALUES` where rows must come back).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

type_of_column = {
    "bigint": "bigint",
    "integer": "integer",
    "smallint": "smallint",
    "real": "double precision",
    "text": "text",
    "bytes": "bytea",
    "time": "timestamptz",
    "boolean": "boolean",
}

Row = Sequence[Any]
Columns = Sequence[tuple[str, str]]
"""Name and type of each column; types are the keys of `type_of_column`."""

SQLITE_PARAMETERS = 30_000
"""SQLite's own bound is 32,766 a statement."""


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _names(columns: Columns) -> str:
    return ", ".join(f'"{name}"' for name, _ in columns)


def _arrays(columns: Columns) -> str:
    return ", ".join(f"%s::{type_of_column[kind]}[]" for _, kind in columns)


def _array(kind: str, values: Iterable[Any]) -> str:
    """A column as PostgreSQL writes arrays: made here, because the driver's own way takes most of a batch's time."""
    quote = _quotes[kind]
    return "{" + ",".join(["NULL" if value is None else quote(value) for value in values]) + "}"


def _quote_text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_quotes: dict[str, Callable[[Any], str]] = {
    "bigint": str,
    "integer": str,
    "smallint": str,
    "real": repr,
    "boolean": lambda value: "t" if value else "f",
    "text": _quote_text,
    "bytes": lambda value: f'"\\\\x{value.hex()}"',
    "time": lambda value: f'"{value.isoformat()}"',
}


def _parameters(columns: Columns, rows: Sequence[Row]) -> list[str]:
    return [_array(kind, values) for (_, kind), values in zip(columns, zip(*rows, strict=True), strict=True)]


def _adapt(columns: Columns, rows: Sequence[Row]) -> Sequence[Row]:
    """Datetimes in the form in which Django keeps them in SQLite; each distinct one is formatted once."""
    times = [index for index, (_, kind) in enumerate(columns) if kind == "time"]
    if not times:
        return rows
    texts: dict[datetime | None, str | None] = {None: None}
    adapted = [list(row) for row in rows]
    for row in adapted:
        for index in times:
            moment = row[index]
            text = texts.get(moment)
            if text is None and moment is not None:
                text = texts[moment] = str(moment.astimezone(UTC).replace(tzinfo=None))
            row[index] = text
    return adapted


def write_rows(table: str, columns: Columns, rows: Sequence[Row], then: str = "") -> None:
    """`INSERT` the rows in one statement; `then` is the `ON CONFLICT` clause."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if is_postgres():
            statement = f'INSERT INTO "{table}" ({_names(columns)}) SELECT * FROM unnest({_arrays(columns)}) {then}'  # noqa: S608
            cursor.execute(statement, _parameters(columns, rows))
        else:
            marks = ", ".join(["%s"] * len(columns))
            statement = f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({marks}) {then}'  # noqa: S608
            cursor.executemany(statement, _adapt(columns, rows))


def write_rows_returning(
    table: str, columns: Columns, rows: Sequence[Row], returning: str, then: str = ""
) -> list[tuple[Any, ...]]:
    """Like `write_rows`, and answers the named columns of the rows that were really written, in no certain order."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        if is_postgres():
            statement = (
                f'INSERT INTO "{table}" ({_names(columns)}) SELECT * FROM unnest({_arrays(columns)}) '  # noqa: S608
                f"{then} RETURNING {returning}"
            )
            cursor.execute(statement, _parameters(columns, rows))
            return list(cursor.fetchall())
        answer: list[tuple[Any, ...]] = []
        marks = f"({', '.join(['%s'] * len(columns))})"
        step = SQLITE_PARAMETERS // len(columns)
        for start in range(0, len(rows), step):
            part = _adapt(columns, rows[start : start + step])
            values = ", ".join([marks] * len(part))
            statement = f'INSERT INTO "{table}" ({_names(columns)}) VALUES {values} {then} RETURNING {returning}'  # noqa: S608
            cursor.execute(statement, [value for row in part for value in row])
            answer += cursor.fetchall()
        return answer


def join_rows(
    table: str, columns: Columns, rows: Sequence[Row], select: str, suffix: str = ""
) -> list[tuple[Any, ...]]:
    """Rows of `table` (called `t`) whose columns equal one of `rows`, by the index on these columns."""
    if not rows:
        return []
    on = " AND ".join(f't."{name}" = wanted."{name}"' for name, _ in columns)
    with connection.cursor() as cursor:
        if is_postgres():
            statement = (
                f"SELECT {select} FROM unnest({_arrays(columns)}) AS wanted({_names(columns)}) "  # noqa: S608
                f'JOIN "{table}" t ON {on} {suffix}'
            )
            cursor.execute(statement, _parameters(columns, rows))
            return list(cursor.fetchall())
        answer: list[tuple[Any, ...]] = []
        marks = f"({', '.join(['%s'] * len(columns))})"
        step = SQLITE_PARAMETERS // len(columns)
        for start in range(0, len(rows), step):
            part = _adapt(columns, rows[start : start + step])
            values = ", ".join([marks] * len(part))
            statement = (
                f"WITH wanted({_names(columns)}) AS (VALUES {values}) "  # noqa: S608
                f'SELECT {select} FROM wanted CROSS JOIN "{table}" t ON {on} {suffix}'
            )
            cursor.execute(statement, [value for row in part for value in row])
            answer += cursor.fetchall()
        return answer


def update_rows(table: str, key: tuple[str, str], columns: Columns, rows: Sequence[Row], assignments: str) -> None:
    """`UPDATE` each row whose key equals the first value of a row; `assignments` call the rest `new."<column>"`."""
    if not rows:
        return
    all_columns = [key, *columns]
    with connection.cursor() as cursor:
        if is_postgres():
            statement = (
                f'UPDATE "{table}" AS t SET {assignments} FROM unnest({_arrays(all_columns)}) '  # noqa: S608
                f'AS new({_names(all_columns)}) WHERE t."{key[0]}" = new."{key[0]}"'
            )
            cursor.execute(statement, _parameters(all_columns, rows))
            return
        marks = f"({', '.join(['%s'] * len(all_columns))})"
        step = SQLITE_PARAMETERS // len(all_columns)
        for start in range(0, len(rows), step):
            part = _adapt(all_columns, rows[start : start + step])
            statement = (
                f"WITH new({_names(all_columns)}) AS (VALUES {', '.join([marks] * len(part))}) "  # noqa: S608
                f'UPDATE "{table}" AS t SET {assignments} FROM new WHERE t."{key[0]}" = new."{key[0]}"'
            )
            cursor.execute(statement, [value for row in part for value in row])
