"""Swift and Objective-C: closures, thunks, blocks (W1, W2)."""

import re

from grouping.frames.common import (
    BLOCK,
    UNUSABLE_FUNCTIONS,
    nameless,
    without_arguments,
    without_compiler_suffixes,
    without_generics,
)
from grouping.frames.native import package_location
from grouping.frames.site import Draft, Site

_CLOSURE = re.compile(r"^(?:(?:implicit )?closure #\d+ (?:\([^)]*\) )?(?:async )?(?:throws )?(?:-> .+? )?in )+")
_ADORNMENT = re.compile(
    r"^(?:partial apply(?: forwarder)? for |(?:generic )?specialized |(?:reabstraction )?thunk (?:helper )?for |@objc |"
    r"@nonobjc "
    r"|protocol witness for |outlined [\w ]+? of |merged |static |dispatch thunk of "
    r"|\(\d+\) (?:await|suspend) resume "
    r"partial function for |function signature specialization <.*?> of |generic specialization <.*?> of )+"
)
_BLOCK = re.compile(r"^__\d+(?=[-+]\[)|^__(?=[-+]\[)|_block_invoke(?:[._]\d+)*$")
_RETURN = re.compile(r"\)(?: async)?(?: throws)? -> .*$", re.DOTALL)
_IN = re.compile(r" in (?:conformance )?[\w.]+$")
_THROWING = re.compile(
    r"^(?:objc_exception_throw|__exceptionPreprocess|_NSRaiseError"
    r"|\+\[NSException raise.*|swift_\w+|_swift_\w+|abort|raise"
    r"|(?:Swift\.)?_?assertionFailure.*|__pthread_kill|pthread_kill|_assertionFailure.*|__cxa_\w+|_objc_terminate.*"
    r"|std::terminate.*|abort_message|__abort_with_payload|_dispatch_\w+|start_wqthread|_pthread_\w+|thread_start"
    r"|closure #1 in _assert\w+.*)$"
)
_SYSTEM = re.compile(
    r"/System/Library/|/usr/lib/|\.framework/Versions/|/Developer/|/Symbols/|^lib(?:system|swift|objc|dispatch)"
)


def describe(site: Site) -> Draft:
    draft = Draft()
    draft.library = bool(_SYSTEM.search(site.package))
    name = without_compiler_suffixes(site.function)
    if _THROWING.match(name):
        draft.dropped = "W2"
    draft.location = package_location(site, draft)
    draft.function = "" if name in UNUSABLE_FUNCTIONS or name.startswith("0x") else _function(name, draft)
    return draft


def _function(name: str, draft: Draft) -> str:
    if "_block_invoke" in name:
        return nameless(draft, _BLOCK.sub("", _BLOCK.sub("", name)), "W1", BLOCK)
    plain = _ADORNMENT.sub("", name)
    closure = _CLOSURE.match(plain)
    if closure:
        plain = plain[closure.end() :]
    if not plain.startswith(("-[", "+[")):
        plain = _IN.sub("", _RETURN.sub(")", plain)) if "->" in plain else _IN.sub("", plain)
        plain = without_generics(without_arguments(plain))
    if plain != name:
        draft.note("W1")
    return nameless(draft, plain, "W1") if closure else plain
