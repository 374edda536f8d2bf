"""Source in colour: Pygments with classes, because the Content-Security-Policy allows no inline style."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

MAX_LINE_LENGTH = 400
"""Characters of a line that are coloured and shown; a minified line says nothing beyond."""

_SUFFIXES = {
    "python": "py pyi pyw",
    "ruby": "rb rake",
    "erb": "erb",
    "php": "php",
    "javascript": "js mjs cjs vue svelte",
    "jsx": "jsx",
    "typescript": "ts mts",
    "tsx": "tsx",
    "go": "go",
    "java": "java",
    "kotlin": "kt kts",
    "scala": "scala",
    "groovy": "groovy",
    "csharp": "cs",
    "fsharp": "fs",
    "rust": "rs",
    "c": "c h",
    "cpp": "cc cpp hpp cxx",
    "objective-c": "m mm",
    "swift": "swift",
    "dart": "dart",
    "elixir": "ex exs",
    "erlang": "erl",
    "perl": "pl pm",
    "lua": "lua",
    "clojure": "clj cljs",
    "haskell": "hs",
    "html+django": "html",
    "sql": "sql",
    "powershell": "ps1",
}
LEXER_BY_SUFFIX = {f".{suffix}": lexer for lexer, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
LEXER_BY_PLATFORM = {
    "node": "javascript",
    "cocoa": "swift",
    "native": "cpp",
    **{
        name: name for name in ("python", "javascript", "ruby", "php", "go", "java", "csharp", "rust", "elixir", "dart")
    },
}

_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    # A Django or ERB file shown from its middle begins outside of any markup, so its lexer needs no opening tag; PHP's
    # would take a piece without `<?php` for text.
    options = {"startinline": True} if name == "php" else {}
    return get_lexer_by_name(name, stripnl=False, ensurenl=False, **options)


def language_of(filename: str, platform: str) -> str:
    """The Pygments name of a file's language; by its suffix, else by the platform, else plain text."""
    suffix = PurePosixPath(filename.partition("?")[0].replace("\\", "/")).suffix.lower()
    return LEXER_BY_SUFFIX.get(suffix) or LEXER_BY_PLATFORM.get(platform, "text")


def highlight_lines(lines: Sequence[str], language: str) -> list[SafeString]:
    """Each line as HTML with Pygments' classes; as many lines as went in, always escaped."""
    texts = [_one_line(line) for line in lines]
    plain = [escape(text) for text in texts]
    if language == "text":
        return plain
    try:
        coloured = highlight("\n".join(texts), _lexer(language), _FORMATTER)
    except ClassNotFound:
        return plain
    rows = coloured.removesuffix("\n").split("\n") if len(lines) else []
    rows += [""] * (len(texts) - len(rows))
    # A lexer that swallowed or added a line would put colours on the wrong numbers.
    return [mark_safe(row) for row in rows] if len(rows) == len(texts) else plain  # noqa: S308 (escaped by Pygments)


def _one_line(text: str) -> str:
    cut = text if len(text) <= MAX_LINE_LENGTH else text[:MAX_LINE_LENGTH] + " …"
    return " ".join(cut.splitlines()) if "\n" in cut or "\r" in cut else cut
