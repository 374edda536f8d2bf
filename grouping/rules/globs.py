"""Globs: `*`, `?`, `[abc]`, and in paths `**`, compiled so that no pattern takes more than quadratic time."""

import re
from functools import lru_cache

_PIECE = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|[^*?\[]+|\[", re.DOTALL)


@lru_cache(maxsize=4_096)
def compile_glob(pattern: str, *, path: bool = False, ignore_case: bool = False) -> re.Pattern[str]:
    """A regular expression for the whole text; in paths only `**` goes beyond a slash.

    Every wildcard but the last takes the first place that fits and never comes back, which is enough for globs: a later
    start cannot help what follows. So the time is bounded whatever the pattern.
    """
    if path:
        pattern = pattern.replace("\\", "/")
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.compile(_translate(pattern, path) + r"\Z", flags)


def _translate(pattern: str, path: bool) -> str:
    sections: list[list[str]] = [[""]]
    for piece in _PIECE.findall(pattern):
        if piece.startswith("*") and (not path or len(piece) > 1):
            sections.append([""])
        elif piece == "*":
            sections[-1].append("")
        else:
            sections[-1][-1] += _literal(piece, path)
    head, *rest = sections
    anywhere = ".*?" if path else "[^\\n]*?"
    if not rest:
        return _section(head, last=True)
    middle = "".join(f"(?>{anywhere}{_section(section, last=False)})" for section in rest[:-1])
    return _section(head, last=False) + middle + anywhere + _section(rest[-1], last=True)


def _section(parts: list[str], *, last: bool) -> str:
    """What stands between two wildcards that cross everything; inside it, stars stop at slashes."""
    head, *rest = parts
    if not rest:
        return head
    if not last:
        return head + "".join(f"(?>[^/]*?{part})" for part in rest)
    return head + "".join(f"(?>[^/]*?{part})" for part in rest[:-1]) + "[^/]*" + rest[-1]


def _literal(piece: str, path: bool) -> str:
    if piece == "?":
        return "[^/]" if path else "."
    if piece.startswith("[") and len(piece) > 2:
        negated = piece.startswith("[!")
        inside = re.sub(r"([\\\[\]^&|~])", r"\\\1", piece[2 if negated else 1 : -1])
        return f"[{'^' if negated else ''}{inside}]" if _is_class(inside) else re.escape(piece)
    return re.escape(piece)


def _is_class(inside: str) -> bool:
    try:
        re.compile(f"[{inside}]")
    except re.error:
        return False
    return bool(inside)
