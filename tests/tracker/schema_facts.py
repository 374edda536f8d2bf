"""The whole schema of a database as a set of lines, one for each column, index, constraint and setting.

Two databases whose lines are equal take the same statements; the order of columns in a table does not count.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite|_%' ESCAPE '|'"

POSTGRES = (
    """
    SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || coalesce(
            CASE a.attgenerated::text WHEN '' THEN ' DEFAULT ' ELSE ' GENERATED ' || a.attgenerated::text || ' AS ' END
            || pg_get_expr(d.adbin, d.adrelid), '')
        || ' identity=' || a.attidentity::text || ' storage=' || a.attstorage::text || ' collation=' || a.attcollation
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
        AND NOT a.attisdropped
    """,
    """
    SELECT relkind::text || ' ' || relname || ' ' || coalesce(reloptions::text, '') || ' ' || relpersistence::text
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace
    """,
    """
    SELECT 'index ' || pg_get_indexdef(i.indexrelid) || ' valid=' || i.indisvalid
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = current_schema()::regnamespace
    """,
    # 'n': that a column is not null is said with the column.
    """
    SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
    """,
)


def facts_of(connection: BaseDatabaseWrapper) -> set[str]:
    """The lines of the schema that the connection's statements meet."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(SQLITE)
            return {fact for kind, name, sql in cursor.fetchall() for fact in _facts_of_object(kind, name, sql)}
        found: set[str] = set()
        for query in POSTGRES:
            cursor.execute(query)
            found.update(line for (line,) in cursor.fetchall())
        return found


def _facts_of_object(kind: str, name: str, sql: str) -> list[str]:
    sql = " ".join(sql.split())
    if kind != "table":
        return [sql]
    start, end = sql.index("("), sql.rindex(")")
    parts = _split(sql[start + 1 : end])
    return [f"{name}{sql[end + 1 :]}", *(f"{name}: {part}" for part in parts)]


def _split(body: str) -> list[str]:
    """A table's columns and constraints: what commas divide that are in no brackets and no quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(body):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif character == "," and not depth:
            parts.append(body[start:at].strip())
            start = at + 1
    return [*parts, body[start:].strip()]
