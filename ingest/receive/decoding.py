"""Is it JSON? Answered as cheaply as can be, for the value is only looked at and the bytes are what is kept."""

import json
from typing import Any

import msgspec
import orjson

from grouping.reader import UnreadableEvent, decode_json


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
