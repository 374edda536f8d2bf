"""Globs: `*`, `?`, `[abc]` and `**`, compiled so that no text takes more time than its length times the pattern's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_RULES_LENGTH = 65_536
MAX_RULES = 1_000
MAX_LINE_LENGTH = 4_096


class RuleError(ValueError):
    """A rule text that cannot be read; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column


_SPACE = re.compile(r"[ \t]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class Cursor:
    """One line of a rule text, read from left to right."""

    text: str
    line: int
    position: int = 0

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    @property
    def at_end(self) -> bool:
        self.skip_space()
        return self.position >= len(self.text)

    def take(self, literal: str) -> bool:
        """Whether the literal comes next; if so it is read."""
        self.skip_space()
        if not self.text.startswith(literal, self.position):
            return False
        self.position += len(literal)
        return True

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What the pattern finds here, read; None leaves the cursor where it is."""
        self.skip_space()
        found = pattern.match(self.text, self.position)
        if found:
            self.position = found.end()
        return found

    def quoted(self) -> str | None:
        """A text in double quotes, with `\\"` and `\\\\` undone."""
        self.skip_space()
        if not self.text.startswith('"', self.position):
            return None
        found = _QUOTED.match(self.text, self.position)
        if not found:
            raise self.error("this quotation mark is never closed")
        self.position = found.end()
        return _ESCAPED.sub(r"\1", found[1])

    def error(self, message: str) -> RuleError:
        return RuleError(message, self.line, min(self.position, len(self.text)) + 1)


def lines_of(text: str) -> Iterator[Cursor]:
    """The lines that say something: without empty ones and comments. Raises RuleError where the text is too long."""
    if len(text) > MAX_RULES_LENGTH:
        raise RuleError(f"the rules are longer than {MAX_RULES_LENGTH} characters", 1, 1)
    count = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        count += 1
        if count > MAX_RULES:
            raise RuleError(f"there are more than {MAX_RULES} rules", number, 1)
        if len(line) > MAX_LINE_LENGTH:
            raise RuleError(f"this line is longer than {MAX_LINE_LENGTH} characters", number, MAX_LINE_LENGTH)
        yield Cursor(line.rstrip(), number)


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


def literals_of(pattern: str, *, path: bool = False) -> list[str]:
    """The texts between the wildcards: whatever fits the pattern has them in it."""
    if path:
        pattern = pattern.replace("\\", "/")
    pieces = _PIECE.findall(pattern)
    return [piece for piece in pieces if not piece.startswith(("*", "[")) and piece != "?"]


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
