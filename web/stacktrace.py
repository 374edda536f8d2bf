"""What the page shows of exceptions and stack traces: which frame is open, what is folded away, in which order."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.safestring import SafeString

from grouping.event import Event, ExceptionValue, Frame, Stacktrace, Thread
from grouping.frames import is_in_app
from grouping.reader import frame_variables, source_lines
from web.highlight import highlight_lines, language_of

MAX_COLOURED_FRAMES = 60
"""Frames whose source is coloured; a recursion of 300 frames need not be coloured 300 times."""
MAX_VALUE_LENGTH = 2_000
MAX_ROW_LENGTH = 100
FILTERED = ("[Filtered]", "[REDACTED]")


@dataclass(slots=True, frozen=True)
class Line:
    number: int | None
    html: SafeString
    is_current: bool


@dataclass(slots=True, frozen=True)
class Variable:
    name: str
    value: str
    is_filtered: bool
    is_cut: bool


@dataclass(slots=True)
class FrameView:
    """One frame, ready to be shown."""

    function: str
    path: str
    full_path: str
    module: str
    lineno: int | None
    colno: int | None
    package: str
    address: str
    is_mapped: bool
    in_app: bool
    lines: list[Line]
    variables: list[Variable]
    is_open: bool = False
    is_crash: bool = False

    @property
    def has_body(self) -> bool:
        return bool(self.lines or self.variables)


@dataclass(slots=True, frozen=True)
class Segment:
    """Neighbours in a stack: one in-app frame, or a run of library frames folded into one line."""

    frames: list[FrameView]
    is_fold: bool


@dataclass(slots=True)
class StackView:
    segments: list[Segment] = field(default_factory=list)
    frames: int = 0
    library_frames: int = 0


@dataclass(slots=True, frozen=True)
class ExceptionView:
    """One exception of the chain; `relation` says how it stands to the one shown before it."""

    type: str
    value: str
    module: str
    mechanism: str
    is_handled: bool | None
    is_thrown: bool
    """The one that reached the SDK; the others led to it."""
    relation: str
    stack: StackView | None


@dataclass(slots=True, frozen=True)
class ThreadView:
    name: str
    id: str
    is_crashed: bool
    is_current: bool
    state: str
    stack: StackView | None


@dataclass(slots=True, frozen=True)
class Display:
    """How the reader wants it: `newest_first` puts the crash on top; `all_frames` unfolds the library's."""

    newest_first: bool = True
    all_frames: bool = False


def exception_views(event: Event, display: Display) -> list[ExceptionView]:
    """The chain, the thrown exception first with its stack; or, oldest first, as Python prints it."""
    chain = list(event.exceptions)
    if display.newest_first:
        chain.reverse()
    is_group = any(exception.mechanism.is_exception_group for exception in event.exceptions)
    return [
        ExceptionView(
            type=exception.type,
            value=exception.value,
            module=exception.module,
            mechanism=exception.mechanism.type if exception.mechanism.type != "generic" else "",
            is_handled=exception.mechanism.handled,
            is_thrown=exception is event.exceptions[-1],
            relation=_relation(place, exception, display, is_group=is_group),
            stack=stack_view(exception.stacktrace, event.platform, display),
        )
        for place, exception in enumerate(chain)
    ]


def _relation(place: int, exception: ExceptionValue, display: Display, *, is_group: bool) -> str:
    if place == 0:
        return ""
    if is_group and exception.mechanism.source.startswith("exceptions"):
        return "Within the group"
    return "Caused by" if display.newest_first else "Which led to"


def thread_views(threads: Sequence[Thread], platform: str, display: Display) -> list[ThreadView]:
    """Threads that have a stack; the crashed one first, then the current one."""
    shown = [thread for thread in threads if thread.stacktrace and thread.stacktrace.frames]
    shown.sort(key=lambda thread: (not thread.crashed, not thread.current))
    return [
        ThreadView(
            name=thread.name,
            id=thread.id,
            is_crashed=thread.crashed,
            is_current=thread.current,
            state=thread.state,
            stack=stack_view(thread.stacktrace, platform, display),
        )
        for thread in shown
    ]


def stack_view(stacktrace: Stacktrace | None, platform: str, display: Display) -> StackView | None:
    """The stack as runs of frames; the in-app frame nearest the crash is open."""
    if stacktrace is None or not stacktrace.frames:
        return None
    count = len(stacktrace.frames)
    views = [
        _frame_view(frame, platform, coloured=count - place <= MAX_COLOURED_FRAMES)
        for place, frame in enumerate(stacktrace.frames)
    ]
    _open_crash(views)
    if display.newest_first:
        views.reverse()
    library = sum(not view.in_app for view in views)
    return StackView(list(_segments(views, display)), frames=count, library_frames=library)


def _open_crash(views: list[FrameView]) -> None:
    views[-1].is_crash = True
    innermost = next((view for view in reversed(views) if view.in_app), views[-1])
    innermost.is_open = True


def _segments(views: list[FrameView], display: Display) -> Iterator[Segment]:
    nothing_in_app = not any(view.in_app for view in views)
    for in_app, run in groupby(views, key=lambda view: view.in_app):
        frames = list(run)
        if in_app or display.all_frames or nothing_in_app or len(frames) == 1:
            yield from (Segment([view], is_fold=False) for view in frames)
        else:
            yield Segment(frames, is_fold=True)


def _frame_view(frame: Frame, platform: str, *, coloured: bool) -> FrameView:
    source = source_lines(frame)
    path = frame.filename or frame.abs_path or frame.module or frame.package
    language = language_of(frame.filename or frame.abs_path, platform) if coloured else "text"
    html = highlight_lines([line.text for line in source], language)
    return FrameView(
        function=frame.function or ("<unknown>" if not frame.instruction_addr else frame.instruction_addr),
        path=path,
        full_path=frame.abs_path or path,
        module=frame.module,
        lineno=frame.lineno,
        colno=frame.colno,
        package=frame.package.replace("\\", "/").rpartition("/")[2],
        address=frame.instruction_addr,
        is_mapped=frame.mapped,
        in_app=is_in_app(frame, platform),
        lines=[Line(line.number, text, line.is_current) for line, text in zip(source, html, strict=True)],
        variables=[_variable(name, value) for name, value in frame_variables(frame).items()],
    )


def _variable(name: str, value: Any) -> Variable:
    text = as_text(value)
    return Variable(name, text[:MAX_VALUE_LENGTH], is_filtered=text in FILTERED, is_cut=len(text) > MAX_VALUE_LENGTH)


def as_text(value: Any) -> str:
    """A value as a person reads it: text as it is, everything else as JSON, indented if it does not fit in a row."""
    if isinstance(value, str):
        return value
    short = json.dumps(value, default=str, ensure_ascii=False)
    if len(short) <= MAX_ROW_LENGTH:
        return short
    return json.dumps(value, default=str, ensure_ascii=False, indent=2)


def stack_as_text(event: Event) -> str:
    """The chain as plain text, oldest cause first, for pasting into a chat or a ticket."""
    blocks = []
    for exception in event.exceptions:
        frames = exception.stacktrace.frames if exception.stacktrace else []
        rows = [row for frame in frames for row in _frame_as_text(frame)]
        blocks.append("\n".join([*rows, f"{exception.type}: {exception.value}" if exception.value else exception.type]))
    if not blocks and event.stacktrace:
        blocks.append("\n".join(row for frame in event.stacktrace.frames for row in _frame_as_text(frame)))
    return "\n\n".join(blocks)


def _frame_as_text(frame: Frame) -> list[str]:
    place = frame.filename or frame.abs_path or frame.module or frame.instruction_addr or "?"
    line = f":{frame.lineno}" if frame.lineno is not None else ""
    rows = [f"  {place}{line} in {frame.function or '?'}"]
    if frame.context_line and frame.context_line.strip():
        rows.append(f"    {frame.context_line.strip()[:200]}")
    return rows
