"""Exceptions, stack traces and threads of an event."""

from collections.abc import Sequence

from grouping.event import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread
from grouping.frames import is_in_app
from grouping.reader import frame_variables, source_lines
from web.api.shapes import Shape


def exception_entry(event: Event) -> Shape:
    """The whole chain, the oldest cause first, as SDKs send it."""
    values = [_exception_shape(exception, event.platform) for exception in event.exceptions]
    return {
        "values": values,
        "hasSystemFrames": any(_has_system_frames(value["stacktrace"]) for value in values),
        "excOmitted": None,
    }


def _exception_shape(exception: ExceptionValue, platform: str) -> Shape:
    return {
        "type": exception.type,
        "value": exception.value,
        "module": exception.module or None,
        "mechanism": _mechanism_shape(exception.mechanism),
        "threadId": exception.thread_id or None,
        "stacktrace": stacktrace_shape(exception.stacktrace, platform),
        "rawStacktrace": None,
    }


def _mechanism_shape(mechanism: Mechanism) -> Shape | None:
    if not mechanism.type and mechanism.handled is None:
        return None
    return {
        "type": mechanism.type,
        "handled": mechanism.handled,
        "synthetic": mechanism.synthetic or None,
        "source": mechanism.source or None,
        "exception_id": mechanism.exception_id,
        "parent_id": mechanism.parent_id,
        "is_exception_group": mechanism.is_exception_group or None,
        "data": mechanism.raw.get("data"),
        "meta": mechanism.raw.get("meta"),
    }


def stacktrace_shape(stacktrace: Stacktrace | None, platform: str) -> Shape | None:
    """The oldest call first."""
    if stacktrace is None:
        return None
    frames = [_frame_shape(frame, platform) for frame in stacktrace.frames]
    return {
        "frames": frames,
        "framesOmitted": None,
        "registers": None,
        "hasSystemFrames": any(not frame["inApp"] for frame in frames) and any(frame["inApp"] for frame in frames),
    }


def _frame_shape(frame: Frame, platform: str) -> Shape:
    return {
        "filename": frame.filename or None,
        "absPath": frame.abs_path or None,
        "module": frame.module or None,
        "package": frame.package or None,
        "platform": frame.raw.get("platform"),
        "instructionAddr": frame.instruction_addr or None,
        "symbolAddr": frame.raw.get("symbol_addr"),
        "function": frame.function or None,
        "rawFunction": frame.raw.get("raw_function"),
        "symbol": frame.raw.get("symbol"),
        "context": [[line.number, line.text] for line in source_lines(frame)],
        "lineNo": frame.lineno,
        "colNo": frame.colno,
        "inApp": is_in_app(frame, platform),
        "trust": frame.raw.get("trust"),
        "errors": None,
        "lock": None,
        "vars": frame_variables(frame) or None,
    }


def threads_entry(threads: Sequence[Thread], platform: str) -> Shape:
    return {
        "values": [
            {
                "id": thread.id,
                "name": thread.name or None,
                "crashed": thread.crashed,
                "current": thread.current,
                "state": thread.state or None,
                "stacktrace": stacktrace_shape(thread.stacktrace, platform),
                "rawStacktrace": None,
            }
            for thread in threads
        ]
    }


def _has_system_frames(stacktrace: Shape | None) -> bool:
    return bool(stacktrace and stacktrace["hasSystemFrames"])
