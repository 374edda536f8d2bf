"""Charts and code of the project, release and settings pages: `{% load pages %}`."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe

from tracker.stats import Point
from web import charts, highlight

register = template.Library()


@register.filter
def sparkline(points: Sequence[Point]) -> SafeString:
    return charts.sparkline(points)


@register.filter
def bar_chart(points: Sequence[Point], bucket_hours: int = 1) -> SafeString:
    return charts.bar_chart(points, bucket_hours=bucket_hours)


@register.filter
def coloured(code: str, language: str) -> SafeString:
    """`code` as HTML in Pygments' classes, escaped."""
    lines = highlight.highlight_lines(code.split("\n"), language)
    return mark_safe("\n".join(lines))  # noqa: S308  (each line is escaped)
