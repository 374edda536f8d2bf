"""The search language: text in, a value out. Pure."""

from dataclasses import dataclass


class QueryError(ValueError):
    """A query that cannot be read; `position` is the 0-based column of the first character that does not fit."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(slots=True, frozen=True)
class Term:
    """`key:value`, `!key:value`, `key:>10`, or free text (empty key)."""

    key: str
    operator: str
    """`=`, `>`, `>=`, `<`, `<=`."""
    value: str
    is_negated: bool = False
    has_wildcard: bool = False
    position: int = 0


@dataclass(slots=True, frozen=True)
class Query:
    terms: tuple[Term, ...] = ()


def parse_query(text: str) -> Query:
    """Read `is:unresolved level:error !browser:"Chrome 9*" times_seen:>100 free text`. Raises QueryError."""
    raise NotImplementedError
