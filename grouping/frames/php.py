"""PHP: compiled views, anonymous classes, closures, generated proxies (H1 to H3)."""

import re

from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, nameless, start_of_digits, usable_module
from grouping.frames.site import Draft, Site

_ANONYMOUS = "@anonymous"
_CLOSURE_IN = "{closure:"
_CLOSURE = re.compile(r"(?:^|(?<=::)|(?<=\\))\{closure")
_COMPILED_VIEW = re.compile(
    r"storage[/\\]framework[/\\]views[/\\][0-9a-f]{32,64}\.php"
    r"|[/\\]twig[/\\][0-9a-f]{2}[/\\][0-9a-f]{32,64}\.php",
    re.IGNORECASE,
)
_TWIG_CACHE = [re.compile(part, re.IGNORECASE) for part in (r"var[/\\]cache[/\\]", r"twig", r"\.php")]
"""One after the other, with anything between them."""
_SMARTY_FILE = re.compile(r"(?<=[0-9a-f]{20})(?:_\d+)?\.file\.", re.IGNORECASE)
_SMARTY_ENDING = re.compile(r".\.tpl\.php", re.IGNORECASE)
_FILE_NAME = re.compile(r"[\w.-]{35,}")
_TWIG_TEMPLATE = re.compile(r"__TwigTemplate_[0-9a-f]{20,64}")
_CONTAINER = re.compile(r"\bContainer[A-Za-z0-9]{7}\\")
_INTERCEPTOR = re.compile(r"\\(?:Interceptor|Proxy)(?=::|$)")
_EVAL = re.compile(r"^(.*?)\(\d+\) ?: (?:eval\(\)'d code|runtime-created function).*$", re.DOTALL)
_LIBRARY = re.compile(r"(?:^|[/\\])vendor[/\\]|^phar://|^\[internal\]")


def describe(site: Site) -> Draft:
    draft = Draft()
    path = site.filename or site.abs_path
    if evaluated := _EVAL.match(path):
        path = evaluated[1]
        draft.line_untrusted = True
        draft.note("H3")
    if _is_compiled_view(path):
        draft.location = "<view>"
        draft.note("H2")
    else:
        draft.location = site.module if usable_module(site.module) else location_of_path(path, draft)
    draft.function = _function(site.function, draft)
    draft.library = bool(_LIBRARY.search(site.abs_path or path)) or bool(_LIBRARY.search(path))
    if "/generated/code/" in path.replace("\\", "/"):
        draft.library = True
        draft.note("H2")
    return draft


def _function(name: str, draft: Draft) -> str:
    if name in UNUSABLE_FUNCTIONS:
        return ""
    shortened = _INTERCEPTOR.sub("", _CONTAINER.sub("", _TWIG_TEMPLATE.sub("<view>", name)))
    if shortened != name:
        draft.note("H2")
    if _ANONYMOUS in shortened:
        draft.note("H1")
        shortened = _without_anonymous_class(shortened)
    if shortened.endswith("}"):
        if enclosing := _enclosing(shortened):
            return nameless(draft, enclosing, "H1")
        if _CLOSURE.search(shortened, shortened.rfind("}", 0, len(shortened) - 1) + 1):
            return nameless(draft, "", "H1")
    return shortened


def _without_anonymous_class(name: str) -> str:
    class_name, _, method = name.rpartition("::")
    return method if _ANONYMOUS in class_name and method and ":" not in method else name


def _enclosing(name: str) -> str:
    """`{closure:App\\Cart::total():12}` → `total`; empty for a closure that does not say what it stands in."""
    start = name.find(_CLOSURE_IN) + len(_CLOSURE_IN)
    if start < len(_CLOSURE_IN):
        return ""
    end = len(name) - 1
    line = start_of_digits(name, end)
    ends = [end, line - 1] if line < end and name[line - 1] == ":" else [end]
    names = [found for found in (_last_name(name, end) for end in ends) if found]
    for first, last in names:
        if (first >= start + 2 and name.endswith("::", 0, first)) or (first > start and name[first - 1] == "\\"):
            return name[first:last]
    for first, last in reversed(names):
        if name.endswith(_CLOSURE_IN, 0, first):
            return name[first:last]
    return ""


def _last_name(text: str, end: int) -> tuple[int, int] | None:
    """From and to where the name stands that ends at `end`, its parentheses left out."""
    end -= text.endswith(")", 0, end)
    end -= text.endswith("(", 0, end)
    start = end
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_{}"):
        start -= 1
    return (start, end) if start < end else None


def _is_compiled_view(path: str) -> bool:
    return _COMPILED_VIEW.search(path) is not None or _is_in_twig_cache(path) or _is_compiled_by_smarty(path)


def _is_in_twig_cache(path: str) -> bool:
    end = 0
    for part in _TWIG_CACHE:
        found = part.search(path, end)
        if found is None:
            return False
        end = found.end()
    return True


def _is_compiled_by_smarty(path: str) -> bool:
    for file_name in _FILE_NAME.findall(path):
        hashed = _SMARTY_FILE.search(file_name)
        if hashed and _SMARTY_ENDING.search(file_name, hashed.end()):
            return True
    return False
