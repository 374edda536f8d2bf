"""What matchers look at: an event, its exceptions, threads and frames, as names with values."""

from collections.abc import Iterable, Iterator

from grouping.event import Event, ExceptionValue, Frame, Thread
from grouping.rules.index import Subject
from grouping.rules.matchers import FAMILIES

UNKNOWN = "<unknown>"
"""What an exception's type or value reads where there is none."""


def frame_subject(frame: Frame, platform: str, *, in_app: bool) -> Subject:
    """A frame; its family is the platform's."""
    said = (
        ("family", FAMILIES.get(platform, "other")),
        ("function", frame.function),
        ("module", frame.module),
        ("path", frame.abs_path or frame.filename),
        ("package", frame.package),
    )
    return [("app", in_app), *(each for each in said if each[1])]


def exception_subject(exception: ExceptionValue | None) -> Subject:
    """An exception, or the absence of one."""
    texts = (exception.type, exception.value, exception.mechanism.type) if exception else ("", "", "")
    return [(name, text or UNKNOWN) for name, text in zip(("type", "value", "mechanism"), texts, strict=True)]


def thread_subject(thread: Thread) -> Subject:
    texts = [("thread.id", thread.id), ("thread.name", thread.name), ("thread.state", thread.state)]
    truths = [("thread.crashed", thread.crashed), ("thread.current", thread.current)]
    return [*(each for each in texts if each[1]), *truths]


def event_subject(event: Event, names: Iterable[str]) -> Subject:
    """The event itself, by those of the names that are known of it."""
    return [(name, value) for name in names for value in _values_of(name, event)]


def _values_of(name: str, event: Event) -> Iterator[str]:
    if name == "message":
        texts = [event.message, event.message_template, *(exception.value for exception in event.exceptions)]
        yield from filter(None, texts)
    elif name.startswith("tags."):
        tag = event.tags.get(name.removeprefix("tags."))
        if tag is not None:
            yield tag
    elif name == "family":
        yield FAMILIES.get(event.platform, "other")
    elif name == "sdk":
        yield event.sdk_name
    elif value := str(getattr(event, name)):
        yield value
