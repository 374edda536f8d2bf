"""What happened, as one shape: the values that every later step reads, whatever SDK sent them.

`grouping.reader.read_event` is the only place that builds these from a payload. Field names follow
https://develop.sentry.dev/sdk/data-model/event-payloads/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Frame:
    """One line of a stack trace; `in_app` is None where the SDK did not say."""

    function: str = ""
    module: str = ""
    filename: str = ""
    abs_path: str = ""
    package: str = ""
    lineno: int | None = None
    colno: int | None = None
    context_line: str | None = None
    in_app: bool | None = None
    mapped: bool = False
    """True once a source map or symbol file has rewritten the frame."""
    instruction_addr: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The frame as sent, for what only the page shows: `pre_context`, `post_context`, `vars`."""


@dataclass(slots=True)
class Stacktrace:
    """Frames in the SDKs' order: the oldest call first, the crash last."""

    frames: list[Frame] = field(default_factory=list)
    number: int = field(default=0, compare=False)
    """Equal for stacks that the reader knows to be equal, so that what is made of them may be remembered; else 0."""


@dataclass(slots=True)
class Mechanism:
    """How an exception was caught, and its place in an exception group (RFC 0079)."""

    type: str = ""
    handled: bool | None = None
    synthetic: bool = False
    source: str = ""
    exception_id: int | None = None
    parent_id: int | None = None
    is_exception_group: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ExceptionValue:
    """One exception of a chain; the SDKs' order is the oldest cause first, the thrown one last."""

    type: str = ""
    value: str = ""
    module: str = ""
    stacktrace: Stacktrace | None = None
    mechanism: Mechanism = field(default_factory=Mechanism)
    thread_id: str = ""


@dataclass(slots=True)
class Thread:
    id: str = ""
    name: str = ""
    crashed: bool = False
    current: bool = False
    state: str = ""
    stacktrace: Stacktrace | None = None


@dataclass(slots=True)
class User:
    id: str = ""
    email: str = ""
    username: str = ""
    ip_address: str = ""

    @property
    def identity(self) -> str:
        """The string by which users are counted: `id:…`, else `email:…`, `username:…`, `ip:…`, else empty."""
        for kind, value in (
            ("id", self.id),
            ("email", self.email),
            ("username", self.username),
            ("ip", self.ip_address),
        ):
            if value:
                return f"{kind}:{value}"
        return ""


@dataclass(slots=True, frozen=True)
class Breadcrumb:
    """One step of the trail before the event."""

    timestamp: datetime | None = None
    type: str = "default"
    category: str = ""
    level: str = "info"
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What the SDK sent as `data`."""


@dataclass(slots=True)
class Event:
    """One event, read. All text is clean: no NUL, no lone surrogate, bounded; absent text is empty."""

    event_id: str
    """32 lower-case hex digits."""
    platform: str = "other"
    type: str = "error"
    """`error`, `default` (a message), `csp` and the other security reports, `transaction`, `feedback`."""
    level: str = "error"
    """One of `fatal`, `error`, `warning`, `info`, `debug`."""
    timestamp: datetime | None = None
    """When it happened by the client's clock (UTC); None where absent or unreadable."""
    logger: str = ""
    transaction: str = ""
    release: str = ""
    dist: str = ""
    environment: str = ""
    server_name: str = ""
    message: str = ""
    """The formatted message."""
    message_template: str = ""
    """The message before its parameters were put in (`logentry.message`), else empty."""
    exceptions: list[ExceptionValue] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    stacktrace: Stacktrace | None = None
    template: Mapping[str, Any] | None = None
    """Template error of Django or Jinja: `filename`, `lineno`, `context_line`."""
    csp: Mapping[str, Any] | None = None
    """A security report's body, keys in snake case (`effective_directive`, `blocked_uri`); its kind is `type`."""
    request: Mapping[str, Any] | None = None
    user: User = field(default_factory=User)
    tags: dict[str, str] = field(default_factory=dict)
    contexts: Mapping[str, Any] = field(default_factory=dict)
    sdk_name: str = ""
    sdk_version: str = ""
    fingerprint: list[str] = field(default_factory=list)
    checksum: str = ""
    notes: list[str] = field(default_factory=list)
    """What had to be cut or could not be read, for the event's page."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The cleaned payload: what is stored, and what pages read beyond the fields above."""
    is_skimmed: bool = False
    """In `raw`, and in that of the frames, lies no more than the fields were read from."""
