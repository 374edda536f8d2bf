"""Evidence without a stack: template errors, security reports, and events that say next to nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from grouping.event import Event
from grouping.frames import Token
from grouping.frames.common import location_of_path, trusted_line
from grouping.frames.site import Draft
from grouping.stacks import Selection


@dataclass(slots=True)
class Cause:
    """An explicit cause of the main exception: its type and where it crashed."""

    type: str
    token: Token | None
    in_app: bool


@dataclass(slots=True)
class Evidence:
    """One event's evidence: `kind` says what speaks, `case` how much the stack says (README: C0 to C6)."""

    kind: str
    case: str = ""
    type: str = ""
    selection: Selection = field(default_factory=Selection)
    causes: list[Cause] = field(default_factory=list)
    frames: list[Token] = field(default_factory=list)
    """The tokens in the primary key, the crash last."""
    crash_line: bool = False
    """The source line of the crash frame is part of the key."""
    message: str | None = None
    """The message template, where it is part of the key."""
    message_raw: str = ""
    message_alone: str = ""
    """The template by which the same message is known that comes without a stack; empty where it says too little."""
    message_strong: bool = False
    language: str = ""
    """For messages alone: the same words from another language's program are another message."""
    texts: list[str] = field(default_factory=list)
    """Other parts: a checksum, a template's line, a report's directive, a transaction."""
    base_texts: list[str] = field(default_factory=list)
    """For pure messages: what remains of the key when the message is left out."""
    raw_positions: list[str] = field(default_factory=list)
    """File, line and column as sent, where a source map or mapping file can change what the frames say."""
    main: int = -1
    """Position of the main exception; -1 without one."""
    skipped: dict[int, str] = field(default_factory=dict)


MAX_TEXT_LENGTH = 1_024

LOCAL = "local"


def template_texts(template: Mapping[str, Any]) -> list[str]:
    """A template error's file and line of source."""
    filename = _text(template, "filename") or _text(template, "abs_path")
    return [location_of_path(filename, Draft()), trusted_line(_text(template, "context_line"))]


def security_texts(kind: str, report: Mapping[str, Any]) -> list[str]:
    """A security report's directive, and what was blocked: this site's own script, or a host."""
    body = _body(report)
    directive = _text(body, "effective_directive", "effective-directive", "effectiveDirective")
    directive = directive or _text(body, "violated_directive", "violated-directive", "violatedDirective")
    directive = directive.split(" ", 1)[0].lower()
    blocked = _text(body, "blocked-uri", "blockedURL", "blockedURI", "blocked_uri")
    document = _text(body, "document-uri", "documentURL", "documentURI", "document_uri")
    host = _text(body, "hostname")
    return [kind, directive, host.lower() if host else _blocked(blocked, document)]


def low_texts(event: Event) -> list[str]:
    """What tells apart events that say nothing: where they come from."""
    mechanism = event.exceptions[-1].mechanism.type if event.exceptions else ""
    return [event.platform, mechanism, event.level, event.logger, event.transaction]


def _blocked(uri: str, document: str) -> str:
    if uri in {"", "self", "inline", "eval", "wasm-eval"}:
        return uri or "self"
    try:
        target, page = urlsplit(uri), urlsplit(document)
    except ValueError:
        return "invalid"
    if target.scheme in {"data", "blob", "filesystem", "about", "chrome-extension", "moz-extension"}:
        return target.scheme
    if not target.netloc:
        return re.split(r"[/?#:]", uri, maxsplit=1)[0].lower()
    host = target.netloc.rpartition("@")[2].lower()
    return LOCAL if host == page.netloc.rpartition("@")[2].lower() else re.sub(r":\d+$", "", host)


def _body(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """The report itself, whether or not its envelope is still around it."""
    for name in ("csp-report", "expect-ct-report", "expect-staple-report", "known-pins", "body"):
        inner = report.get(name)
        if isinstance(inner, Mapping):
            return inner
    return report


def _text(mapping: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = mapping.get(name)
        if isinstance(value, str) and value:
            return value[:MAX_TEXT_LENGTH].strip()
    return ""
