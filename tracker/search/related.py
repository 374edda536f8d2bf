"""Issues by their tags and users, in a time that does not grow with the events.

How many rows pair issues with what is wanted decides. Few: the issues are named one by one, and the database fetches
just these. Many: it is left to choose, and knows by the ids what is frequent. Very many: reading them would take longer
than to ask every issue that the list comes by whether it has one, and a page is soon full. (Not where those are wanted
that have none, and not on SQLite, which reads the pairs in order and at once.)
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Lookup, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from tracker.models import EventUser, IssueTag, IssueUser, Tag

FEW = 500
MANY = 50_000
MAX_IDS = 20_000
"""Tags or users that are looked up beforehand on PostgreSQL; a tag key has no more than 5,000 values in a project."""

IssueListParams = Callable[[str], Q]
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


def with_tags(wanted: IssueListParams, *, is_negated: bool = False) -> Q:
    """The issues that were seen with one of the wanted tags; `is_negated` where all others are meant."""
    ids = ids_of(Tag.objects.filter(wanted("")), _most_ids())
    if ids is None:
        return Q(pk__in=IssueTag.objects.filter(wanted("tag__")).values("issue_id"))
    tagged = IssueTag.objects.filter(tag__id__among=ids)
    issue_ids = ids_of(tagged, FEW, "issue_id")
    if issue_ids is not None:
        return Q(pk__among=set(issue_ids))
    if is_negated or connection.vendor == "sqlite" or tagged.values("issue_id")[: MANY + 1].count() <= MANY:
        return Q(pk__in=tagged.values("issue_id"))
    # Not EXISTS, which PostgreSQL would turn into a join that reads all the pairs first.
    own = tagged.filter(issue=OuterRef("pk")).values("issue_id")[:1]
    return Q(IsNull(Subquery(own), False))


def with_users(wanted: IssueListParams) -> Q:
    """The issues that affected one of the wanted users."""
    ids = ids_of(EventUser.objects.filter(wanted("")), _most_ids())
    affected = wanted("event_user__") if ids is None else Q(event_user__id__among=ids)
    issue_ids = None if ids is None else ids_of(IssueUser.objects.filter(affected), FEW, "issue_id")
    if issue_ids is not None:
        return Q(pk__among=set(issue_ids))
    return Q(pk__in=IssueUser.objects.filter(affected).values("issue_id"))


def _most_ids() -> int:
    return FEW if connection.vendor == "sqlite" else MAX_IDS


def ids_of(rows: QuerySet[Any], most: int, column: str = "pk") -> list[int] | None:
    """The ids; None where there are more than `most`."""
    ids = list(rows.order_by().values_list(column, flat=True)[: most + 1])
    return ids if len(ids) <= most else None
