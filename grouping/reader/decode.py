"""JSON bytes to a clean value: fast for what SDKs send every day, forgiving for what they send now and then."""

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from grouping.reader import limits
from grouping.reader.clean import TOO_DEEP, Cleaner

_LANDMARKS = bytes.maketrans(b"123456789[", b"000000000{")
"""Every digit becomes 0 and every opening bracket {, so that one pass serves both checks below."""
_MAX_INTEGER = str(2**64 - 1)
_TWENTY_DIGITS = b"0" * 20
_CONTROL_ESCAPE = re.compile(rb"\\u00[01]")
_DEPTH_THAT_ORJSON_WRITES = 254
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class UnreadableEvent(ValueError):
    """The bytes are not a JSON object at all; the text says why."""


def decode_json(raw: bytes) -> Any:
    """The value of JSON bytes, as clean and bounded as `Event.raw` is.

    Accepts what the standard forbids but SDKs have sent: NaN and Infinity (read as null), lone surrogates, control
    characters, broken UTF-8, a byte order mark, integers beyond 64 bits (read as text) and any depth of nesting.
    Raises `UnreadableEvent` with the reason where there is no JSON value.
    """
    return decode_noted(raw)[0]


def decode_noted(raw: bytes) -> tuple[Any, list[str]]:
    """The value as `decode_json` gives it, and what had to be cut."""
    too_deep = False
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value, too_deep = _loads_forgiving(raw)
    else:
        landmarks = raw.translate(_LANDMARKS)
        # orjson rounds integers beyond 64 bits to floats without a word; their digits are kept as text instead.
        if _TWENTY_DIGITS in landmarks:
            value, too_deep = _loads_forgiving(raw)
        elif not _needs_cleaning(raw, landmarks, value):
            return value, []
    cleaner = Cleaner(large=len(raw) > limits.COMFORTABLE_BYTES)
    cleaned = cleaner.clean_payload(value)
    if too_deep:
        cleaner.notes.add("nested too deeply: the inner values were left out")
    return cleaned, sorted(cleaner.notes)


def copy_clean(payload: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A clean copy of a payload that is decoded already, and what had to be cut."""
    try:
        raw = orjson.dumps(payload)
    except TypeError:
        cleaner = Cleaner(large=True)
        return cleaner.clean_payload(payload), sorted(cleaner.notes)
    value, notes = decode_noted(raw)
    return value, notes


def has_control_escapes(raw: bytes) -> bool:
    """Whether valid JSON holds a control character, NUL among them: it cannot but as an escape."""
    return _CONTROL_ESCAPE.search(raw) is not None


def _needs_cleaning(raw: bytes, landmarks: bytes, value: Any) -> bool:
    if len(raw) > limits.COMFORTABLE_BYTES or has_control_escapes(raw):
        return True
    if landmarks.count(b"{") <= _DEPTH_THAT_ORJSON_WRITES:
        return False
    try:
        orjson.dumps(value)
    except TypeError:
        return True
    return False


def _loads_forgiving(raw: bytes) -> tuple[Any, bool]:
    """The value of not quite valid JSON, and whether nesting was cut."""
    shallow, too_deep = _without_deep_nesting(raw)
    text = shallow.decode("utf-8-sig", "replace").strip("\0 \t\r\n")
    if not text:
        raise UnreadableEvent("empty")
    try:
        return json.loads(text, strict=False, parse_int=_integer, parse_constant=_no_number), too_deep
    except json.JSONDecodeError as error:
        raise UnreadableEvent(f"not JSON: {error.msg} at character {error.pos}") from None


def _without_deep_nesting(raw: bytes) -> tuple[bytes, bool]:
    """The same JSON with every value below `limits.DEPTH` levels replaced by a mark, in one linear scan."""
    kept: list[bytes] = []
    depth = copied_to = cut_from = 0
    for match in _STRING_OR_BRACKET.finditer(raw):
        character = match[0]
        if character in (b"{", b"["):
            depth += 1
            if depth == limits.DEPTH + 1:
                cut_from = match.start()
        elif character in (b"}", b"]"):
            if depth == limits.DEPTH + 1:
                kept += raw[copied_to:cut_from], b'"%s"' % TOO_DEEP.encode()
                copied_to = match.end()
            depth -= 1
    if depth > limits.DEPTH:
        raise UnreadableEvent("not JSON: nested too deeply and never closed")
    if not kept:
        return raw, False
    return b"".join([*kept, raw[copied_to:]]), True


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 or (len(digits) == 20 and digits <= _MAX_INTEGER) else digits


def _no_number(_name: str) -> None:
    return None
