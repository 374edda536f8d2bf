"""Dart and Flutter: anonymous closures, packages, obfuscated builds (D1)."""

import re

from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, nameless, start_of_last
from grouping.frames.site import Draft, Site

_CLOSURE = re.compile(r"\.?(?:<fn>|<anonymous closure>|closure #\d+|<closure>)")
_LIBRARY = re.compile(r"^(?:dart:|org-dartlang-sdk:|package:flutter/|package:sentry)|/\.pub-cache/|(?:^|/)dart-sdk/")
_SUSPENSION = "<asynchronous suspension>"


def describe(site: Site) -> Draft:
    draft = Draft()
    path = site.abs_path or site.filename
    draft.library = bool(_LIBRARY.search(path)) or bool(_LIBRARY.match(site.filename))
    if _SUSPENSION in (site.function, path):
        draft.dropped = "D1"
    readable = path if path.startswith(("package:", "dart:")) else site.path
    draft.location = location_of_path(re.sub(r"^\w[\w-]*:", "", readable), draft)
    draft.function = _function(site.function, draft)
    return draft


def _function(name: str, draft: Draft) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    plain = name.removeprefix("new ")
    start = start_of_last(_CLOSURE, plain)
    if start < len(plain):
        return nameless(draft, plain[:start], "D1")
    return plain
