"""Events: in a list, and one with its entries."""

from collections.abc import Mapping
from typing import Any

from grouping.event import Event as ReadEvent
from grouping.event import User
from grouping.reader import read_breadcrumbs, section
from grouping.tags import derive_tags
from tracker.models import Event, Issue
from tracker.rules.samples import read_stored
from web.api.shapes import Shape, iso
from web.api.shapes.frames import exception_entry, stacktrace_shape, threads_entry
from web.api.shapes.issues import issue_shape, level_name, metadata_of, release_reference


def event_id_of(event: Event) -> str:
    """32 hex digits."""
    return bytes(event.event_id).hex()


def event_summary(event: Event, issue: Issue) -> Shape:
    """An event in a list, its payload loaded."""
    return _summary(event, read_stored(event), issue)


def _summary(event: Event, read: ReadEvent, issue: Issue) -> Shape:
    return {
        "id": event_id_of(event),
        "eventID": event_id_of(event),
        "groupID": str(event.issue_id),
        "projectID": str(event.project_id),
        "event.type": _kind(read),
        "message": read.message,
        "title": issue.title,
        "location": _location(read),
        "culprit": issue.culprit,
        "user": user_of(read.user, section(read.raw, "user")),
        "tags": tags_of(read),
        "platform": read.platform,
        "dateCreated": iso(event.occurred_at),
        "dateReceived": iso(event.received_at),
        "crashFile": None,
        "metadata": metadata_of(issue),
    }


def event_detail(event: Event, issue: Issue, *, previous_id: str | None, next_id: str | None) -> Shape:
    """One event with everything; `previous` is the older one."""
    read = read_stored(event)
    return {
        **_summary(event, read, issue),
        "type": _kind(read),
        "size": len(bytes(event.payload)),
        "dist": read.dist or None,
        "environment": read.environment or None,
        "entries": entries_of(read),
        "contexts": read.contexts,
        "context": read.raw.get("extra") or {},
        "packages": read.raw.get("modules") or {},
        "sdk": {"name": read.sdk_name, "version": read.sdk_version} if read.sdk_name else None,
        "errors": [{"type": "invalid_data", "message": note, "data": {}} for note in read.notes],
        "fingerprints": read.fingerprint or ["{{ default }}"],
        "groupingConfig": {"id": "g1", "enhancements": ""},
        "release": release_reference(event.release),
        "level": level_name(event.level),
        "occurrence": None,
        "userReport": None,
        "sdkUpdates": [],
        "previousEventID": previous_id,
        "nextEventID": next_id,
        "_meta": {},
    }


def event_with_issue(
    event: Event, issue: Issue, *, comments: int, previous_id: str | None, next_id: str | None
) -> Shape:
    """One event, and the issue that it belongs to, which has so many comments."""
    return {
        **event_detail(event, issue, previous_id=previous_id, next_id=next_id),
        "group": issue_shape(issue, {}, comments),
    }


def entries_of(read: ReadEvent) -> list[Shape]:
    """The event's sections, in the order in which a reader wants them."""
    entries: list[tuple[str, Any]] = []
    if read.exceptions:
        entries.append(("exception", exception_entry(read)))
    if read.stacktrace is not None:
        entries.append(("stacktrace", stacktrace_shape(read.stacktrace, read.platform)))
    if read.threads:
        entries.append(("threads", threads_entry(read.threads, read.platform)))
    if read.message:
        entries.append(("message", {"message": read.message_template or read.message, "formatted": read.message}))
    if read.csp is not None:
        entries.append((read.type, dict(read.csp)))
    if read.template is not None:
        entries.append(("template", dict(read.template)))
    if breadcrumbs := _breadcrumbs(read):
        entries.append(("breadcrumbs", {"values": breadcrumbs}))
    if read.request:
        entries.append(("request", _request(read.request)))
    if debug_meta := section(read.raw, "debug_meta"):
        entries.append(("debugmeta", debug_meta))
    return [{"type": kind, "data": content} for kind, content in entries]


def _kind(read: ReadEvent) -> str:
    return read.type if read.type in {"error", "default", "csp"} else "error"


def _location(read: ReadEvent) -> str | None:
    """The file of the innermost in-app frame."""
    stacks = [exception.stacktrace for exception in reversed(read.exceptions)] + [read.stacktrace]
    for stack in stacks:
        for frame in reversed(stack.frames if stack else []):
            if frame.in_app is not False and frame.filename:
                return frame.filename
    return None


def user_of(user: User, raw: Any) -> Shape | None:
    if not user.identity:
        return None
    sent: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    return {
        "id": user.id or None,
        "email": user.email or None,
        "username": user.username or None,
        "ip_address": user.ip_address or None,
        "name": sent.get("name"),
        "geo": sent.get("geo"),
        "data": {name: value for name, value in sent.items() if name not in KNOWN_OF_USER},
    }


KNOWN_OF_USER = frozenset({"id", "email", "username", "ip_address", "name", "geo"})


def tags_of(read: ReadEvent) -> list[Shape]:
    """The client's tags, with those that were derived."""
    return [{"key": key, "value": value} for key, value in sorted(derive_tags(read).items())]


def _breadcrumbs(read: ReadEvent) -> list[Shape]:
    return [
        {
            "type": crumb.type,
            "category": crumb.category or None,
            "level": crumb.level,
            "message": crumb.message or None,
            "timestamp": iso(crumb.timestamp),
            "data": dict(crumb.details) or None,
            "event_id": None,
        }
        for crumb in read_breadcrumbs(read.raw)
    ]


def _request(request: Mapping[str, Any]) -> Shape:
    return {
        "method": request.get("method"),
        "url": request.get("url"),
        "query": _pairs(request.get("query_string")),
        "fragment": request.get("fragment"),
        "data": request.get("data"),
        "headers": _pairs(request.get("headers")),
        "cookies": _pairs(request.get("cookies")),
        "env": request.get("env"),
        "inferredContentType": request.get("inferred_content_type"),
        "apiTarget": request.get("api_target"),
    }


def _pairs(value: Any) -> Any:
    """Names and values as a list of pairs; a text that was not taken apart stays one."""
    return [[name, value[name]] for name in value] if isinstance(value, dict) else value or []
