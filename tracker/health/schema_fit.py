"""Do the database's tables fit the models? Columns and indexes are compared, table by table, with two queries.

What the code needs has to be there, and nothing may be there that refuses what the code writes: a unique index or a
column without a value of which the models know nothing. What an operator has added besides does not matter.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

COLUMNS = {
    "sqlite": """
        SELECT t.name, c.name, lower(c.type), c."notnull" = 0 AND c.pk = 0, c.hidden > 1, c.dflt_value IS NOT NULL
        FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c
        WHERE t.type = 'table'
    """,
    "postgresql": """
        SELECT t.relname, c.attname, format_type(c.atttypid, c.atttypmod), NOT c.attnotnull, c.attgenerated <> '',
            c.atthasdef OR c.attidentity <> ''
        FROM pg_attribute c JOIN pg_class t ON t.oid = c.attrelid
        WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') AND c.attnum > 0
            AND NOT c.attisdropped
    """,
}
"""Of every column: table, name, type, whether it may be null, whether it is generated, whether it has a default."""

INDEXES = {
    "sqlite": """
        SELECT t.name, i.name, i."unique", i.partial,
            (SELECT group_concat(coalesce(c.name, '')) FROM pragma_index_info(i.name) c)
        FROM sqlite_master t JOIN pragma_index_list(t.name) i
        WHERE t.type = 'table'
    """,
    "postgresql": """
        SELECT t.relname, i.relname, x.indisunique, x.indpred IS NOT NULL,
            (SELECT string_agg(coalesce(c.attname, ''), ',' ORDER BY k.position)
            FROM unnest(x.indkey::smallint[]) WITH ORDINALITY k(number, position)
            LEFT JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number)
        FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        WHERE t.relnamespace = current_schema()::regnamespace AND x.indisvalid
    """,
}
"""Of every index: table, name, whether it is unique, whether it is partial, its columns (empty for an expression)."""


@dataclass(slots=True, frozen=True)
class Misfit:
    """One thing in a table that is not as the code needs it."""

    table: str
    problem: str

    def __str__(self) -> str:
        return f"{self.table} {self.problem}"


@dataclass(slots=True, frozen=True)
class Column:
    type: str
    is_nullable: bool
    is_generated: bool
    has_default: bool = False
    """Not compared: Django gives most values itself."""


@dataclass(slots=True, frozen=True)
class Index:
    name: str
    is_unique: bool
    is_partial: bool
    columns: tuple[str, ...]


@dataclass(slots=True)
class Table:
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: list[Index] = field(default_factory=list)


def find_misfits(connection: BaseDatabaseWrapper) -> Iterator[Misfit]:
    """Everything in the tables that does not fit, of every app's models; the same order each time."""
    tables = _read_tables(connection)
    for model in sorted(_models(), key=lambda model: model._meta.db_table):
        name = model._meta.db_table
        if name not in tables:
            yield Misfit(name, "is missing")
            continue
        for problem in (
            *_column_problems(model, tables[name].columns, connection),
            *_index_problems(model, tables[name].indexes),
        ):
            yield Misfit(name, problem)


def _models() -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def _fields(model: type[models.Model]) -> list[Any]:
    """Those with a column."""
    return list(model._meta.local_concrete_fields)


def _read_tables(connection: BaseDatabaseWrapper) -> dict[str, Table]:
    tables: dict[str, Table] = defaultdict(Table)
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS[connection.vendor])
        for table, name, type_, is_nullable, is_generated, has_default in cursor.fetchall():
            tables[table].columns[name] = Column(type_, bool(is_nullable), bool(is_generated), bool(has_default))
        cursor.execute(INDEXES[connection.vendor])
        for table, name, is_unique, is_partial, columns in cursor.fetchall():
            tables[table].indexes.append(Index(name, bool(is_unique), bool(is_partial), tuple(columns.split(","))))
    return dict(tables)


def _column_problems(
    model: type[models.Model], found: dict[str, Column], connection: BaseDatabaseWrapper
) -> Iterator[str]:
    wanted = {one.column: one for one in _fields(model)}
    for name, one in wanted.items():
        if name not in found:
            yield f"lacks the column {name}"
            continue
        there = found[name]
        types = _types_of(one, connection)
        if there.type not in types:
            yield f"has the column {name} as {there.type}, not {types[0]}"
        if there.is_generated != one.generated:
            yield f"has the column {name} {'' if there.is_generated else 'not '}generated by the database"
        elif there.is_nullable != one.null and not one.generated:
            yield f"has the column {name} {'without' if there.is_nullable else 'with'} NOT NULL"
    for name, there in found.items():
        if name not in wanted and not (there.is_nullable or there.is_generated or there.has_default):
            yield f"has the column {name}, which this version does not fill"


def _types_of(one: Any, connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """A field's type as the query names it; an id may be wider, as Django's own migrations make some of them."""
    type_ = str(one.db_type(connection)).lower()
    if connection.vendor == "postgresql":
        type_ = type_.replace("varchar", "character varying")
    return (type_, "bigint") if isinstance(one, models.AutoField) else (type_,)


def _index_problems(model: type[models.Model], found: list[Index]) -> Iterator[str]:
    yield from _named_index_problems(model, {index.name: index for index in found})
    whole = [index for index in found if not index.is_partial]
    key = _sorted_columns(_columns_of(model, (one.name for one in model._meta.pk_fields)))
    wanted = {_sorted_columns(columns) for columns in _unique_columns(model)}
    unique = {_sorted_columns(index.columns) for index in whole if index.is_unique}
    # A single key may be SQLite's rowid, which is an index without a name.
    for columns in sorted((wanted | ({key} if len(key) > 1 else set())) - unique):
        yield f"lacks the unique index on {', '.join(columns)}"
    for columns in sorted(unique - wanted - {key}):
        yield f"has a unique index on {', '.join(columns)}, of which this version does not know"
    leading = {index.columns[0] for index in whole} | set(key[:1])
    for one in _fields(model):
        if one.db_index and one.column not in leading:
            yield f"lacks the index on {one.column}"


def _named_index_problems(model: type[models.Model], found: dict[str, Index]) -> Iterator[str]:
    for wanted in model._meta.indexes:
        columns = _columns_of(model, (name for name, _ in wanted.fields_orders))
        there = found.get(wanted.name)
        if there is None:
            yield f"lacks the index {wanted.name}"
        elif (columns and there.columns != columns) or there.is_partial != (wanted.condition is not None):
            yield f"has another index of the name {wanted.name}"


def _unique_columns(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    """What is unique together, without conditions or expressions."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None:
            yield _columns_of(model, constraint.fields)
    for names in model._meta.unique_together:
        yield _columns_of(model, names)
    for one in _fields(model):
        if one.unique and not one.primary_key:
            yield (one.column,)


def _columns_of(model: type[models.Model], names: Iterable[str]) -> tuple[str, ...]:
    by_name = {one.name: one.column for one in _fields(model)}
    return tuple(by_name[name] for name in names)


def _sorted_columns(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(columns))
