"""Globs: `*`, `?`, `[abc]` and `**`, compiled so that no pattern takes more than quadratic time."""

import re
from functools import lru_cache

_PIECE = re.compile(r"(?:(?<=/)|\A)\*\*/|(?<=/)\*\*\Z|\*+|\?|\[!?\]?[^\]]*\]|[^*?\[]+?(?=[*?\[]|\Z)|\[", re.DOTALL)

ANYTHING = ".*?"
ANY_FOLDERS = "(?:.*?/)??"


@lru_cache(maxsize=4_096)
def compile_glob(pattern: str, *, path: bool = False, ignore_case: bool = False) -> re.Pattern[str]:
    """A regular expression for the whole text; in paths `*` stops at a slash, and `**` between slashes does not.

    Every wildcard but the last takes the first place that fits and never comes back, which is enough for globs: a later
    start cannot help what follows. So the time is bounded whatever the pattern.
    """
    if path:
        pattern = pattern.replace("\\", "/")
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.compile(_translate(pattern, path) + r"\Z", flags)


def _translate(pattern: str, path: bool) -> str:
    """Cut the pattern at the wildcards that cross slashes; each section begins with the one before it."""
    leads: list[str] = [""]
    sections: list[list[str]] = [[""]]
    for piece in _PIECE.findall(pattern):
        if piece == "**/":
            leads.append(ANY_FOLDERS)
            sections.append([""])
        elif piece.startswith("*") and (not path or _crosses(piece, pattern)):
            leads.append(ANYTHING)
            sections.append([""])
        elif piece.startswith("*"):
            sections[-1].append("")
        else:
            sections[-1][-1] += _literal(piece, path)
    translated = ""
    for position, (lead, section) in enumerate(zip(leads, sections, strict=True)):
        last = position == len(sections) - 1
        body = lead + _section(section, last=last)
        translated += body if last or not lead else f"(?>{body})"
    return translated


def _crosses(piece: str, pattern: str) -> bool:
    """Whether stars in a path are the `**` that ends it."""
    return piece == "**" and (pattern == "**" or pattern.endswith("/**"))


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
