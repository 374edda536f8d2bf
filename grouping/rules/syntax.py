"""What rule texts are made of: lines, words, quoted texts, and errors that know their place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_RULES = 65_536
MOST_RULES = 1_000
LONGEST_LINE = 4_096


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
    if len(text) > LONGEST_RULES:
        raise RuleError(f"the rules are longer than {LONGEST_RULES} characters", 1, 1)
    count = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        count += 1
        if count > MOST_RULES:
            raise RuleError(f"there are more than {MOST_RULES} rules", number, 1)
        if len(line) > LONGEST_LINE:
            raise RuleError(f"this line is longer than {LONGEST_LINE} characters", number, LONGEST_LINE)
        yield Cursor(line.rstrip(), number)
