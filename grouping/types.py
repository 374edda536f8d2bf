"""What an exception's type contributes: its name without what changes from build to build or from run to run."""

import re
from collections.abc import Mapping

from grouping.catalogue import (
    GENERIC_TYPES,
    LOCATION_INDEPENDENT_MESSAGES,
    LOCATION_INDEPENDENT_TYPES,
    OVERFLOW_MESSAGES,
    OVERFLOW_TYPES,
    WRAPPER_TYPES,
    WRAPPERS_BY_MESSAGE,
)
from grouping.event import ExceptionValue

LONGEST_TYPE = 512

_GENERATED_SUFFIX = re.compile(r"_(?=[a-f]*\d)[0-9a-f]{4,}$")
_JVM_SUFFIX = re.compile(r"(?:\$\$.*|(?:\$\d+)+)$")
_PHP_ANONYMOUS = re.compile(r"@anonymous.*$", re.DOTALL)
_MINIFIED_DART = re.compile(r"minified:\w+")
_MINIFIED_SCRIPT = re.compile(r"[A-Za-z_$][\w$]?")


def type_name(exception: ExceptionValue, platform: str) -> str:
    """The type's lasting name; empty where it says nothing (synthetic, minified, absent)."""
    name = _error_code(exception) or exception.type.strip()[:LONGEST_TYPE]
    if exception.mechanism.synthetic or name == "<unknown>":
        return ""
    if platform in {"javascript", "node"} and _MINIFIED_SCRIPT.fullmatch(name):
        return ""
    if _MINIFIED_DART.fullmatch(name):
        return ""
    name = _PHP_ANONYMOUS.sub("@anonymous", name)
    if platform in {"java", "android"}:
        name = _JVM_SUFFIX.sub("", name)
    return _GENERATED_SUFFIX.sub("", name)


def _error_code(exception: ExceptionValue) -> str:
    """An NSError's domain and code, which say what its type does not; empty for everything else."""
    meta = exception.mechanism.raw.get("meta")
    error = meta.get("ns_error") if isinstance(meta, Mapping) else None
    if not isinstance(error, Mapping) or not error.get("domain"):
        return ""
    return f"{error['domain']} {error.get('code', '')}".strip()[:LONGEST_TYPE]


def is_generic(exception: ExceptionValue) -> bool:
    """Whether the type is one that programmers use for anything."""
    return not exception.type or _listed(exception, GENERIC_TYPES)


def is_wrapper(exception: ExceptionValue) -> bool:
    """Whether the exception only carries another one."""
    return _listed(exception, WRAPPER_TYPES) or any(
        exception.type.endswith(name) and exception.value.startswith(start) for name, start in WRAPPERS_BY_MESSAGE
    )


def is_location_independent(exception: ExceptionValue) -> bool:
    """Whether the error strikes wherever the program happens to be: time limits, memory, interrupts."""
    if exception.type == "SystemExit":
        return _aborted_by_server(exception)
    return _listed(exception, LOCATION_INDEPENDENT_TYPES) or exception.value.startswith(LOCATION_INDEPENDENT_MESSAGES)


def is_overflow(exception: ExceptionValue) -> bool:
    """Whether the stack ran over."""
    return exception.type in OVERFLOW_TYPES or exception.value.startswith(OVERFLOW_MESSAGES)


def _listed(exception: ExceptionValue, names: frozenset[str]) -> bool:
    return exception.type in names or (bool(exception.module) and f"{exception.module}.{exception.type}" in names)


def _aborted_by_server(exception: ExceptionValue) -> bool:
    """gunicorn ends a worker that is too slow with a SystemExit out of `handle_abort`."""
    frames = exception.stacktrace.frames if exception.stacktrace else []
    return any(frame.function == "handle_abort" for frame in frames[-3:])
