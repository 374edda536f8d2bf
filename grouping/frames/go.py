"""Go: closures lose their number, versions of modules their figures (O1 to O3)."""

import re

from grouping.frames.common import (
    UNUSABLE_FUNCTIONS,
    location_of_path,
    nameless,
    start_of_digits,
    start_of_last,
    usable_module,
)
from grouping.frames.site import Draft, Site

_STANDARD_LIBRARY = frozenset(
    {
        *(
            "archive",
            "bufio",
            "builtin",
            "bytes",
            "cmp",
            "compress",
            "container",
            "context",
            "crypto",
            "database",
            "debug",
        ),
        *(
            "embed",
            "encoding",
            "errors",
            "expvar",
            "flag",
            "fmt",
            "go",
            "hash",
            "html",
            "image",
            "index",
            "internal",
            "io",
        ),
        *(
            "iter",
            "log",
            "maps",
            "math",
            "mime",
            "net",
            "os",
            "path",
            "plugin",
            "reflect",
            "regexp",
            "runtime",
            "slices",
        ),
        *("sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode", "unique"),
        *("unsafe", "vendor", "weak"),
    }
)
_FRAMEWORK = frozenset(
    {
        "goexit",
        "gopanic",
        "panicmem",
        "panicmemAddr",
        "sigpanic",
        "main",
        "panicdivide",
        "panicIndex",
        "panicSlice",
        "mcall",
    }
)
_CLOSURE = re.compile(r"\.(?:func\d+|\d+|gowrap\d+|deferwrap\d+)")
_RANGE = "-range"
_WRAPPER = re.compile(r"\.(?:gowrap|deferwrap)\d+$")
_GENERIC = re.compile(r"\[(?:\.\.\.|[^\[\]]*)\]")
_MODULE_VERSION = re.compile(r"@v[\w.+-]+")
_LIBRARY_PATH = re.compile(r"/pkg/mod/|/vendor/|^/usr/local/go/src/|/libexec/src/|/usr/lib/go[^/]*/src/")


def describe(site: Site) -> Draft:
    draft = Draft()
    module, function = _split(site)
    if usable_module(module):
        draft.location = _MODULE_VERSION.sub("", module)
    else:
        draft.location = location_of_path(site.abs_path or site.filename, draft)
    draft.function = _function(function, draft)
    first = module.partition("/")[0].partition(".")[0] if "." not in module.partition("/")[0] else ""
    standard = first in _STANDARD_LIBRARY
    draft.library = standard or bool(_LIBRARY_PATH.search(site.abs_path or site.filename))
    if module == "runtime" and (function in _FRAMEWORK or function.startswith("goPanic")):
        draft.dropped = "O3"
    elif _WRAPPER.search(function):
        draft.dropped = "O2"
    return draft


def _split(site: Site) -> tuple[str, str]:
    """Module and function; some senders put `github.com/x/y.(*T).M` whole into the function."""
    if site.module or "/" not in site.function:
        head, dot, tail = site.function.partition(".")
        if not site.module and dot and head in {"main", "runtime"}:
            return head, tail
        return site.module, site.function
    folder, _, name = site.function.rpartition("/")
    package, _, function = name.partition(".")
    return f"{folder}/{package}", function


def _function(name: str, draft: Draft) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    name = _GENERIC.sub("", name.removesuffix("-fm"))
    end = start_of_digits(name)
    end = end - len(_RANGE) if end < len(name) and name.endswith(_RANGE, 0, end) else len(name)
    start = start_of_last(_CLOSURE, name, end)
    if start < end:
        enclosing = name[:start]
        return nameless(draft, "" if enclosing in {"glob.", "glob"} else enclosing, "O2")
    return name
