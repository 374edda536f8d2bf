"""What rule texts are made of: errors with a place, globs, quoted words."""


class RuleError(ValueError):
    """A rule text that cannot be read; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column
