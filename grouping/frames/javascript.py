"""JavaScript in browsers, Node, React Native: hashes out of file names, framework code out of stacks (J1 to J14)."""

import re
from functools import partial

from grouping.frames.common import MAX_LINE_LENGTH, UNUSABLE_FUNCTIONS, location_of_path, usable_module
from grouping.frames.site import Draft, Site

_SPLIT = re.compile(r"([.\-_~]+)")
_FILLER = frozenset({"chunk", "bundle", "min"})
_EXTENSION = re.compile(r"\.(?:m|c)?js$|\.jsbundle$|\.bundle$|\.css$|\.hbc$", re.IGNORECASE)
_HEX = re.compile(r"(?=[a-f]*\d)[0-9a-f]{8,64}", re.IGNORECASE)
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]{6,64}")
_BASE32 = re.compile(r"[A-Z2-7]{8}")
_WORDS = re.compile(r"(?=.)(?:[A-Z]*+[a-z]{2,}+)*+(?:[A-Z]{2,})?+")
"""Words of at least two letters, written together; a capital may begin one."""
_WORD_NUMBER = re.compile(r"[a-z]+\d{1,3}|\d{1,3}[a-z]+|(?:es|utf|sha|base)\d\w*", re.IGNORECASE)

CHUNK = "<chunk>"


def bundle_name(base: str) -> tuple[str, bool]:
    """`index-DbQ2xY9p.js` → `index.js`, and whether a hash was in it; nothing left → `<chunk>.js`."""
    extension = _EXTENSION.search(base)
    ending = extension[0] if extension else ""
    stem = base[: len(base) - len(ending)]
    pieces = _SPLIT.split(stem)
    kept: list[str] = []
    hashed = False
    for position in range(0, len(pieces), 2):
        piece = pieces[position]
        if not piece and position:
            continue
        if _is_hash(piece, first=position == 0) or (piece.isdigit() and len(pieces) > 1) or piece.isdigit():
            hashed = True
        elif piece.lower() not in _FILLER:
            kept += [pieces[position - 1] if position else "", piece]
    if not any(kept[1::2]):
        return CHUNK + ending, True
    return "".join(kept[1:] if kept[0] not in {"", "_"} else kept) + ending, hashed


def _is_hash(piece: str, *, first: bool) -> bool:
    if _HEX.fullmatch(piece):
        return True
    if first or _WORDS.fullmatch(piece) or _WORD_NUMBER.fullmatch(piece):
        return False
    if _MIXED.fullmatch(piece) or _BASE32.fullmatch(piece):
        return True
    return len(piece) >= 6 and piece.isalpha() and piece != piece.lower() and piece != piece.upper()


_ALIAS = " [as "
_PREFIX = re.compile(r"^(?:(?:async|new|get|set|static|bound|Async)[ *]\s*)+")
_FIREFOX = re.compile(r"/\w+\.")
_UNUSABLE_PARTS = frozenset(
    {"<anonymous>", "?", "<computed>", "anonymous", "global code", "module code", "eval code", ""}
)

_SCHEME = re.compile(r"^(?:async-|turbopack:///\[project\]/|[a-z][\w.+-]*:/{0,3})", re.IGNORECASE)
_HOSTED = re.compile(
    r"^(?:https?|wss?|capacitor|ionic|webpack|ng|rsc|app|file|turbopack|http\+unix)://[^/]*(?=/|$)", re.IGNORECASE
)
_LAYER = re.compile(r"^(?:\./)?\((?:rsc|ssr|app-pages-browser|pages-dir-\w+|action-browser|instrument|middleware)\)/")
_UPWARDS = re.compile(r"^(?:\.{0,2}/|~/)+")
_NO_PLACE = re.compile(
    r"^(?:blob:|data:|about:|javascript:|VM\d+|debugger eval code|evalmachine\.|\[eval\]|<anonymous>)"
)
_SCRIPT = re.compile(
    r"\.(?:m|c)?[jt]sx?$|\.(?:vue|svelte|astro|jsbundle|bundle|hbc|html?|php|aspx?|jsp|wasm|coffee)$", re.I
)

_NOT_A_FRAME = re.compile(r"^(?:\[?native code\]?|native|eval(?: code)?|<anonymous>|address at.*|eval at .*)$")
_ENGINES_OWN = ("[native code]", "native code", "eval (eval at ")
_NODE_INTERNAL = re.compile(r"^(?:node:)?internal/|^(?:node:)?timers(?:\.js)?$|^internal[/:]|^node:internal")
_NODE_STANDARD = re.compile(r"^node:|^(?:_?[a-z]+(?:_[a-z]+)*)\.js$")

_FRAMEWORK_PATH = re.compile(
    r"(?:^|/)(?:core-js(?:-pure)?|regenerator-runtime|tslib|@babel/runtime|@swc/helpers|zone\.js|ts-node|asyncToGenerator)(?:/|@|$)"
    r"|polyfills?\.js$|zone(?:-evergreen)?\.js$"
)
_FRAMEWORK_FUNCTIONS = frozenset(
    {
        *("asyncGeneratorStep", "_next", "_throw", "_callSuper", "__awaiter", "__generator", "_asyncToGenerator"),
        *(
            "processTicksAndRejections",
            "process.processTicksAndRejections",
            "runMicrotasks",
            "nextTick",
            "process.nextTick",
        ),
        *(
            "queueMicrotask",
            "Module._compile",
            "Module._extensions..js",
            "Object.Module._extensions..js",
            "Module.load",
        ),
        *("Function.Module._load", "Module._load", "Module.require", "require", "tryCatch", "__webpack_require__"),
        *("process._tickCallback", "_tickCallback", "Object..js", "wrapModuleLoad", "TracingChannel.traceSync"),
    }
)
_LIBRARY = re.compile(
    r"node_modules/|//(?:unpkg\.com|cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|esm\.(?:run|sh)|ga\.jspm\.io)/"
    r"|googletagmanager\.com|google-analytics\.com|connect\.facebook\.net"
    r"|^(?:chrome|moz|safari|safari-web|ms-browser)-extension:|^webkit-masked-url:|^node:|/\.vite/deps/"
)
_ARROW = re.compile(r"=>|\bfunction\s*+\*?\s*+\(")
_NAMED_ARROW = re.compile(
    r"^\s*(?:export\s+)?(?:default\s+)?(?:const|let|var|static|readonly|private|public)\s+[\w$]++[^=]*+="
)
MAX_MINIFIED_NAME_LENGTH = 2
_MINIFIED_NAME = re.compile(r"\.min\.(?:m|c)?js")


def describe(site: Site, *, node: bool) -> Draft:
    draft = Draft()
    address = site.abs_path or site.filename
    path = site.filename or site.abs_path
    draft.library = bool(_LIBRARY.search(address) or _LIBRARY.search(path))
    if _dropped(site, draft, path):
        return draft
    hashed = _locate(site, draft, path, node)
    draft.function = function_name(site.function, draft)
    if node and not site.mapped and ("/" not in path and _NODE_STANDARD.search(path)) and path != site.abs_path[1:]:
        draft.library = draft.library or path.startswith("node:")
    if site.mapped and site.context_line and len(site.context_line.strip()) <= MAX_LINE_LENGTH:
        draft.function, draft.line_identifies = "", True
        draft.nameless = bool(_ARROW.search(site.context_line)) and not _NAMED_ARROW.search(site.context_line)
        draft.note("J8")
    elif site.mapped and len(draft.function) <= MAX_MINIFIED_NAME_LENGTH:
        draft.function = ""
    elif not site.mapped and _is_minified(site, draft, path, hashed):
        draft.function, draft.minified = "", True
        draft.note("J9")
    return draft


browser = partial(describe, node=False)
node = partial(describe, node=True)


def function_name(name: str, draft: Draft) -> str:
    """J1: the last segment of a function's name, without `async`, `new`, and what the engine made up."""
    name = _PREFIX.sub("", _alias_of(name))
    slash = name.find("/")
    if (slash >= 0 and ("<" in name[slash:] or _FIREFOX.search(name))) or name.endswith("<"):
        draft.note("J1")
        return ""
    last = name.rpartition(".")[2] if not name.endswith(".") else ""
    if last in _UNUSABLE_PARTS or last in UNUSABLE_FUNCTIONS or name.endswith("<anonymous>"):
        return ""
    if last != name:
        draft.note("J1")
    return last


def _alias_of(name: str) -> str:
    """`Object.pay [as charge]` → `charge`; any other name as it is."""
    if not name.endswith("]"):
        return name
    start = name.find(_ALIAS, name.rfind("]", 0, len(name) - 1) + 1)
    return name[start + len(_ALIAS) : -1] or name if start >= 0 else name


def _dropped(site: Site, draft: Draft, path: str) -> bool:
    if (
        not (path or site.module)
        or _NOT_A_FRAME.match(path)
        or _NODE_INTERNAL.match(path)
        or site.function.startswith(_ENGINES_OWN)
    ):
        draft.dropped = "J2"
    elif site.function in _FRAMEWORK_FUNCTIONS or _FRAMEWORK_PATH.search(path):
        draft.dropped, draft.library = "J10", True
    return bool(draft.dropped)


def _locate(site: Site, draft: Draft, path: str, node: bool) -> bool:
    """Write the location; whether the file's name carried a hash of its content."""
    if node and usable_module(site.module) and not site.mapped:
        module = site.module.removeprefix("node:")
        draft.location, hashed = bundle_name(module) if ":" in module else (module, False)
        return hashed
    if _NO_PLACE.match(path):
        draft.note("J4")
        return False
    plain = source_path(path)
    if plain != path:
        draft.note("J3")
    if not node and not site.mapped and not _SCRIPT.search(plain):
        draft.note("J4")
        return False
    if site.mapped or "node_modules/" in plain:
        draft.location = location_of_path(plain, draft)
        return False
    folder, slash, base = plain.rpartition("/")
    base, hashed = bundle_name(base)
    if hashed:
        draft.note("J5")
    draft.location = location_of_path(folder + slash + base, draft)
    return hashed


def source_path(path: str) -> str:
    """J3, J7: the path alone, without scheme, host, query, loaders, layers and package stores."""
    path = path.rpartition("!")[2].replace("\\", "/").partition("?")[0].partition("#")[0]
    path = _SCHEME.sub("", _HOSTED.sub("", path))
    path = _LAYER.sub("", path.lstrip("/"))
    path = _LAYER.sub("", _UPWARDS.sub("", path))
    _, found, inside = path.rpartition("/node_modules/")
    return f"node_modules/{inside}" if found else path


def _is_minified(site: Site, draft: Draft, path: str, hashed: bool) -> bool:
    if _MINIFIED_NAME.search(path) or site.squeezed or len(site.context_line) > 3 * MAX_LINE_LENGTH:
        return True
    if "{snip}" in site.context_line:
        return True
    return hashed and len(draft.function) <= MAX_MINIFIED_NAME_LENGTH
