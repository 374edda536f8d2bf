"""The payload in the shape in which nearly all come, decoded straight to frames.

A payload is mostly what only its page shows: variables, source lines, breadcrumbs. Here that is checked to be JSON and
passed over; frames become values without a dictionary each, and the stacks of a busy issue are the same value again.
Whatever is not in this shape is left to the forgiving reader, so nothing has to be forgiven here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct, field
from msgspec.structs import asdict

from grouping.event import Frame, Stacktrace
from grouping.reader import limits
from grouping.reader.decode import has_control_escapes
from grouping.reader.stacks import read_frame

REMEMBERED_STACKS = 1_024
REMEMBERED_BYTES = 48 * 1024
"""Stacks of larger payloads are not remembered, so that all together take 48 MB at the very most."""
_MAX_INTEGER = 2**63 - 1

_ABSENT = Raw(b"null")
_Integer = Annotated[int, Meta(ge=0, le=_MAX_INTEGER)]


class SentFrame(Struct, frozen=True):
    """What of a frame says where something happened; hashable, so that stacks can be recognised."""

    function: str | None = None
    module: str | None = None
    filename: str | None = None
    abs_path: str | None = None
    package: str | None = None
    platform: str | None = None
    lineno: _Integer | None = None
    colno: _Integer | None = None
    context_line: str | None = None
    in_app: bool | None = None
    instruction_addr: str | None = None


_Frames = tuple[SentFrame, ...]
_Reader = Callable[[_Frames], Stacktrace]


class SentStack(Struct):
    frames: Annotated[_Frames, Meta(max_length=limits.OUTER_FRAMES + limits.INNER_FRAMES)] = ()


class SentException(Struct):
    type: str | None = None
    value: str | None = None
    module: str | None = None
    thread_id: int | str | None = None
    mechanism: Any = None
    stacktrace: SentStack | None = None
    raw_stacktrace: SentStack | None = None


_Chain = Annotated[list[SentException], Meta(max_length=limits.OUTER_EXCEPTIONS + limits.INNER_EXCEPTIONS)]


class SentExceptions(Struct):
    values: _Chain


class SentThread(Struct):
    id: int | str | None = None
    name: str | None = None
    crashed: bool | None = None
    current: bool | None = None
    state: str | None = None
    stacktrace: SentStack | None = None
    raw_stacktrace: SentStack | None = None


class SentThreads(Struct):
    values: Annotated[list[SentThread], Meta(max_length=limits.THREADS)]


class SentExtra(Struct):
    environ: Raw = _ABSENT


class SentEvent(Struct, forbid_unknown_fields=True):
    """An event with a name that is not here is not everyday.

    Source: https://develop.sentry.dev/sdk/data-model/event-payloads/
    """

    event_id: str | None = None
    timestamp: float | str | None = None
    platform: str | None = None
    type: str | None = None
    level: str | None = None
    logger: str | None = None
    transaction: str | None = None
    culprit: str | None = None
    release: str | None = None
    dist: str | None = None
    environment: str | None = None
    server_name: str | None = None
    message: str | None = None
    fingerprint: list[str] | None = None
    checksum: str | None = None
    exception: SentExceptions | _Chain | None = None
    threads: SentThreads | None = None
    stacktrace: SentStack | None = None

    logentry: Any = None
    template: Any = None
    csp: Any = None
    expectct: Any = None
    expectstaple: Any = None
    hpkp: Any = None
    request: Any = None
    user: Any = None
    tags: Any = None
    contexts: Any = None
    sdk: Any = None

    extra: SentExtra | None = None
    breadcrumbs: Raw = _ABSENT
    modules: Raw = _ABSENT
    debug_meta: Raw = _ABSENT
    spans: Raw = _ABSENT
    measurements: Raw = _ABSENT
    transaction_info: Raw = _ABSENT
    start_timestamp: Raw = _ABSENT
    errors: Raw = _ABSENT
    meta: Raw = field(name="_meta", default=_ABSENT)


_READ = (
    *("event_id", "timestamp", "platform", "type", "level", "logger", "transaction", "culprit", "release", "dist"),
    *("environment", "server_name", "message", "fingerprint", "checksum"),
    *("logentry", "template", "csp", "expectct", "expectstaple", "hpkp"),
    *("request", "user", "tags", "contexts", "sdk"),
)
_numbers = count(1)
_decoder = msgspec.json.Decoder(SentEvent)


def read_everyday(payload: bytes) -> dict[str, Any] | None:
    """What grouping and search need of a payload, by name; None where it is not in the everyday shape.

    Stacks are `Stacktrace` values, which events share and nobody changes.
    """
    if len(payload) > limits.COMFORTABLE_BYTES or has_control_escapes(payload):
        return None
    try:
        if not payload.isascii():
            payload.decode()  # What is passed over is not looked at as text.
        sent = _decoder.decode(payload)
    except (ValueError, RecursionError):
        return None
    if sent.extra and sent.extra.environ is not _ABSENT:
        return None
    read = {name: getattr(sent, name) for name in _READ}
    read_stack = _remembered_stack if len(payload) <= REMEMBERED_BYTES else _read_stack
    read["stacktrace"] = _stack(sent.stacktrace, read_stack)
    if sent.exception:
        chain = sent.exception if isinstance(sent.exception, list) else sent.exception.values
        read["exception"] = _values(chain, read_stack)
    if sent.threads:
        read["threads"] = _values(sent.threads.values, read_stack)
    return read


def _values(sent: Sequence[SentException | SentThread], read_stack: _Reader) -> list[dict[str, Any]]:
    return [
        asdict(each) | {"stacktrace": _stack(each.stacktrace, read_stack) or _stack(each.raw_stacktrace, read_stack)}
        for each in sent
    ]


def _stack(sent: SentStack | None, read_stack: _Reader) -> Stacktrace | None:
    return read_stack(sent.frames) if sent and sent.frames else None


def _read_stack(frames: _Frames) -> Stacktrace:
    return Stacktrace([_read_frame(frame) for frame in frames])


@lru_cache(maxsize=REMEMBERED_STACKS)
def _remembered_stack(frames: _Frames) -> Stacktrace:
    return replace(_read_stack(frames), number=next(_numbers))


def _read_frame(sent: SentFrame) -> Frame:
    return replace(read_frame(asdict(sent)), raw={"platform": sent.platform} if sent.platform else {})
