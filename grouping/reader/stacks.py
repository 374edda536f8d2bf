"""Frames, stack traces, exceptions and threads of a payload."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grouping.event import ExceptionValue, Frame, Mechanism, Stacktrace, Thread
from grouping.reader import limits
from grouping.reader.scalars import read_flag, read_integer, read_text

_LINES_EACH_SIDE = 50
_VARIABLES = 200


@dataclass(slots=True, frozen=True)
class SourceLine:
    """One line of source; `number` is None where the frame has no line number."""

    number: int | None
    text: str
    is_current: bool


def source_lines(frame: Frame) -> list[SourceLine]:
    """The frame's line with the lines before and after it; empty where the SDK sent no source."""
    before = _lines(frame.raw.get("pre_context"))[-_LINES_EACH_SIDE:]
    after = _lines(frame.raw.get("post_context"))[:_LINES_EACH_SIDE]
    if frame.context_line is None:
        return []
    first = None if frame.lineno is None else frame.lineno - len(before)
    return [
        SourceLine(None if first is None else first + place, text, place == len(before))
        for place, text in enumerate([*before, frame.context_line, *after])
    ]


def frame_variables(frame: Frame) -> dict[str, Any]:
    """The local variables by name; a bare list, as some clients sent, gets its places as names."""
    variables = frame.raw.get("vars")
    if isinstance(variables, list):
        variables = {str(place): value for place, value in enumerate(variables)}
    if not isinstance(variables, dict):
        return {}
    return {str(name): variables[name] for name in list(variables)[:_VARIABLES]}


def _lines(value: Any) -> list[str]:
    return [read_text(line, limits.LINE) for line in value] if isinstance(value, list) else []


def read_exceptions(section: Any, notes: list[str]) -> list[ExceptionValue]:
    """The chain from `{values: […]}`, a bare list or one bare exception; empty entries are passed over."""
    entries = mappings_of(section, "type", "value")
    if len(entries) > limits.OUTER_EXCEPTIONS + limits.INNER_EXCEPTIONS:
        notes.append(f"{len(entries)} exceptions were sent: the middle of the chain was left out")
        entries = entries[: limits.OUTER_EXCEPTIONS] + entries[-limits.INNER_EXCEPTIONS :]
    return [exception for exception in (_read_exception(entry, notes) for entry in entries) if exception is not None]


def read_threads(section: Any, notes: list[str]) -> list[Thread]:
    """The threads, at most `limits.THREADS`: the crashed and the current one are never the ones left out."""
    entries = mappings_of(section, "id", "stacktrace")
    if len(entries) > limits.THREADS:
        notes.append(f"{len(entries)} threads were sent: only {limits.THREADS} were kept")
        entries = sorted(entries, key=lambda entry: not (entry.get("crashed") or entry.get("current")))
        entries = entries[: limits.THREADS]
    return [
        Thread(
            id=read_text(entry.get("id"), limits.NAME),
            name=read_text(entry.get("name"), limits.NAME),
            crashed=read_flag(entry.get("crashed")) or False,
            current=read_flag(entry.get("current")) or False,
            state=read_text(entry.get("state"), limits.NAME),
            stacktrace=read_stacktrace(entry.get("stacktrace") or entry.get("raw_stacktrace"), notes),
        )
        for entry in entries
    ]


def read_stacktrace(section: Any, notes: list[str]) -> Stacktrace | None:
    """A stack trace with at least one frame, else None; a stack too long loses its middle, in the payload as well."""
    if isinstance(section, Stacktrace):
        return section
    if isinstance(section, list):
        section = {"frames": section}
    if not isinstance(section, dict):
        return None
    frames = section.get("frames")
    if not isinstance(frames, list) or not frames:
        return None
    if len(frames) > limits.OUTER_FRAMES + limits.INNER_FRAMES:
        notes.append(f"{len(frames)} frames were sent: the middle of the stack was left out")
        section["frames_omitted"] = [limits.OUTER_FRAMES, len(frames) - limits.INNER_FRAMES]
        frames = section["frames"] = frames[: limits.OUTER_FRAMES] + frames[-limits.INNER_FRAMES :]
    read = [read_frame(frame) for frame in frames if isinstance(frame, dict)]
    return Stacktrace(read) if read else None


def mappings_of(section: Any, *keys_of_one: str) -> list[dict[str, Any]]:
    """The objects of `{values: […]}`, of a bare list, or the one object that has one of `keys_of_one`."""
    if isinstance(section, dict):
        values = section.get("values")
        if values is None and any(key in section for key in keys_of_one):
            values = [section]
        section = values
    if not isinstance(section, list):
        return []
    return [entry for entry in section if isinstance(entry, dict)]


def _read_exception(entry: dict[str, Any], notes: list[str]) -> ExceptionValue | None:
    type_name = read_text(entry.get("type"), limits.PATH).strip()
    value = read_text(entry.get("value"), limits.TEXT)
    stacktrace = read_stacktrace(entry.get("stacktrace") or entry.get("raw_stacktrace"), notes)
    if not type_name and not value and stacktrace is None:
        return None
    return ExceptionValue(
        type=type_name,
        value=value,
        module=read_text(entry.get("module"), limits.PATH),
        stacktrace=stacktrace,
        mechanism=_read_mechanism(entry.get("mechanism")),
        thread_id=read_text(entry.get("thread_id"), limits.NAME),
    )


def _read_mechanism(section: Any) -> Mechanism:
    if not isinstance(section, Mapping):
        return Mechanism(type=read_text(section, limits.NAME))
    return Mechanism(
        type=read_text(section.get("type"), limits.NAME),
        handled=read_flag(section.get("handled")),
        synthetic=read_flag(section.get("synthetic")) or False,
        source=read_text(section.get("source"), limits.NAME),
        exception_id=read_integer(section.get("exception_id")),
        parent_id=read_integer(section.get("parent_id")),
        is_exception_group=read_flag(section.get("is_exception_group")) or False,
        raw=section,
    )


def read_frame(raw: dict[str, Any]) -> Frame:
    """One frame as sent."""
    get = raw.get
    context_line = get("context_line")
    return Frame(
        read_text(get("function"), limits.PATH),
        read_text(get("module"), limits.PATH),
        read_text(get("filename"), limits.PATH),
        read_text(get("abs_path"), limits.PATH),
        read_text(get("package"), limits.PATH),
        read_integer(get("lineno")),
        read_integer(get("colno")),
        None if context_line is None else read_text(context_line, limits.LINE),
        read_flag(get("in_app")),
        False,
        read_text(get("instruction_addr"), limits.NAME),
        raw,
    )
