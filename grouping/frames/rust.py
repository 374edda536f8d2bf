"""Rust: hashes and disambiguators out of paths, panics' own frames out of stacks (U1)."""

import re

from grouping.frames.common import (
    UNUSABLE_FUNCTIONS,
    location_of_path,
    nameless,
    start_of_last,
    usable_module,
    without_compiler_suffixes,
    without_generics,
)
from grouping.frames.site import Draft, Site

_HASH = re.compile(r"::h[0-9a-f]{16}$")
_DISAMBIGUATOR = re.compile(r"(?<=\w)\[[0-9a-f]{4,16}\]")
_CLOSURE = re.compile(r"::(?:\{\{closure\}\}|\{closure#\d+\}|\{closure_env#\d+\})")
_NUMBERED = re.compile(r"\{(impl|shim|constant|vtable\.shim)#\d+\}")
_INHERENT = re.compile(r"^_?<(?:impl )?([^<>]+(?:<.*>)?)>::(.+)$", re.DOTALL)
_LIBRARY = re.compile(
    r"^(?:<?(?:core|std|alloc|test|proc_macro|tokio|futures\w*|hyper|actix\w*|axum|tower|backtrace)::|__rust_|rust_)"
)
_LIBRARY_PATH = re.compile(r"/\.cargo/registry/|/rustc/|/rustlib/src/|/\.cargo/git/|/library/(?:std|core|alloc)/")
_FRAMEWORK = re.compile(
    r"^(?:rust_begin_unwind|_?rust_panic\w*|__rust_\w+|_start|__libc_start\w*|main$|std::rt::|std::panicking::|core::panicking::"
    r"|std::panic::|std::sys_common::backtrace|std::sys::backtrace|core::ops::function::|<?alloc::boxed::Box<|std::thread::"
    r"|core::result::unwrap_failed|core::option::(?:unwrap|expect)_failed|anyhow::|backtrace::|begin_panic|panic_fmt)"
)
_SDK = re.compile(r"^<?sentry(?:_\w+)?::")
"""The panic hook of sentry-rust: its frames are the innermost of every panic."""


def describe(site: Site) -> Draft:
    draft = Draft()
    name = _HASH.sub("", site.function)
    if _SDK.match(name):
        draft.dropped, draft.library = "G12", True
    if name != site.function:
        draft.note("U1")
    if _FRAMEWORK.match(name):
        draft.dropped, draft.library = "U1", True
    draft.library = (
        draft.library or bool(_LIBRARY.match(name)) or bool(_LIBRARY_PATH.search(site.abs_path or site.filename))
    )
    name = "" if name in UNUSABLE_FUNCTIONS else _function(name, draft)
    if usable_module(site.module):
        draft.location = _DISAMBIGUATOR.sub("", _HASH.sub("", site.module))
    elif "::" in name:
        draft.location = name.rpartition("::")[0]
    else:
        draft.location = location_of_path(site.path, draft)
    draft.function = name
    return draft


def _function(name: str, draft: Draft) -> str:
    plain = _NUMBERED.sub(r"{\1}", _DISAMBIGUATOR.sub("", without_compiler_suffixes(name)))
    start = start_of_last(_CLOSURE, plain)
    closure, plain = start < len(plain), plain[:start]
    if qualified := _qualified(plain):
        plain = qualified
    elif inherent := _INHERENT.match(plain):
        plain = f"{inherent[1]}::{inherent[2]}"
    plain = without_generics(plain).replace("::::", "::").removesuffix("::")
    if plain != name:
        draft.note("U1")
    return nameless(draft, plain, "U1") if closure else plain


def _qualified(name: str) -> str:
    """`<Type as Trait>::method` → `Type::method`; empty for any other name. Of several `as`, `>::` the last count."""
    head = name.removeprefix("_")
    if not head.startswith("<"):
        return ""
    end = head.rfind(">::", 0, len(head) - 1)
    middle = head.rfind(" as ", 2, end - 1) if end > 0 else -1
    return f"{head[1:middle]}::{head[end + 3 :]}" if middle > 0 else ""
