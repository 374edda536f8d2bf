"""Words of the pages about grouping: `{% load grouping %}`."""

import re
from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.groups.why import Part
from web.why_rows import WhyRow, rows_of

register = template.Library()

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
