"""Small words of the templates: `{% load stacktale %}`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.counters.stats import TagShare
from tracker.health.version import VERSION
from tracker.models import Level, User
from web.responses import UNDO

register = template.Library()

UNITS = ((365 * 86_400, "y"), (30 * 86_400, "mo"), (86_400, "d"), (3_600, "h"), (60, "min"))


@register.simple_tag
def icon(name: str, variant: str = "") -> SafeString:
    """`{% icon "check" %}` or `{% icon "check" "small" %}`: a symbol of icons.svg; hidden from screen readers."""
    extra = f" icon--{variant}" if variant else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>', extra, static("icons.svg"), name
    )


@register.simple_tag
def stacktale_version() -> str:
    """`0.1.0`: for every page, also those that are rendered without a request and so without a context of their own."""
    return VERSION


@register.filter
def stylesheets(layers: str) -> list[str]:
    """Addresses of the named cascade layers."""
    return [static(f"css/{layer}.css") for layer in layers.split()]


def age(seconds: float) -> str:
    """`now`, `5 min`, `3 h`, `2 d`, `4 mo`, `1 y`: the largest unit that fits, rounded down."""
    for size, unit in UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


@register.simple_tag
def ago(at: datetime | None, suffix: str = " ago") -> SafeString | str:
    """`<time>5 min ago</time>` with the exact time as title; scripts keep it current."""
    if at is None:
        return "–"
    seconds = (timezone.now() - at).total_seconds()
    ahead = seconds < -60
    text = age(abs(seconds))
    words = "just now" if text == "now" and suffix else text
    if text != "now":
        words = f"in {text}" if ahead else f"{text}{suffix}"
    return format_html(
        '<time datetime="{}" title="{}" data-ago="{}">{}</time>', at.isoformat(), exact(at), suffix, words
    )


@register.simple_tag
def sends_mail() -> bool:
    """Whether this installation is set up to send mail."""
    return bool(settings.SENDS_MAIL)


@register.filter
def exact(at: datetime | None) -> str:
    """`2026-11-22 01:57:03 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "–"


@register.filter
def compact(number: int | float | None) -> str:
    """`950`, `1.2k`, `34k`, `5.6M`: at most four characters."""
    amount = float(number or 0)
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if amount >= size:
            short = amount / size
            return f"{int(short * 10) / 10:g}{unit}" if short < 10 else f"{int(short)}{unit}"
    return f"{amount:g}"


@register.filter
def percent(share: float) -> str:
    """`0.987` → `98%`; never 100% unless it is all, never 0% unless it is none."""
    whole = round(share * 100)
    if whole == 0 and share > 0:
        return "<1%"
    return f"{99 if whole == 100 and share < 1 else whole}%"


@register.filter
def level_name(level: int) -> str:
    """`error` for 40."""
    return Level(level).label if level in Level.values else "error"


@register.filter
def initials(user: User) -> str:
    """One or two letters for an avatar."""
    words = (user.name or user.email.partition("@")[0]).replace(".", " ").split()
    return "".join(word[0] for word in words[:2]) or "?"


@register.filter
def tag_query(share: TagShare) -> str:
    """The query that finds issues with this tag's value: `browser:"Chrome 99"`."""
    escaped = share.value.replace("*", "\\*").replace('"', '\\"')
    return f'{share.key}:"{escaped}"'


@register.filter
def short_release(version: str) -> str:
    """A release as people say it: `shop@1.4.2` → `1.4.2`, a commit hash → its first 10 digits."""
    name = version.rpartition("@")[2] or version
    is_hash = len(name) >= 32 and all(letter in "0123456789abcdef" for letter in name)
    return name[:10] if is_hash else name


@dataclass(slots=True, frozen=True)
class Toast:
    """A message taken apart: what was done, what follows, and the activities that can be undone."""

    sentence: str
    consequence: str
    undo: str


@register.filter
def as_toast(message: Message) -> Toast:
    sentence, _, consequence = str(message.message).partition("\n")
    tags = message.extra_tags or ""
    return Toast(sentence, consequence, tags.removeprefix(UNDO) if tags.startswith(UNDO) else "")


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """The current query string with some parameters changed; an empty value drops one. The cursor never stays."""
    parameters = context["request"].GET.copy()
    parameters.pop("cursor", None)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in ("", None):
            parameters[name] = str(value)
    return "?" + urlencode(list(parameters.items()))
