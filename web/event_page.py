"""One event as its page shows it: every section read from the payload, bounded, and in the order of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grouping.event import Event as ReadEvent
from grouping.event import User
from grouping.reader import read_breadcrumbs, read_event, section
from tracker.models import Event
from tracker.releases.commits import paths_of
from tracker.storage.payloads import load_payload_bytes
from web.curl import RequestView, pairs_of, read_request
from web.stacktrace import (
    Display,
    ExceptionView,
    StackView,
    ThreadView,
    as_text,
    exception_views,
    stack_as_text,
    stack_view,
    thread_views,
)

MAX_VALUE_LENGTH = 4_000
BREADCRUMBS_SHOWN = 30
"""The newest ones, shown at once; older ones are folded."""
HIDDEN_CONTEXTS = frozenset({"state"})
SHORT_CONTEXTS = ("browser", "client_os", "os", "runtime", "device")
"""Contexts whose name and version stand in the line under the title."""


@dataclass(slots=True, frozen=True)
class Value:
    """A name and what it says; `is_long` values are shown in a box."""

    name: str
    text: str
    is_long: bool = False
    is_filtered: bool = False


@dataclass(slots=True, frozen=True)
class Card:
    """One context: its title, and its values."""

    title: str
    values: list[Value]


@dataclass(slots=True, frozen=True)
class BreadcrumbView:
    at: datetime | None
    category: str
    kind: str
    """http, query, navigation, error, ui, console, or default: decides the mark."""
    level: str
    message: str
    values: list[Value]


@dataclass(slots=True, frozen=True)
class EventPageView:
    event_id: str
    display: Display
    level: str
    message: str
    exceptions: list[ExceptionView]
    threads: list[ThreadView]
    stack: StackView | None
    """The stack of an event without an exception."""
    stack_text: str
    has_library_frames: bool
    in_app_paths: list[str]
    """Files of the user's own code on the stack, the innermost first."""
    summary: list[Value]
    request: RequestView | None
    breadcrumbs: list[BreadcrumbView]
    older_breadcrumbs: list[BreadcrumbView]
    user: list[Value]
    cards: list[Card]
    tags: list[Value]
    extra: list[Value]
    report: list[Value]
    """A security report's body."""
    packages: list[Value]
    sdk: str
    notes: list[str]


def event_page(event: Event, parameters: Mapping[str, str]) -> EventPageView:
    """Read the stored payload into what the page shows; `order=oldest` and `frames=all` choose how."""
    read = read_event(load_payload_bytes(event), event_id=bytes(event.event_id).hex())
    display = Display(parameters.get("order") != "oldest", parameters.get("frames") == "all")
    exceptions = exception_views(read, display)
    stack = None if exceptions else stack_view(read.stacktrace, read.platform, display)
    stacks = [stack, *(exception.stack for exception in exceptions)]
    breadcrumbs = breadcrumb_views(read)
    return EventPageView(
        event_id=read.event_id,
        display=display,
        level=read.level,
        message=read.message,
        exceptions=exceptions,
        threads=thread_views(read.threads, read.platform, display),
        stack=stack,
        stack_text=stack_as_text(read),
        has_library_frames=any(found.library_frames for found in stacks if found),
        in_app_paths=paths_of(read),
        summary=_summary(read),
        request=read_request(read.request),
        breadcrumbs=breadcrumbs[-BREADCRUMBS_SHOWN:],
        older_breadcrumbs=breadcrumbs[:-BREADCRUMBS_SHOWN],
        user=_user(read.user, section(read.raw, "user")),
        cards=[card for name, context in _in_order(read.contexts) if (card := _card(name, context))],
        tags=values_of(read.tags.items()),
        extra=_values_of_mapping(read.raw.get("extra")),
        report=_values_of_mapping(read.csp),
        packages=sorted(values_of(pairs_of(read.raw.get("modules"))), key=lambda value: value.name.lower()),
        sdk=" ".join(filter(None, (read.sdk_name, read.sdk_version))),
        notes=read.notes,
    )


def breadcrumb_views(event: ReadEvent) -> list[BreadcrumbView]:
    return [
        BreadcrumbView(
            at=crumb.timestamp,
            category=crumb.category or crumb.type,
            kind=_kind_of(crumb.type, crumb.category),
            level=crumb.level,
            message=crumb.message,
            values=_values_of_mapping(crumb.details),
        )
        for crumb in read_breadcrumbs(event.raw)
    ]


KINDS = ("http", "query", "navigation", "error", "ui", "console")
KIND_BY_CATEGORY = {"xhr": "http", "fetch": "http", "httplib": "http", "redis": "query", "exception": "error"}


def _kind_of(type_: str, category: str) -> str:
    if type_ in KINDS:
        return type_
    first = category.split(".")[0]
    return first if first in KINDS else KIND_BY_CATEGORY.get(first, "default")


def values_of(pairs: Iterable[tuple[str, Any]]) -> list[Value]:
    """Pairs as values to show, each cut at `MAX_VALUE_LENGTH` characters."""
    values = []
    for name, content in pairs:
        text = as_text(content)
        shown = text if len(text) <= MAX_VALUE_LENGTH else text[:MAX_VALUE_LENGTH] + " …"
        values.append(Value(str(name), shown, "\n" in text or len(text) > 120, text in ("[Filtered]", "[REDACTED]")))
    return values


def _values_of_mapping(content: Any) -> list[Value]:
    return values_of(content.items()) if isinstance(content, Mapping) else []


def _summary(event: ReadEvent) -> list[Value]:
    """The few facts under an event's title: user, route, machine, program."""
    facts = [
        ("User", event.user.email or event.user.username or event.user.id or event.user.ip_address),
        ("Transaction", event.transaction),
        ("Server", event.server_name),
        ("Logger", event.logger),
    ]
    for name in SHORT_CONTEXTS:
        context = event.contexts.get(name)
        if isinstance(context, Mapping) and isinstance(context.get("name"), str):
            facts.append((_title(name), f"{context['name']} {context.get('version') or ''}".strip()[:80]))
    return values_of((name, text) for name, text in facts if text)


def _user(user: User, raw: Any) -> list[Value]:
    facts = [("ID", user.id), ("Email", user.email), ("Username", user.username), ("IP address", user.ip_address)]
    known = {"id", "email", "username", "ip_address", "sentry_user"}
    more = [(name, content) for name, content in raw.items() if name not in known] if isinstance(raw, Mapping) else []
    return values_of([*((name, text) for name, text in facts if text), *more])


TITLES = {"os": "Operating system", "client_os": "Operating system", "gpu": "GPU", "app": "App"}


def _title(name: str) -> str:
    return TITLES.get(name, name.replace("_", " ").capitalize())


def _in_order(contexts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What describes the client comes first, the trace last."""
    places = {name: place for place, name in enumerate(SHORT_CONTEXTS)}
    return sorted(contexts.items(), key=lambda item: (item[0] == "trace", places.get(item[0], len(places))))


def _card(name: str, context: Any) -> Card | None:
    if name in HIDDEN_CONTEXTS:
        return None
    if not isinstance(context, Mapping):
        return Card(_title(name), values_of([("value", context)])) if context not in (None, "") else None
    told = ((key, content) for key, content in context.items() if key != "type" and content not in (None, "", {}))
    values = values_of(told)
    return Card(_title(name), values) if values else None
