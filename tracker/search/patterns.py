"""Wildcards in SQL: `issue.filter(title__matches="*time*out*")`, regardless of case, on both databases."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup


@CharField.register_lookup
class Matches(Lookup):
    """`LIKE` with `*` for any text and `\\*` for a star."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        column, column_params = self.process_lhs(compiler, connection)
        # SQLite's LIKE takes no notice of case (in ASCII), PostgreSQL's does.
        operator = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        return f"{column} {operator} %s ESCAPE '!'", (*column_params, like_pattern(str(self.rhs)))


def like_pattern(value: str) -> str:
    """The LIKE pattern, escaped by `!`: `50%*` becomes `50!%%`."""
    escaped = (part.replace("!", "!!").replace("%", "!%").replace("_", "!_") for part in _parts(value))
    return "%".join(escaped)


def is_match(value: str, text: str) -> bool:
    """The same in Python, in a time that grows with the length of the text alone, however many stars there are."""
    rest = text.lower()
    first, *middle = _parts(value.lower())
    if not middle:
        return rest == first
    last = middle.pop()
    if not rest.startswith(first) or not rest.endswith(last) or len(rest) < len(first) + len(last):
        return False
    rest = rest[len(first) : len(rest) - len(last)]
    # Each part where it comes first: the most is left for what comes behind.
    for part in middle:
        _, found, rest = rest.partition(part) if part else ("", "*", rest)
        if not found:
            return False
    return True


def _parts(value: str) -> list[str]:
    """What stands between the stars; `\\*` is a star that is meant."""
    return [part.replace("\0", "*") for part in value.replace("\\*", "\0").split("*")]
