"""Set-based statements in the two dialects: one statement for a batch, whatever the batch's size.

PostgreSQL takes a column as an array (`unnest`), so that the statement's text, and with it its plan, stays the same for
every batch. SQLite takes rows (`executemany`, or many `VALUES` where rows must come back).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
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


def _sources(columns: Columns, rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
    """The rows as a query with its parameters: all at once, or on SQLite as many at a time as one statement takes."""
    if not rows:
        return
    if is_postgres():
        yield f"SELECT * FROM unnest({_arrays(columns)})", _parameters(columns, rows)  # noqa: S608
        return
    marks = f"({', '.join(['%s'] * len(columns))})"
    step = SQLITE_PARAMETERS // len(columns)
    for start in range(0, len(rows), step):
        part = _adapt(columns, rows[start : start + step])
        yield f"VALUES {', '.join([marks] * len(part))}", [value for row in part for value in row]


def _execute_all(statements: Iterable[tuple[str, list[Any]]]) -> list[tuple[Any, ...]]:
    """Execute the statements one after the other; returns what all of them return."""
    answer: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
            if cursor.description:
                answer += cursor.fetchall()
    return answer


def write_rows(table: str, columns: Columns, rows: Sequence[Row], then: str = "") -> None:
    """`INSERT` the rows in one statement; `then` is the `ON CONFLICT` clause."""
    insert = f'INSERT INTO "{table}" ({_names(columns)})'
    if is_postgres():
        _execute_all((f"{insert} {source} {then}", values) for source, values in _sources(columns, rows))
    elif rows:
        marks = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"{insert} VALUES ({marks}) {then}", _adapt(columns, rows))


def write_rows_returning(
    table: str, columns: Columns, rows: Sequence[Row], returning: str, then: str = ""
) -> list[tuple[Any, ...]]:
    """Like `write_rows`, and returns the named columns of the rows that were really written, in no certain order."""
    return _execute_all(
        (f'INSERT INTO "{table}" ({_names(columns)}) {source} {then} RETURNING {returning}', values)
        for source, values in _sources(columns, rows)
    )


def join_rows(
    table: str, columns: Columns, rows: Sequence[Row], select: str, suffix: str = ""
) -> list[tuple[Any, ...]]:
    """Rows of `table` (called `t`) whose columns equal one of `rows`, by the index on these columns."""
    on = " AND ".join(f't."{name}" = wanted."{name}"' for name, _ in columns)
    # SQLite takes the tables of a CROSS JOIN in the order in which they are named.
    join = f'JOIN "{table}" t ON {on}' if is_postgres() else f'CROSS JOIN "{table}" t ON {on}'
    return _execute_all(
        (f"WITH wanted({_names(columns)}) AS ({source}) SELECT {select} FROM wanted {join} {suffix}", values)  # noqa: S608
        for source, values in _sources(columns, rows)
    )


def update_rows(table: str, key: tuple[str, str], columns: Columns, rows: Sequence[Row], assignments: str) -> None:
    """`UPDATE` each row whose key equals the first value of a row; `assignments` call the rest `new."<column>"`."""
    columns = [key, *columns]
    update = f'UPDATE "{table}" AS t SET {assignments} FROM new WHERE t."{key[0]}" = new."{key[0]}"'  # noqa: S608
    _execute_all(
        (f"WITH new({_names(columns)}) AS ({source}) {update}", values) for source, values in _sources(columns, rows)
    )
