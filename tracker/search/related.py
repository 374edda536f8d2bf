"""Issues by their tags and users, in a time that does not grow with the events.

How many rows pair issues with what is wanted decides. Few: the issues are named one by one, and the database fetches
just these. Many: it is left to choose, and knows by the ids what is frequent. Very many: reading them would take longer
than to ask every issue that the list comes by whether it has one, and a page is soon full.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Lookup, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from tracker.models import EventUser, IssueTag, IssueUser, Tag

FEW = 500
MANY = 50_000
MOST_IDS = 10_000
"""Tags or users that are looked up beforehand; a tag key has no more than 5,000 values in a project."""

Wanted = Callable[[str], Q]
"""What is wanted, as a condition on columns whose names begin with a prefix (`tag__` where they are joined)."""


@BigIntegerField.register_lookup
class Among(Lookup):
    """`IN` for any number of ids, handed over as one parameter."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        ids = ",".join(map(str, self.rhs))
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s::bigint[])", (*parameters, f"{{{ids}}}")
        return f"{column} IN (SELECT value FROM json_each(%s))", (*parameters, f"[{ids}]")  # noqa: S608


def with_tags(wanted: Wanted) -> Q:
    """The issues that were seen with one of the wanted tags."""
    return _paired(IssueTag.objects.all(), "tag", Tag, wanted)


def with_users(wanted: Wanted) -> Q:
    """The issues that affected one of the wanted users."""
    return _paired(IssueUser.objects.all(), "event_user", EventUser, wanted)


def ids_of(rows: QuerySet[Any], most: int, column: str = "pk") -> list[int] | None:
    """The ids; None where there are more than `most`."""
    ids = list(rows.order_by().values_list(column, flat=True)[: most + 1])
    return ids if len(ids) <= most else None


def _paired(pairs: QuerySet[Any], column: str, other: type[Model], wanted: Wanted) -> Q:
    ids = ids_of(other._default_manager.filter(wanted("")), MOST_IDS)
    if ids is None:
        return Q(pk__in=pairs.filter(wanted(f"{column}__")).values("issue_id"))
    matching = pairs.filter(**{f"{column}__id__among": ids})
    issue_ids = ids_of(matching, FEW, "issue_id")
    if issue_ids is not None:
        return Q(pk__among=set(issue_ids))
    if connection.vendor == "sqlite" or matching.values("issue_id")[: MANY + 1].count() <= MANY:
        return Q(pk__in=matching.values("issue_id"))
    # Not EXISTS, which PostgreSQL would turn into a join that reads all the pairs first.
    own = matching.filter(issue=OuterRef("pk")).values("issue_id")[:1]
    return Q(IsNull(Subquery(own), False))
