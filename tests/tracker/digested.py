"""Digested events for tests of the domain: realistic defaults, one line to vary them."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from grouping.group import Grouping, Key
from tracker.models import Event, Project
from tracker.record.digested import Digested
from tracker.storage.payloads import load_payload_bytes

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def key_named(name: str, kind: str = "app", base: str | None = None) -> Key:
    digest = hashlib.md5(name.encode()).digest()
    return Key(kind, digest, hashlib.md5(base.encode()).digest() if base else None)


def digested(project: Project, number: int, group: str = "a", **changes: Any) -> Digested:
    """Event `number` of a group, one second after the one before."""
    at = NOON + timedelta(seconds=number)
    release = changes.pop("release", "shop@1.0.0")
    fields: dict[str, Any] = {
        "project_id": project.id,
        "key_id": 1,
        "event_id": hashlib.md5(f"{project.id}:{number}".encode()).digest(),
        "occurred_at": at,
        "received_at": at,
        "grouping": Grouping([key_named(group)]),
        "title": f"ValueError: {group}",
        "type": "ValueError",
        "value": group,
        "culprit": "shop.views in checkout",
        "platform": "python",
        "logger": "",
        "level": 40,
        "is_unhandled": True,
        "release": release,
        "environment": "production",
        "user_identity": f"id:{number % 3}",
        "tags": {"level": "error", "release": release, "environment": "production", "server_name": f"web-{number % 2}"},
        "payload": orjson.dumps(
            {"event_id": f"{number:032x}", "message": group, "extra": {"text": "lorem ipsum " * 200}}
        ),
    }
    return Digested(**(fields | changes))


def payload_of(event: Event) -> dict[str, Any]:
    """The payload that is stored for an event."""
    payload: dict[str, Any] = orjson.loads(load_payload_bytes(event))
    return payload
