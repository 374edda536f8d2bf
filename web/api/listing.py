"""What the parameters of an issue list ask for, in the domain's words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from tracker.counters.stats import Point, series_for
from tracker.models import Issue
from tracker.search.query import Query, Term, parse_query

DEFAULT_QUERY = "is:unresolved"
SORTS: Mapping[str, str] = {
    "date": "last_seen",
    "new": "first_seen",
    "freq": "events",
    "user": "users",
    "last_seen": "last_seen",
    "first_seen": "first_seen",
    "events": "events",
    "users": "users",
}
PARAMETERS = [
    OpenApiParameter("query", OpenApiTypes.STR, description=f"Search; without it, `{DEFAULT_QUERY}`."),
    OpenApiParameter("sort", OpenApiTypes.STR, enum=list(SORTS)),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From the `Link` header."),
    OpenApiParameter("limit", OpenApiTypes.INT, description="At most 100."),
    OpenApiParameter("statsPeriod", OpenApiTypes.STR, description="`24h`, `14d`; empty for no series."),
    OpenApiParameter("environment", OpenApiTypes.STR, many=True),
]
_PERIOD = re.compile(r"(\d{1,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}
MAX_HOURS = 90 * 24
MAX_POINTS = 100


def query_of(request: Request) -> Query:
    """The query with what other parameters add to it. Raises QueryError."""
    query = parse_query(request.query_params.get("query", DEFAULT_QUERY))
    extra: list[Term] = []
    if status := request.query_params.get("status"):
        # Older tools ask by a parameter of its own.
        query = parse_query("") if "query" not in request.query_params else query
        extra += parse_query(f"is:{status}").terms
    environments = [name for name in request.query_params.getlist("environment") if name][:50]
    if environments:
        first, *others = (Term("environment", "=", name, is_tag=True) for name in environments)
        extra.append(replace(first, others=tuple(others)))
    return Query((*query.terms, *extra))


def within_period(query: Query, request: Request) -> Query:
    """The query, of issues seen within `statsPeriod`."""
    hours = _hours_in(request.query_params.get("statsPeriod", ""))
    return Query((*query.terms, Term("last_seen", "=", f"-{hours}h"))) if hours else query


def sort_of(request: Request) -> str:
    return SORTS.get(request.query_params.get("sort", ""), "last_seen")


def period_of(request: Request) -> str:
    """The period of the series that go with each issue; empty for none."""
    parameters = request.query_params
    return parameters.get("groupStatsPeriod") or parameters.get("statsPeriod", "24h")


def stats_of(issues: Sequence[Issue], period: str, now: datetime) -> dict[int, dict[str, Sequence[Point]]]:
    """Each issue's series, by issue id, under the period's name."""
    hours = _hours_in(period)
    if not hours:
        return {issue.pk: {} for issue in issues}
    bucket = 24 if hours > MAX_POINTS else 1
    series = series_for(issues, now=now, hours=hours, bucket_hours=bucket)
    return {issue.pk: {period: series[issue.pk]} for issue in issues}


def _hours_in(period: str) -> int:
    match = _PERIOD.fullmatch(period.strip())
    return min(MAX_HOURS, int(match[1]) * _HOURS[match[2]]) if match else 0
