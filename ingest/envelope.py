"""Envelopes: one header and any number of items, each with its own header and payload.

The format is https://develop.sentry.dev/sdk/data-model/envelopes/; the points quoted below are numbered and referred to
where they are obeyed.

E1  "Newlines are defined as UNIX newlines, represented by \\n"
E2  "Headers … must be valid JSON", "in a single line", "followed by a newline or the end of the file"
E3  "Unknown attributes are allowed and should be retained", "Empty headers {} are technically valid"
E4  "An implementation should consume Items until the file ends"
E5  "Envelopes should be terminated with a trailing newline. This newline is optional"
E6  "Envelopes may be empty, terminating immediately after the headers"
E7  "If no length is specified, the payload implicitly goes to the next newline"
E8  "Implementations must gracefully skip and retain Items of unknown type"
E9  "Length-prefixed payloads must terminate with \\n or EOF. … Any other character … means the Envelope is malformed"
E10 "If length cannot be consumed, that is, the Envelope is EOF before …, then the Envelope is malformed"
E11 "If an Item with implicit length is terminated by \\r\\n, then \\r is … part of the payload"

Two liberties: empty lines between items are passed over, and an item without `type` is an item of unknown type.
"""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from grouping.reader import UnreadableEvent, decode_json
from ingest.errors import Malformed

MAX_ENVELOPE_HEADER = 65_536
"""Bytes of the envelope's header line; with a trace header and a DSN it has about 600."""
MAX_ITEM_HEADER = 16_384
"""Bytes of an item's header line."""
MAX_ITEMS = 1_000
"""Items of one envelope; SDKs put what is many (logs, spans, metrics) into one container item."""

_NESTING = 100
_EMPTY_LINES = re.compile(rb"[\r\n]*")


@dataclass(slots=True)
class Item:
    """One item; `payload` is a slice of the envelope's bytes, not a copy."""

    header: dict[str, Any]
    payload: memoryview

    @property
    def type(self) -> str:
        """`event`, `session`, `attachment` …; empty where the header names none."""
        named = self.header.get("type")
        return named if isinstance(named, str) else ""


@dataclass(slots=True)
class Envelope:
    """What one request carried. In an envelope from the spool, every event payload carries its own `event_id`."""

    header: dict[str, Any]
    items: list[Item]


def parse_envelope(body: bytes | bytearray) -> Envelope:
    """The envelope in these (decompressed) bytes; payloads stay slices of `body`.

    Raises Malformed with the place and the reason.
    """
    header, at = _read_header(body, 0, MAX_ENVELOPE_HEADER, "envelope header")
    envelope = Envelope(header, [])
    whole = memoryview(body)
    while (at := _after_empty_lines(body, at)) < len(body):  # E4, E5, E6
        number = len(envelope.items) + 1
        if number > MAX_ITEMS:
            raise Malformed(f"the envelope has more than {MAX_ITEMS} items")
        item_header, at = _read_header(body, at, MAX_ITEM_HEADER, f"header of item {number}")
        end = _end_of_payload(body, at, item_header, number)
        envelope.items.append(Item(item_header, whole[at:end]))
        at = end + 1
    return envelope


def read_envelope_header(start: bytes) -> dict[str, Any]:
    """The header of the envelope that begins with these bytes, of which its line must be whole. Raises Malformed."""
    return _read_header(start, 0, MAX_ENVELOPE_HEADER, "envelope header")[0]


def encode_envelope(envelope: Envelope) -> bytes:
    """The bytes of an envelope; every item gets a `length`."""
    parts: list[bytes | memoryview] = [orjson.dumps(envelope.header)]
    for item in envelope.items:
        parts.append(orjson.dumps(item.header | {"length": len(item.payload)}))
        parts.append(item.payload)
    parts.append(b"")
    return b"\n".join(parts)


def _after_empty_lines(body: bytes | bytearray, at: int) -> int:
    if at >= len(body) or body[at] not in b"\r\n":
        return at
    found = _EMPTY_LINES.match(body, at)
    return found.end() if found else at


def _read_header(body: bytes | bytearray, at: int, limit: int, name: str) -> tuple[dict[str, Any], int]:
    """The header that begins at a byte, and where the next line begins (E1, E2, E3)."""
    end = body.find(b"\n", at, at + limit + 1)
    if end < 0:
        if len(body) - at > limit:
            raise Malformed(f"{name}, at byte {at}: the line is longer than {limit:,} bytes")
        end = len(body)
    header = _decode_header(bytes(body[at:end]), at, name)
    if not isinstance(header, dict):
        raise Malformed(f"{name}, at byte {at}: not a JSON object")
    return header, end + 1


def _decode_header(line: bytes, at: int, name: str) -> Any:
    # orjson reads deeper nesting than it writes; a header may have to be written again.
    if line.count(b"{") + line.count(b"[") < _NESTING:
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError:
            pass
    try:
        return decode_json(line)
    except (UnreadableEvent, RecursionError) as error:
        raise Malformed(f"{name}, at byte {at}: {error or 'not a JSON object'}") from None


def _end_of_payload(body: bytes | bytearray, at: int, header: dict[str, Any], number: int) -> int:
    """Where the payload that begins at a byte ends."""
    length = header.get("length")
    if length is None:
        if at > len(body):
            raise Malformed(f"item {number}: the envelope ends before its payload")
        end = body.find(b"\n", at)  # E7, E11
        return len(body) if end < 0 else end
    if type(length) is not int or length < 0:
        raise Malformed(f"header of item {number}: length is not a whole number of bytes")
    end = at + length
    if end > len(body) and length:
        raise Malformed(  # E10
            f"item {number}: its length is {length:,} bytes, but the envelope ends after {max(len(body) - at, 0):,}"
        )
    if end < len(body) and body[end] != 0x0A:
        raise Malformed(f"item {number}, at byte {end}: no newline after the {length:,} bytes of its payload")  # E9
    return end
