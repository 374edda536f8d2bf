"""Ruby: view methods, blocks, and the labels of Ruby 3.4 (R1 to R4)."""

import re

from grouping.frames.common import BLOCK, UNUSABLE_FUNCTIONS, location_of_path, nameless, usable_module
from grouping.frames.site import Draft, Site

_VIEW = re.compile(r"__+\d+(?:_\d+)*$")
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


def _plain(name: str, draft: Draft, has_file: bool) -> str:
    if _VIEW.search(name):
        draft.note("R1")
        name = _VIEW.sub("", name)
    label = _LABEL.match(name) if has_file else None
    if label:
        draft.note("R3")
        return label[1]
    return name
