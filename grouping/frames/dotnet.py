"""C#, F#, Unity: state machines, display classes, local functions, demystified names (N1, N2)."""

import re

from grouping.frames.common import (
    UNUSABLE_FUNCTIONS,
    location_of_path,
    nameless,
    usable_module,
    without_arguments,
    without_generics,
)
from grouping.frames.site import Draft, Site

_STATE_MACHINE = re.compile(r"^(.*)[+/.]<([^<>]+)>d(?:__\d+)?(?:`\d+)?$")
_DISPLAY_CLASS = re.compile(r"[+/.]<>c(?:__DisplayClass\d+_\d+)?(?:`\d+)?(?:<.*>)?")
_LAMBDA = re.compile(r"^(?:.*\.)?<([^<>]*)>b__[\w|]*$")
_LOCAL = re.compile(r"^(?:.*\.)?<([^<>]*)>g__(\w+)\|\d+(?:_\d+)?$")
_DEMYSTIFIED_LAMBDA = re.compile(r"\+?\((?:[^()]*)\) ?=> ?\{.*$")
_GENERIC_ARITY = re.compile(r"`\d+(?:\[\[?[^\]]*\]?\])?")
_ARITY = re.compile(r"`\d+")
_IL2CPP = re.compile(r"_m[0-9A-F]{32,40}$", re.IGNORECASE)
_LIBRARY = re.compile(
    r"^(?:System|Microsoft|Mono|MS\.Internal|Newtonsoft|NUnit|Xunit|UnityEngine|UnityEditor|FSharp)(?:\.|$)"
)
_FRAMEWORK = re.compile(
    r"ExceptionDispatchInfo\.Throw|TaskAwaiter|ConfiguredTaskAwait|\b(?>\w*?Async)\w*MethodBuilder|ThrowHelper\.|ExceptionDispatchInfo"
    r"|ThrowForNonSuccess|HandleNonSuccessAndDebuggerNotification|ExecutionContext\.Run"
)


def describe(site: Site) -> Draft:
    draft = Draft()
    module, function = _split(site.module, _cut_unity(site.function))
    draft.library = bool(_LIBRARY.match(module))
    if draft.library and _FRAMEWORK.search(f"{module}.{function}"):
        draft.dropped = "N2"
    function = _function(module, function, draft)
    machine = _STATE_MACHINE.match(module)
    if machine and function in {"MoveNext", ""}:
        draft.note("N1")
        module, function = machine[1], machine[2]
    module = _without_arity(_DISPLAY_CLASS.sub("", module)).replace("+", ".")
    module = without_generics(module)
    if module.endswith(f".{function}"):
        module = module.removesuffix(f".{function}")
    draft.location = module if usable_module(module) else location_of_path(site.path, draft)
    draft.function = function
    return draft


def _cut_unity(name: str) -> str:
    """`Foo:Bar (int)` and `Foo.Bar (at <hash>:0)` end before the space."""
    head, found, _ = name.partition(" (")
    return _IL2CPP.sub("", head if found and "=>" not in name else name)


def _split(module: str, function: str) -> tuple[str, str]:
    """Class and method; Unity writes both into the function."""
    if not module and ":" in function and "::" not in function:
        head, _, tail = function.rpartition(":")
        return head, tail
    return module, function


def _function(module: str, name: str, draft: Draft) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    if local := _LOCAL.match(name):
        draft.note("N1")
        return f"{_plain(local[1])}.{local[2]}"
    if inside := _LAMBDA.match(name):
        return nameless(draft, _plain(inside[1]), "N1")
    if "=>" in name:
        demystified = _DEMYSTIFIED_LAMBDA.sub("", name)
        return nameless(draft, _demystified(module, demystified, draft), "N1")
    return _demystified(module, name, draft)


def _demystified(module: str, name: str, draft: Draft) -> str:
    """`async Task<T> Foo.Bar()` → `Bar`: the class is in the module already."""
    shortened = _without_arity(without_generics(without_arguments(name)))
    if "(" in name:
        shortened = shortened.rpartition(" ")[2].replace("+", ".")
    if shortened != name:
        draft.note("N1")
    owner, dot, method = shortened.rpartition(".")
    plain_module = _without_arity(module).replace("+", ".")
    if dot and method and owner and (plain_module == owner or plain_module.endswith(f".{owner}")):
        return method
    return _plain(shortened)


def _without_arity(name: str) -> str:
    """``List`1[[System.String]]`` → `List`; after the last bracket nobody looks for one."""
    last = name.rfind("]") + 1
    return _GENERIC_ARITY.sub("", name[:last]) + _ARITY.sub("", name[last:])


def _plain(name: str) -> str:
    return "Main" if name in {"Main", "<Main>$", "Main$"} else name
