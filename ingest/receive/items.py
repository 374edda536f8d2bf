"""Is each item what it says it is? The framing is read already; here events are decoded and get their ids.

After this every event-bearing payload that is kept carries its own `event_id`: the one that the response names.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec
import orjson

from grouping.reader import UnreadableEvent, decode_json
from grouping.reader.scalars import read_event_id
from ingest.envelope import Envelope, Item
from ingest.item_types import MEGABYTE, type_of
from ingest.receive.body import MemoryBudget, Reservation


class NotJson(ValueError):
    """The bytes are no JSON, not even for a forgiving reader; the text says why."""


class NotAnObject(ValueError):
    """The bytes are JSON, but not of an object."""


class _Named(msgspec.Struct):
    event_id: str | None = None


_named = msgspec.json.Decoder(_Named)


def decode_event_id(raw: bytes | memoryview) -> Any:
    """An object's `event_id`, None where it has none; the rest is only checked. Raises NotJson and NotAnObject."""
    try:
        return _named.decode(raw).event_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = decode(raw)
    if not isinstance(value, dict):
        raise NotAnObject
    return value.get("event_id")


def decode(raw: bytes | memoryview) -> Any:
    """The value of JSON bytes, unclean: only to be looked at. Raises NotJson.

    Three readers, each more forgiving and dearer than the one before: strict; NaN, lone surrogates and control
    characters; any depth and any number. What the last one refuses, the digest would refuse.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    content = bytes(raw)
    try:
        return json.loads(content.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        pass
    return decode_clean(content)


def decode_clean(raw: bytes) -> Any:
    """The value of JSON bytes, clean and bounded in depth, so that it can be written again. Raises NotJson."""
    try:
        return decode_json(raw)
    except (UnreadableEvent, RecursionError) as error:
        raise NotJson(str(error) or "nested too deeply") from None


MAX_EVENTS = 4 * MEGABYTE
"""Bytes of all event-bearing payloads of an envelope. "This Item may occur at most once per Envelope"; some send a few,
and what decoding them costs must not be multiplied by a thousand."""

COMFORTABLE_PAYLOAD = 131_072
BYTES_PER_JSON_BYTE = 20
"""What a decoded payload of many small values takes; payloads larger than the comfortable are counted so."""


@dataclass(slots=True, frozen=True)
class Refused:
    """An item that is not kept; `code` is counted, `reason` is told."""

    item: Item
    code: str
    reason: str


@dataclass(slots=True)
class Checked:
    """The items of one envelope after the look at each; `is_rewritten` once they differ from the bytes as sent."""

    kept: list[Item] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    event_id: str = ""
    """The id of the first event; empty where the envelope bears none."""
    is_rewritten: bool = False


class _Bad(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def check_items(envelope: Envelope, memory: MemoryBudget) -> Checked:
    """Keep the good items, refuse the bad; give every event its id. Raises Unavailable."""
    checked = Checked()
    events: list[tuple[int, str]] = []
    room = MAX_EVENTS
    for number, item in enumerate(envelope.items, 1):
        try:
            if type_of(item).bears_event:
                room -= len(item.payload)
            event_id = _check_item(item, number, room, memory)
        except _Bad as bad:
            checked.refused.append(Refused(item, bad.code, bad.reason))
            checked.is_rewritten = True
            continue
        if event_id is not None:
            events.append((len(checked.kept), event_id))
        checked.kept.append(item)
    if events:
        _give_ids(checked, events, read_event_id(envelope.header.get("event_id")))
    return checked


def _check_item(item: Item, number: int, room: int, memory: MemoryBudget) -> str | None:
    """The id that an event-bearing payload carries (empty: none that is valid); None for other items.

    `room` is what is left of `MAX_EVENTS` after this item.
    """
    kind = item.type
    if not kind:
        raise _Bad("no_type", f"item {number} names no type")
    limit = type_of(item).max_bytes
    if limit is not None and len(item.payload) > limit:
        raise _Bad("too_large", f"item {number} ({kind}) has {len(item.payload):,} bytes; {limit:,} are allowed")
    if not type_of(item).bears_event:
        return None
    if room < 0:
        raise _Bad("too_large", f"the events up to item {number} have more than {MAX_EVENTS:,} bytes together")
    with Reservation(memory) as decoded:
        if len(item.payload) > COMFORTABLE_PAYLOAD:
            decoded.grow(BYTES_PER_JSON_BYTE * len(item.payload))
        return _decoded_event_id(item, number)


def _decoded_event_id(item: Item, number: int) -> str:
    try:
        return read_event_id(decode_event_id(item.payload))
    except NotJson as error:
        raise _Bad("not_json", f"item {number} ({item.type}) is not JSON: {error}") from None
    except NotAnObject:
        raise _Bad("not_an_object", f"item {number} ({item.type}) is not a JSON object") from None


def _give_ids(checked: Checked, events: list[tuple[int, str]], header_id: str) -> None:
    """The envelope's id belongs to the event that bears it, else to the first: "If the identifier mismatches between
    the Envelope and payload, the Envelope header takes precedence." Other events keep theirs or get a new one."""
    carried = [event_id for _, event_id in events]
    wanted = [header_id, *carried[1:]] if header_id and header_id not in carried else carried
    used: set[str] = set()
    for (place, event_id), wish in zip(events, wanted, strict=True):
        given = wish if wish and wish not in used else uuid4().hex
        used.add(given)
        if given != event_id:
            item = checked.kept[place]
            checked.kept[place] = Item(item.header, memoryview(with_event_id(bytes(item.payload), given)))
            checked.is_rewritten = True
        checked.event_id = checked.event_id or given


def with_event_id(payload: bytes, event_id: str) -> bytes:
    """The same JSON object with this id. It is added at the end, where it wins over an earlier one."""
    trimmed = payload.rstrip()
    if not trimmed.endswith(b"}"):
        return orjson.dumps(decode_clean(payload) | {"event_id": event_id})
    inner = trimmed[:-1].rstrip()
    separator = b"" if inner.endswith(b"{") else b","
    return inner + separator + b'"event_id":"%s"}' % event_id.encode()
