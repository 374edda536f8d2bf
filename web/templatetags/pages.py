"""Words of the pages about grouping: `{% load grouping %}`."""

import re
from collections.abc import Sequence
from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tracker.counters.stats import Point
from tracker.models import Deploy
from tracker.similar.why import Part
from web import charts, highlight
from web.templatetags.stacktale import ago, compact, short_release
from web.views.events import WhyRow, rows_of

register = template.Library()


@register.filter
def sparkline(points: Sequence[Point], deploys: Sequence[Deploy] = ()) -> SafeString:
    return charts.sparkline(points, deploys)


@register.simple_tag
def bar_chart(points: Sequence[Point], bucket_hours: int = 1, deploys: Sequence[Deploy] = ()) -> SafeString:
    return charts.bar_chart(points, bucket_hours=bucket_hours, deploys=deploys)


@register.filter
def coloured(code: str, language: str) -> SafeString:
    """`code` as HTML in Pygments' classes, escaped."""
    lines = highlight.highlight_lines(code.split("\n"), language)
    return mark_safe("\n".join(lines))  # noqa: S308  (each line is escaped)


@register.filter
def web_address(text: str) -> str:
    """The text if it is an http(s) address, else nothing: what a client stored may be `javascript:…`."""
    return text if text.startswith(("https://", "http://")) else ""


@register.filter
def release_name(version: str) -> SafeString:
    """A release in full where several packages stand side by side, the package faint: `shop@` and `1.4.2`."""
    name = short_release(version)
    package = version.removesuffix(version.rpartition("@")[2]) if "@" in version else ""
    return format_html('<span class="faint">{}</span>{}', package, name) if package else format_html("{}", name)


@register.filter
def change(events: int, before: int) -> str:
    """`+12%`, `−40%`, `×3.5`: how much more or fewer than before."""
    if not before or events == before:
        return "as before" if events == before else "new"
    ratio = events / before
    if ratio >= 2:
        return f"×{ratio:.1f}".removesuffix(".0")
    return f"{'+' if ratio > 1 else '−'}{abs(round((ratio - 1) * 100)) or '<1'}%"


@register.filter
def rate(number: float) -> str:
    """`0.3`, `7.2`, `34`, `1.2k`: how many in some time, with a digit after the point where it says anything."""
    return f"{number:.1f}" if 0.05 <= number < 10 else "<0.1" if 0 < number < 0.05 else compact(round(number))


@register.filter
def hours_as_days(hours: int) -> int:
    return round(hours / 24)


@register.filter
def fine_percent(share: float) -> str:
    """`0.99874` → `99.87%`, cut and never rounded up: what crashed once is not 100%."""
    return f"{int(share * 10_000) / 100:g}%"


@register.filter
def fact(value: object) -> SafeString | str:
    """A value of any kind as people read it: a time as its age, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return ago(value)
    return intcomma(value) if isinstance(value, int) else str(value)


_PLACEHOLDER = re.compile(r"(<[a-z]+…?>)")


@register.filter
def why_rows(parts: Sequence[Part]) -> list[WhyRow]:
    """The parts of an explanation as the rows of its table."""
    return list(rows_of(parts))


@register.filter
def placeholders(text: str) -> SafeString:
    """A message template with its placeholders marked: `user <int>` → `user <span class="placeholder">&lt;int&gt;…`."""
    pieces = _PLACEHOLDER.split(text)
    return format_html_join("", "{}", ((_marked(piece) if place % 2 else piece,) for place, piece in enumerate(pieces)))


def _marked(piece: str) -> SafeString:
    return format_html('<span class="placeholder">{}</span>', piece)


@register.filter
def codes(sentence: str) -> SafeString:
    """A sentence with what stands between backticks as code."""
    pieces = sentence.split("`")
    marked = ((format_html("<code>{}</code>", piece) if place % 2 else piece,) for place, piece in enumerate(pieces))
    return format_html_join("", "{}", marked)
