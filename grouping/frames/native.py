"""C, C++, and whatever is linked: lambdas, anonymous namespaces, frames without symbols (X1, X2)."""

import re

from grouping.frames.common import (
    UNUSABLE_FUNCTIONS,
    location_of_path,
    nameless,
    without_arguments,
    without_compiler_suffixes,
    without_generics,
)
from grouping.frames.site import Draft, Site

_LAMBDA = re.compile(r"<?lambda_[0-9a-f]{32}|\$_\d|'lambda\d*'|<lambda_\d+>")
_NUMBERED_LAMBDA = "{lambda("
_END_OF_NUMBERED_LAMBDA = re.compile(r"\)#\d+\}")
_ANONYMOUS = re.compile(r"\?A0x[0-9a-f]+::|`anonymous[ -]namespace'::|\(anonymous namespace\)::|_GLOBAL__N_1::")
_VERSIONED_STD = re.compile(r"\bstd::(?:__\d+|__ndk\d+|__cxx\d+)::")
_RETURN = re.compile(r"^(?:(?:static|virtual|void|bool|int|auto|unsigned|long|char|float|double|const)[ *&]+)+(?=\w)")
_FRAMEWORK = re.compile(
    r"^(?:_purecall|__cxa_\w+|abort|raise|gsignal|__GI_\w+|__libc_start_\w+|_start|__assert_fail\w*|pthread_kill|__pthread_kill\w*"
    r"|_CxxThrowException|RaiseException|KiUserExceptionDispatcher|RtlUserThreadStart|BaseThreadInitThunk|start_thread|clone3?"
    r"|std::terminate|__scrt_\w+|invoke_main)$"
)
_MEMORY = re.compile(
    r"^(?:malloc|free|realloc|calloc|operator (?:new|delete)(?:\[\])?|je_\w+|tc_\w+|_int_malloc|_int_free)$"
)
_SYSTEM = re.compile(
    r"^/(?:usr/)?lib(?:32|64)?/|^[A-Za-z]:\\Windows\\|^/system/|^/apex/|^/vendor/|(?:^|/)(?:libc|libstdc\+\+|ld|libpthread|linux-gate)"
    r"[.-]|(?:^|\\)(?:ntdll|kernel32|kernelbase|ucrtbase|msvcp\w*|vcruntime\w*)\.dll$",
    re.IGNORECASE,
)
_VERSION = re.compile(r"((?:[.-]\d+)++)(\.|$)?")


def describe(site: Site) -> Draft:
    draft = Draft()
    draft.library = bool(_SYSTEM.search(site.package))
    draft.location = package_location(site, draft)
    name = without_compiler_suffixes(site.function)
    draft.function = "" if name in UNUSABLE_FUNCTIONS or name.startswith("0x") else _function(name, draft)
    if _FRAMEWORK.match(draft.function):
        draft.dropped = "X1"
    elif _MEMORY.match(draft.function):
        draft.library = True
    return draft


def package_location(site: Site, draft: Draft) -> str:
    """X2: the base name of the library or program that the code lies in, else its file; never an offset."""
    if not site.package:
        return site.module or location_of_path(site.path, draft)
    base = site.package.replace("\\", "/").rpartition("!")[2].rpartition("/")[2]
    draft.note("X2")
    return _VERSION.sub(_without_version, base.lower())


def _without_version(found: re.Match[str]) -> str:
    """Nothing where a dot follows, or the end; else what follows the last dot inside: `-1.2.3rc` → `.3rc`."""
    numbers, following = found[1], found[2]
    if following is not None:
        return following
    last = numbers.rfind(".")
    return numbers[last:] if last > 0 else numbers


def _function(name: str, draft: Draft) -> str:
    plain = _VERSIONED_STD.sub("std::", _ANONYMOUS.sub("", name))
    mark = _start_of_lambda(plain)
    enclosing = plain if mark < 0 else plain[:mark].removesuffix("::")
    enclosing = without_generics(_RETURN.sub("", without_arguments(enclosing)))
    if enclosing != name:
        draft.note("X1")
    return enclosing if mark < 0 else nameless(draft, enclosing, "X1")


def _start_of_lambda(name: str) -> int:
    found = _LAMBDA.search(name)
    start = found.start() if found else -1
    numbered = name.find(_NUMBERED_LAMBDA)
    if numbered < 0 or 0 <= start < numbered:
        return start
    return numbered if _END_OF_NUMBERED_LAMBDA.search(name, numbered + len(_NUMBERED_LAMBDA)) else start
