"""What is kept of a payload in which there is too much to look at: the names and frames, and no free text at all.

Looking closely at `MAX_HITS` places takes some 40 ms; a payload of a megabyte that was made for it has ten times as
many. It is not looked at place by place: whatever may be free text (messages, values, variables, source lines,
requests, breadcrumbs …) becomes `[Filtered]`, and a remark in the payload says so on the event's page.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from grouping.budget import UNLIMITED, Budget
from grouping.reader import UnreadableEvent, decode_json, section
from grouping.reader.limits import INNER_FRAMES, OUTER_FRAMES
from grouping.reader.remarks import DENSE, remark_on
from grouping.reader.stacks import mappings_of
from ingest.digest.scrub import scrub
from ingest.digest.secrets import FILTERED
from ingest.digest.text import TooDense
from ingest.digest.words import ScrubRules

HIDDEN = FILTERED.decode()
MAX_NAME_LENGTH = 256
MAX_STACKS = 10
MAX_PARTS = 60
"""Tags, parts of a fingerprint, and names of what is hidden in a section."""

_NAMES = (
    *("event_id", "timestamp", "platform", "type", "level", "logger", "transaction", "release", "dist", "environment"),
    *("server_name", "checksum"),
)
_OF_EXCEPTION = ("type", "module", "thread_id")
_OF_THREAD = ("id", "name", "crashed", "current", "state")
_OF_MECHANISM = ("type", "handled", "synthetic", "source", "exception_id", "parent_id", "is_exception_group")
_OF_FRAME = (
    *("function", "module", "filename", "abs_path", "package", "platform", "lineno", "colno", "in_app"),
    "instruction_addr",
)
_OF_SDK = ("name", "version")


def scrub_event(payload: bytes, rules: ScrubRules, budget: Budget = UNLIMITED) -> bytes:
    """The payload without secrets; where it is too dense, without free texts. Raises OverBudget."""
    try:
        return scrub(payload, rules, budget)
    except TooDense:
        return hide_texts(payload, rules, DENSE)


def hide_texts(payload: bytes, rules: ScrubRules, rule: str) -> bytes:
    """The payload without free texts, and with a remark why; `null` for one that is no JSON object."""
    raw = _decoded(payload)
    if raw is None:
        return b"null"
    names = _names_of(raw, _NAMES) | {"_meta": remark_on(rule)}
    hidden = {name: _hidden(raw[name]) for name in list(raw)[:MAX_PARTS] if len(name) <= MAX_NAME_LENGTH}
    try:
        return scrub(orjson.dumps(hidden | _structure_of(raw) | names), rules)
    except TooDense:
        return scrub(orjson.dumps(names), rules)


def _decoded(payload: bytes) -> dict[str, Any] | None:
    raw: Any
    try:
        raw = orjson.loads(payload)
    except orjson.JSONDecodeError:
        try:
            raw = decode_json(payload)
        except (UnreadableEvent, RecursionError):
            return None
    return raw if isinstance(raw, dict) else None


def _hidden(value: Any) -> Any:
    """`[Filtered]`, or for an object that under each of its names."""
    if not isinstance(value, dict):
        return HIDDEN
    return {name: HIDDEN for name in list(value)[:MAX_PARTS] if len(name) <= MAX_NAME_LENGTH}


def _structure_of(raw: dict[str, Any]) -> dict[str, Any]:
    """What says where it happened: exceptions, threads, the event's stack, tags; and no user, who would be another."""
    structure: dict[str, Any] = {"user": HIDDEN} if section(raw, "user") else {}
    if exceptions := mappings_of(section(raw, "exception"), "type", "value"):
        structure["exception"] = {"values": [_exception(each) for each in exceptions[-MAX_STACKS:]]}
    if threads := mappings_of(section(raw, "threads"), "id", "stacktrace"):
        meant = [each for each in threads if each.get("crashed") or each.get("current")] or threads
        structure["threads"] = {"values": [_with_stack(each, _OF_THREAD) for each in meant[:MAX_STACKS]]}
    if stack := _stack(section(raw, "stacktrace")):
        structure["stacktrace"] = stack
    if isinstance(tags := raw.get("tags"), dict):
        structure["tags"] = _names_of(tags, list(tags)[:MAX_PARTS])
    if isinstance(fingerprint := raw.get("fingerprint"), list):
        structure["fingerprint"] = [part for part in fingerprint[:MAX_PARTS] if _is_name(part)]
    if isinstance(sdk := section(raw, "sdk"), dict):
        structure["sdk"] = _names_of(sdk, _OF_SDK)
    return structure


def _exception(exception: dict[str, Any]) -> dict[str, Any]:
    kept = _with_stack(exception, _OF_EXCEPTION)
    if exception.get("value"):
        kept["value"] = HIDDEN
    if isinstance(mechanism := exception.get("mechanism"), dict):
        kept["mechanism"] = _names_of(mechanism, _OF_MECHANISM)
    return kept


def _with_stack(entry: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    stack = _stack(entry.get("stacktrace") or entry.get("raw_stacktrace"))
    return _names_of(entry, names) | ({"stacktrace": stack} if stack else {})


def _stack(stack: Any) -> dict[str, Any] | None:
    frames = stack.get("frames") if isinstance(stack, dict) else stack
    if not isinstance(frames, list):
        return None
    if len(frames) > OUTER_FRAMES + INNER_FRAMES:
        frames = frames[:OUTER_FRAMES] + frames[-INNER_FRAMES:]
    return {"frames": [_names_of(frame, _OF_FRAME) for frame in frames if isinstance(frame, dict)]}


def _names_of(mapping: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: mapping[name] for name in names if _is_name(mapping.get(name))}


def _is_name(value: Any) -> bool:
    """Whether a value is short and no text that somebody wrote: a name, a path, a number, a flag."""
    return isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= MAX_NAME_LENGTH)
