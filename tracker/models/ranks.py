"""Coarse columns that the database computes from an issue's counters, for its indexes.

An index on a counter would be written with every batch, and on PostgreSQL every other index of the row with it. One on
a rank is written only where the rank changes. Rows in the order of rank and counter are in the order of the counter.

A migration has made the columns with these expressions: another measure needs another name, and another migration.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Case, CharField, Func, Value, When
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import Cast, Length
from django.db.models.lookups import GreaterThanOrEqual

SLOT_SECONDS = 600


class TimeSlot(Func):
    """A moment as the number of whole ten minutes since 1970 UTC."""

    output_field = BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = f"floor(extract(epoch FROM %(expressions)s AT TIME ZONE 'UTC') / {SLOT_SECONDS})::bigint"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        template = f"CAST((julianday(%(expressions)s) - 2440587.5) * {86_400 // SLOT_SECONDS} AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)


def magnitude(count: Combinable) -> CombinedExpression:
    """A number from 0 on as a count of half decades: 0 to 2, 3 to 9, 10 to 29, 30 to 99 …"""
    digits = Cast(count, CharField())
    is_upper_half = Case(When(GreaterThanOrEqual(digits, Value("3")), then=1), default=0)
    return Length(digits) * 2 + is_upper_half
