"""RuleSet: the compiled rules of one project."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Compiled fingerprint and stack-trace rules; immutable, shared between events."""

    fingerprint: tuple[Any, ...] = ()
    stacktrace: tuple[Any, ...] = ()

    @classmethod
    def empty(cls) -> "RuleSet":
        """The rules of a project that wrote none."""
        return EMPTY_RULES


EMPTY_RULES = RuleSet()


def parse_rules(fingerprint_text: str = "", stacktrace_text: str = "") -> RuleSet:
    """Compile both rule texts. Raises RuleError with line and column."""
    return EMPTY_RULES
