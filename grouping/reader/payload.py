"""One event payload, in whatever dialect its SDK spoke, to one `Event`."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from grouping.event import Event, ExceptionValue, Stacktrace, User
from grouping.reader import limits
from grouping.reader.decode import UnreadableEvent, copy_clean, decode_noted
from grouping.reader.everyday import read_everyday
from grouping.reader.remarks import read_remarks
from grouping.reader.scalars import read_event_id, read_level, read_name, read_text, read_time
from grouping.reader.sections import read_message, section
from grouping.reader.stacks import read_exceptions, read_stacktrace, read_threads

SECURITY_KINDS = ("csp", "expectct", "expectstaple", "hpkp")
_DECIDED_BY_SDK = ("transaction", "feedback")
_ADDRESS_FILLED_IN_BY_SERVER = "{{auto}}"


def read_event(payload: Mapping[str, Any] | bytes, *, event_id: str = "") -> Event:
    """The event that a payload tells of. Total: whatever is odd in it is read as absent, or bounded, or noted.

    `event_id` is the envelope's and wins over the payload's; with neither, the id is derived from the content, so that
    reading the same bytes again gives the same event. Raises `UnreadableEvent` where bytes are not a JSON object.
    """
    if isinstance(payload, bytes):
        raw, notes = decode_noted(payload)
        if not isinstance(raw, dict):
            raise UnreadableEvent(f"a JSON {_json_kind(raw)}, not an object")
    else:
        raw, notes = copy_clean(payload)
    event = _event_of(raw, notes, event_id)
    if not event.event_id:
        event.event_id = blake2b(orjson.dumps(raw), digest_size=16).hexdigest()
    return event


def skim_event(payload: bytes, *, event_id: str = "") -> Event:
    """The event as `read_event` gives it, where possible without what only its page shows (`is_skimmed`).

    Then the payload is clean as it is; else `raw` is what to keep of it. Raises `UnreadableEvent`.
    """
    raw = read_everyday(payload)
    if raw is not None:
        event = _event_of(raw, [], event_id)
        if event.event_id:
            event.is_skimmed = True
            return event
    return read_event(payload, event_id=event_id)


def _event_of(raw: dict[str, Any], notes: list[str], event_id: str) -> Event:
    notes = [*read_remarks(raw.get("_meta")), *notes]
    event = Event(event_id=read_event_id(event_id) or read_event_id(raw.get("event_id")), raw=raw, notes=notes)
    _read_what_happened(event, raw)
    _read_circumstances(event, raw)
    event.type = _event_type(event, raw)
    event.level = read_level(raw.get("level"), "info" if event.type in _DECIDED_BY_SDK else "error")
    return event


def _read_what_happened(event: Event, raw: dict[str, Any]) -> None:
    event.message, event.message_template = read_message(raw)
    event.exceptions = read_exceptions(section(raw, "exception"), event.notes)
    event.threads = read_threads(section(raw, "threads"), event.notes)
    stacktrace = read_stacktrace(section(raw, "stacktrace"), event.notes)
    if not _is_given_to_exception(stacktrace, event.exceptions):
        event.stacktrace = stacktrace
    event.template = _mapping_or_none(section(raw, "template"))
    for kind in SECURITY_KINDS:
        report = _mapping_or_none(section(raw, kind))
        if report is not None:
            event.csp = report


def _read_circumstances(event: Event, raw: dict[str, Any]) -> None:
    event.platform = read_name(raw.get("platform")).lower() or "other"
    event.timestamp = read_time(raw.get("timestamp"))
    event.logger = read_name(raw.get("logger"))
    event.transaction = read_name(raw.get("transaction"), limits.PATH)
    event.release = read_name(raw.get("release"))
    event.dist = read_name(raw.get("dist"))
    event.environment = read_name(raw.get("environment"))
    event.server_name = read_name(raw.get("server_name"))
    event.request = _mapping_or_none(section(raw, "request"))
    event.user = _read_user(section(raw, "user"))
    event.tags = read_tags(raw.get("tags"), event.notes)
    event.contexts = _mapping_or_none(section(raw, "contexts")) or {}
    sdk = section(raw, "sdk")
    if isinstance(sdk, dict):
        event.sdk_name = read_name(sdk.get("name"))
        event.sdk_version = read_name(sdk.get("version"))
    event.fingerprint = _read_fingerprint(raw.get("fingerprint"))
    event.checksum = read_name(raw.get("checksum"))


def read_tags(tags: Any, notes: list[str]) -> dict[str, str]:
    """Tags from a map, a list of pairs or a list of `{key, value}`; without a value, or a name, it is no tag."""
    pairs: list[Any] = []
    if isinstance(tags, dict):
        pairs = list(tags.items())
    elif isinstance(tags, list):
        pairs = [(tag.get("key"), tag.get("value")) if isinstance(tag, dict) else tag for tag in tags]
    read: dict[str, str] = {}
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            continue
        name = read_name(pair[0], limits.TAG_KEY)
        value = read_name(pair[1], limits.TAG_VALUE)
        if name and value:
            read[name] = value
        if len(read) >= limits.TAGS:
            notes.append(f"{len(pairs)} tags were sent: {limits.TAGS} were kept")
            break
    return read


def _read_user(user: Any) -> User:
    if not isinstance(user, dict):
        return User()
    address = read_name(user.get("ip_address"))
    return User(
        id=read_name(user.get("id")),
        email=read_name(user.get("email")),
        username=read_name(user.get("username") or user.get("name")),
        ip_address="" if address == _ADDRESS_FILLED_IN_BY_SERVER else address,
    )


def _read_fingerprint(parts: Any) -> list[str]:
    if parts is None or isinstance(parts, dict):
        return []
    parts = parts if isinstance(parts, list) else [parts]
    read = [read_text(part, limits.FINGERPRINT_PART) for part in parts[: limits.FINGERPRINT_PARTS] if part is not None]
    while sum(map(len, read)) > limits.FINGERPRINT:
        read.pop()
    return read if any(read) else []


def _event_type(event: Event, raw: dict[str, Any]) -> str:
    """The type by content, as SDKs fill in `type` loosely; only a transaction and a feedback are what they say."""
    said = raw.get("type")
    if said in _DECIDED_BY_SDK:
        return str(said)
    if event.exceptions:
        return "error"
    for kind in SECURITY_KINDS:
        if section(raw, kind) is not None:
            return kind
    if isinstance(event.contexts.get("feedback"), dict):
        return "feedback"
    return "default"


def _is_given_to_exception(stacktrace: Stacktrace | None, exceptions: list[ExceptionValue]) -> bool:
    """Old clients sent the stack of their only exception beside it; it is put where it belongs."""
    if stacktrace is None or len(exceptions) != 1 or exceptions[0].stacktrace is not None:
        return False
    exceptions[0].stacktrace = stacktrace
    return True


def _mapping_or_none(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _json_kind(value: Any) -> str:
    kinds = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")
