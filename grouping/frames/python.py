"""Python: modules are places; comprehensions, notebooks and generated code are not (P1 to P6)."""

import re

from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, usable_module
from grouping.frames.site import Draft, Site

_LIBRARY = re.compile(
    r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib(?:64)?[/\\]python\d(?:\.\d+)?[/\\]|^/var/lang/lib/|^<frozen "
    r"|[/\\]Python\d*[/\\]Lib[/\\]|[/\\]lib[/\\]pypy[\d.]*[/\\]|\.egg[/\\]"
)
_NOTEBOOK = re.compile(r"<ipython-input-[^>]*>|.*ipykernel_\d+[/\\]\d+\.py|<command-\d+>|<stdin>|<input>")
_GENERATED = re.compile(r"<(?:attrs generated (?:\w+ )?|dataclass |string ?)([\w.]*)>")
_TEMPORARY = re.compile(r"[/\\](?:tmp|temp)[/\\](?:tmp|pip-|_MEI)\w+[/\\]", re.IGNORECASE)
_FOLDED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
_SPAWN = re.compile(r"spawn_main\(")

_FRAMEWORK_FUNCTIONS = frozenset(
    {"sentry_wrapped", "_wrapped_view", "_sentry_wrapper", "sentry_patched_app", "_sentry_run"}
)
_FRAMEWORK_MODULES = frozenset({"functools", "contextlib"})


def describe(site: Site) -> Draft:
    draft = Draft()
    path = site.abs_path or site.filename
    draft.library = bool(_LIBRARY.search(path)) or path.startswith("<frozen")
    _locate(site, draft)
    draft.function = "" if site.function in UNUSABLE_FUNCTIONS else site.function
    if site.function in _FOLDED:
        draft.function, draft.folds, draft.nameless = "", True, True
        draft.note("P2")
    elif site.function == "<lambda>":
        draft.nameless = True
    if site.function in _FRAMEWORK_FUNCTIONS or site.module in _FRAMEWORK_MODULES:
        draft.library = True
        draft.note("P6")
    if _SPAWN.search(site.context_line) and site.function == "<module>":
        draft.dropped = "P4"
    return draft


def _locate(site: Site, draft: Draft) -> None:
    if generated := _GENERATED.fullmatch(site.filename or site.abs_path):
        draft.location = generated[1] or site.module or "<string>"
        draft.line_untrusted = True
        draft.note("P3")
    elif _NOTEBOOK.fullmatch(site.path):
        draft.location = "<notebook>"
        draft.note("P3")
    elif usable_module(site.module):
        draft.location = site.module
    else:
        if site.module:
            draft.note("G4")
        draft.location = location_of_path(_TEMPORARY.sub("/", site.path), draft)
