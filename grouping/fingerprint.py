"""Explicit fingerprints: a list of texts from the client or from a rule, `{{ default }}`, variables."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from grouping.event import Event, ExceptionValue, Frame
from grouping.frames import is_in_app
from grouping.messages import message_template

MAX_PARTS = 32
MAX_PART_LENGTH = 1_024
MAX_FINGERPRINT_LENGTH = 8_192
MAX_TITLE_LENGTH = 512

_VARIABLE = re.compile(r"\{\{\s*([^{}\s]{1,200})\s*\}\}")
_DEFAULT = re.compile(r"\{\{\s*default\s*\}\}")


def client_fingerprint(event: Event) -> list[str]:
    """What the client asked for; @sentry/node 4 puts every event's own message there, which nobody asked for."""
    if event.fingerprint == [event.message] and event.sdk_name == "sentry.javascript.node":
        return [] if event.sdk_version.startswith("4.") else event.fingerprint
    return event.fingerprint


def is_default(part: str) -> bool:
    """Whether the part stands for what grouping would have said on its own."""
    return bool(_DEFAULT.fullmatch(part.strip()))


def bounded(parts: Sequence[str]) -> list[str]:
    """A fingerprint within 32 parts, 1 KiB each, 8 KiB in all; empty where it only says `{{ default }}`."""
    kept: list[str] = []
    room = MAX_FINGERPRINT_LENGTH
    for part in parts[:MAX_PARTS]:
        text = part[: min(MAX_PART_LENGTH, room)]
        room -= len(text)
        kept.append(text)
    return [] if all(is_default(part) or not part for part in kept) else kept


def expand_parts(parts: Sequence[str], event: Event) -> list[str]:
    """The parts with their variables filled in; `{{ default }}` stays, and repeated messages lose what varies."""
    spoken = {event.message, *(exception.value for exception in event.exceptions)} - {""}
    lookup = cache(partial(variable, event=event))
    return [part if is_default(part) else _expanded(part, lookup, spoken) for part in parts]


def expand_title(title: str, event: Event) -> str:
    """A rule's title with its variables filled in as they were sent."""
    lookup = cache(partial(variable, event=event))
    return _VARIABLE.sub(lambda found: lookup(_AS_SENT.get(found[1], found[1])), title)[:MAX_TITLE_LENGTH]


def _expanded(part: str, lookup: Callable[[str], str], spoken: set[str]) -> str:
    if part in spoken:
        return message_template(part, strong=False)
    return _VARIABLE.sub(lambda found: lookup(found[1]), part)[:MAX_PART_LENGTH]


_AS_SENT = {"message": "raw_message", "value": "raw_value", "error.value": "raw_value"}


def variable(name: str, event: Event) -> str:
    """What a variable stands for: `<no-NAME>` where the event has none, `<unrecognized-variable-NAME>` if unknown."""
    if name.startswith("tags."):
        return event.tags.get(name.removeprefix("tags.")) or f"<no-value-for-tag-{name.removeprefix('tags.')}>"
    read = _VARIABLES.get(name)
    if read is None:
        return f"<unrecognized-variable-{name}>"
    return read(event) or f"<no-{name.removeprefix('error.').removeprefix('stack.').replace('_', '-')}>"


def _main(event: Event) -> ExceptionValue:
    return event.exceptions[-1] if event.exceptions else ExceptionValue()


def crash_frame(event: Event) -> Frame:
    """The in-app frame nearest the crash, else the nearest at all; an empty one where there is no stack."""
    stacktrace = _main(event).stacktrace or event.stacktrace
    frames = stacktrace.frames if stacktrace else []
    own = (frame for frame in reversed(frames) if is_in_app(frame, event.platform))
    return next(own, frames[-1] if frames else Frame())


def _message(event: Event) -> str:
    return message_template(event.message or _main(event).value, strong=False)


def _value(event: Event) -> str:
    return message_template(_main(event).value, strong=False)


_VARIABLES: Mapping[str, Callable[[Event], str]] = {
    "transaction": lambda event: event.transaction,
    "message": _message,
    "raw_message": lambda event: event.message or _main(event).value,
    "type": lambda event: _main(event).type,
    "error.type": lambda event: _main(event).type,
    "value": _value,
    "error.value": _value,
    "raw_value": lambda event: _main(event).value,
    "error.raw_value": lambda event: _main(event).value,
    "function": lambda event: crash_frame(event).function,
    "stack.function": lambda event: crash_frame(event).function,
    "path": lambda event: crash_frame(event).abs_path or crash_frame(event).filename,
    "stack.abs_path": lambda event: crash_frame(event).abs_path or crash_frame(event).filename,
    "stack.filename": lambda event: crash_frame(event).filename,
    "module": lambda event: crash_frame(event).module,
    "stack.module": lambda event: crash_frame(event).module,
    "package": lambda event: crash_frame(event).package,
    "stack.package": lambda event: crash_frame(event).package,
    "level": lambda event: event.level,
    "logger": lambda event: event.logger,
    "release": lambda event: event.release,
    "environment": lambda event: event.environment,
}
