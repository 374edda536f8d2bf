"""What an event is called: title, type, value, and the place it came from."""

from collections.abc import Iterator
from typing import NamedTuple

from grouping.event import Event, ExceptionValue, Frame, Stacktrace
from grouping.frames import token_of

MAX_TITLE_LENGTH = 255
MAX_CULPRIT_LENGTH = 200
UNNAMED = "Event without a message"


class Title(NamedTuple):
    """`title` is one line; `type` and `value` are its parts where the event has an exception, else `value` is all."""

    title: str
    type: str
    value: str
    culprit: str


def title_of(event: Event) -> Title:
    """The names of an event: of its thrown exception if there is one, else of its message."""
    exception = main_exception(event)
    culprit = culprit_of(event)
    if exception is None:
        value = event.message or event.message_template or _template_error(event)
        return Title(_one_line(value) or _one_line(event.transaction) or UNNAMED, "", value, culprit)
    value = exception.value or event.message
    first_line = _one_line(value)
    if not exception.type or (exception.mechanism.synthetic and first_line):
        return Title(first_line or UNNAMED, exception.type, value, culprit)
    title = f"{exception.type}: {first_line}" if first_line else exception.type
    return Title(_one_line(title) or UNNAMED, exception.type, value, culprit)


def culprit_of(event: Event) -> str:
    """The transaction, else `module in function` of the crash frame, else what the SDK itself called the culprit."""
    if event.transaction:
        return _bounded(event.transaction, MAX_CULPRIT_LENGTH)
    frame = crash_frame(event)
    if frame is not None:
        place = " in ".join(part for part in (frame.module or frame.filename, frame.function) if part)
        if place:
            return _bounded(place, MAX_CULPRIT_LENGTH)
    said = event.raw.get("culprit")
    return _bounded(said, MAX_CULPRIT_LENGTH) if isinstance(said, str) else ""


def main_exception(event: Event) -> ExceptionValue | None:
    """The thrown exception: the last of the chain that has a type or a value."""
    for exception in reversed(event.exceptions):
        if exception.type or exception.value:
            return exception
    return event.exceptions[-1] if event.exceptions else None


def crash_frame(event: Event) -> Frame | None:
    """The last frame of the user's own code, in the first stack that has one; else the last frame of the first stack.

    Frames of libraries are known by their paths, whatever the SDK says of them.
    """
    innermost: Frame | None = None
    for stacktrace in _stacks(event):
        for frame in reversed(stacktrace.frames):
            if _is_own_code(frame, event.platform):
                return frame
        innermost = innermost or stacktrace.frames[-1]
    return innermost


def _is_own_code(frame: Frame, platform: str) -> bool:
    if frame.in_app is False or not (frame.module or frame.filename or frame.abs_path or frame.package):
        return False
    token = token_of(frame, platform)
    return not token.library and not token.dropped


def _stacks(event: Event) -> Iterator[Stacktrace]:
    """The stacks that tell where it happened, the most informative first."""
    for exception in reversed(event.exceptions):
        if exception.stacktrace:
            yield exception.stacktrace
    if event.stacktrace:
        yield event.stacktrace
    for thread in sorted(event.threads, key=lambda thread: (not thread.crashed, not thread.current)):
        if thread.stacktrace and (thread.crashed or thread.current or len(event.threads) == 1):
            yield thread.stacktrace


def _template_error(event: Event) -> str:
    name = event.template.get("filename") if event.template else None
    return f"Template error in {name}" if isinstance(name, str) else ""


def _one_line(text: str) -> str:
    """The first line that is not empty, on one line and bounded."""
    stripped = text.lstrip()[: 4 * MAX_TITLE_LENGTH]
    first = stripped.splitlines()[0] if stripped else ""
    return _bounded(" ".join(first.split()), MAX_TITLE_LENGTH)


def _bounded(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
