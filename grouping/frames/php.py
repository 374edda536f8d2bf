"""PHP: compiled views, anonymous classes, closures, generated proxies (H1 to H3)."""

import re

from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, nameless, usable_module
from grouping.frames.site import Draft, Site

_ANONYMOUS_CLASS = re.compile(r"^.*@anonymous.*?::(?=[^:]+$)", re.DOTALL)
_CLOSURE_IN = re.compile(r"\{closure:(?:.*(?:::|\\))?([\w{}]+)\(?\)?(?::\d+)?\}$")
_CLOSURE = re.compile(r"^(?:(.*?)(?:::|\\))?\{closure[^}]*\}$")
_COMPILED_VIEW = re.compile(
    r"storage[/\\]framework[/\\]views[/\\][0-9a-f]{32,64}\.php|[0-9a-f]{20,64}(?:_\d+)?\.file\.[\w.-]+\.tpl\.php"
    r"|var[/\\]cache[/\\].*twig.*\.php|[/\\]twig[/\\][0-9a-f]{2}[/\\][0-9a-f]{32,64}\.php",
    re.IGNORECASE,
)
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
    if _COMPILED_VIEW.search(path):
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
    if "@anonymous" in shortened:
        draft.note("H1")
        shortened = _ANONYMOUS_CLASS.sub("", shortened)
    if inside := _CLOSURE_IN.search(shortened):
        return nameless(draft, inside[1], "H1")
    if closure := _CLOSURE.match(shortened):
        return nameless(draft, "", "H1") if closure else ""
    return shortened
