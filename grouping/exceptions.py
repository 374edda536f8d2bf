"""Chains and groups of exceptions: which one is meant, and which only tell how it came about."""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

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
from grouping.frames.common import start_of_last

MAX_TYPE_LENGTH = 512

_GENERATED_SUFFIX = re.compile(r"_(?=[a-f]*\d)[0-9a-f]{4,}$")
_JVM_NUMBER = re.compile(r"\$\d+")
_PHP_ANONYMOUS = re.compile(r"@anonymous.*$", re.DOTALL)
_MINIFIED_DART = re.compile(r"minified:\w+")
_MINIFIED_SCRIPT = re.compile(r"[A-Za-z_$][\w$]?")


def type_name(exception: ExceptionValue, platform: str) -> str:
    """The type's lasting name; empty where it says nothing (synthetic, minified, absent)."""
    name = _error_code(exception) or exception.type.strip()[:MAX_TYPE_LENGTH]
    if exception.mechanism.synthetic or name == "<unknown>":
        return ""
    if platform in {"javascript", "node"} and _MINIFIED_SCRIPT.fullmatch(name):
        return ""
    if _MINIFIED_DART.fullmatch(name):
        return ""
    name = _PHP_ANONYMOUS.sub("@anonymous", name)
    if platform in {"java", "android"}:
        name = _without_generated_classes(name)
    return _GENERATED_SUFFIX.sub("", name)


def _without_generated_classes(name: str) -> str:
    """`Cart$$EnhancerByCGLIB$$1f` → `Cart`, `Cart$1$2` → `Cart`; on the last line, where there are several."""
    end = len(name) - name.endswith("\n")
    generated = name.find("$$", name.rfind("\n", 0, end) + 1, end)
    numbered = start_of_last(_JVM_NUMBER, name, end)
    start = min(generated, numbered) if generated >= 0 else numbered
    return name[:start] + name[end:]


def _error_code(exception: ExceptionValue) -> str:
    """An NSError's domain and code, which say what its type does not; empty for everything else."""
    meta = exception.mechanism.raw.get("meta")
    error = meta.get("ns_error") if isinstance(meta, Mapping) else None
    if not isinstance(error, Mapping) or not error.get("domain"):
        return ""
    return f"{error['domain']} {error.get('code', '')}".strip()[:MAX_TYPE_LENGTH]


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


MAX_GROUP_NODES = 200
MAX_CAUSES = 5

IMPLICIT = "P7"
WRAPPER = "V11"
GROUP = "group"
TOO_MANY = "beyond-causes"


@dataclass(slots=True)
class Chain:
    """Positions in the event's list of exceptions: the one that is meant, and its causes from the outside in."""

    main: int
    causes: list[int] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)
    """Why the others do not contribute."""


def read_chain(exceptions: list[ExceptionValue], identity: Callable[[int], Hashable]) -> Chain:
    """Find the main exception; `identity` says when two members of a group are one and the same error.

    SDKs send the oldest cause first. Groups follow RFC 0079; what is malformed is read as a plain list.
    """
    order = list(range(len(exceptions)))[::-1]
    skipped: dict[int, str] = {}
    grouped = _flatten_group(exceptions, identity)
    if grouped is not None:
        order, skipped = grouped
    while len(order) > 1 and is_wrapper(exceptions[order[0]]):
        skipped[order.pop(0)] = WRAPPER
    main, *rest = order
    causes: list[int] = []
    for index in rest:
        if exceptions[index].mechanism.source == "__context__":
            skipped[index] = IMPLICIT
        elif len(causes) == MAX_CAUSES:
            skipped[index] = TOO_MANY
        else:
            causes.append(index)
    return Chain(main, causes, skipped)


def _flatten_group(
    exceptions: list[ExceptionValue], identity: Callable[[int], Hashable]
) -> tuple[list[int], dict[int, str]] | None:
    """The order of contribution within an exception group; None where there is no well-formed group."""
    if not any(exception.mechanism.is_exception_group for exception in exceptions):
        return None
    tree = _tree_of(exceptions)
    if tree is None:
        return None
    root, children = tree
    firsts: dict[Hashable, int] = {}
    for index in _top_level_members(root, exceptions, children):
        firsts.setdefault(identity(index), index)
    distinct = list(firsts.values())
    order = _causes_of(distinct[0], children) if len(distinct) == 1 else [root, *distinct]
    skipped = {index: GROUP for index in range(len(exceptions)) if index not in order}
    return order, skipped


def _tree_of(exceptions: list[ExceptionValue]) -> tuple[int, dict[int, list[int]]] | None:
    """The root's position and each position's children; None where ids are missing, doubled, or go round."""
    position: dict[int, int] = {}
    for index, exception in enumerate(exceptions[:MAX_GROUP_NODES]):
        identifier = exception.mechanism.exception_id
        if identifier is None or identifier in position:
            return None
        position[identifier] = index
    children: dict[int, list[int]] = {}
    roots = []
    for index in position.values():
        parent = exceptions[index].mechanism.parent_id
        if parent is None or parent not in position:
            roots.append(index)
        elif position[parent] == index:
            return None
        else:
            children.setdefault(position[parent], []).append(index)
    for siblings in children.values():
        siblings.sort(key=lambda index: exceptions[index].mechanism.exception_id or 0)
    return (roots[0], children) if len(roots) == 1 else None


def _top_level_members(root: int, exceptions: list[ExceptionValue], children: dict[int, list[int]]) -> list[int]:
    """The first exceptions below the root that are not themselves groups."""
    members: list[int] = []
    waiting = [root]
    seen = {root}
    while waiting:
        index = waiting.pop()
        below = [child for child in children.get(index, []) if child not in seen]
        if index != root and not (exceptions[index].mechanism.is_exception_group and below):
            members.append(index)
            continue
        seen.update(below)
        waiting += reversed(below)
    return members


def _causes_of(index: int, children: dict[int, list[int]]) -> list[int]:
    """An exception and its first cause, and that one's, and so on."""
    order = [index]
    seen = {index}
    while below := [child for child in children.get(order[-1], []) if child not in seen]:
        order.append(below[0])
        seen.update(below)
    return order
