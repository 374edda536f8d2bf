"""Wildcards in SQL: `issue.filter(title__matches="*time*out*")`, regardless of case, on both databases."""

import re
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
    parts = []
    for part in value.replace("\\*", "\0").split("*"):
        escaped = part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        parts.append(escaped.replace("\0", "*"))
    return "%".join(parts)


def is_match(value: str, text: str) -> bool:
    """The same in Python."""
    parts = value.replace("\\*", "\0").split("*")
    pattern = ".*".join(re.escape(part).replace("\0", r"\*") for part in parts)
    return re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL) is not None
