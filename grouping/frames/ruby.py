"""Ruby: view methods, blocks, and the labels of Ruby 3.4 (R1 to R4)."""

import re

from grouping.frames.common import BLOCK, UNUSABLE_FUNCTIONS, location_of_path, nameless, start_of_digits, usable_module
from grouping.frames.site import Draft, Site

_BLOCK = re.compile(r"^block (?:\(\d+ levels?\) )?in (.+)$")
_LABEL = re.compile(r"^(?:[A-Z]\w*(?:::\w+)*|#<Class:[^>]*>)[#.](.+)$")
_EVAL = re.compile(r"^\(eval\b.*\)$")
_LIBRARY = re.compile(r"/gems/|/bundler/|/ruby/\d|/rubygems/|^<internal:|/vendor/bundle/|/lib/ruby/")


def describe(site: Site) -> Draft:
    draft = Draft()
    path = site.filename or site.abs_path
    if _EVAL.match(path):
        draft.location = "(eval)"
        draft.note("R4")
    else:
        draft.location = site.module if usable_module(site.module) and not path else location_of_path(path, draft)
    draft.function = _function(site.function, draft, bool(path))
    draft.library = bool(_LIBRARY.search(site.abs_path or path)) or path.startswith("<internal:")
    return draft


def _function(name: str, draft: Draft, has_file: bool) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    if block := _BLOCK.match(name):
        return nameless(draft, _plain(block[1], draft, has_file), "R2", BLOCK)
    return _plain(name, draft, has_file)


def _start_of_view_id(name: str) -> int:
    """Where `__123_456` begins that ends the name of a compiled view's method; the end of any other name."""
    end = len(name)
    while (start := start_of_digits(name, end)) < end:
        end = start
        while name[end - 1 : end] == "_":
            end -= 1
        if start - end != 1:
            return end if start - end > 1 else len(name)
    return len(name)


def _plain(name: str, draft: Draft, has_file: bool) -> str:
    start = _start_of_view_id(name)
    if start < len(name):
        draft.note("R1")
        name = name[:start]
    label = _LABEL.match(name) if has_file else None
    if label:
        draft.note("R3")
        return label[1]
    return name
