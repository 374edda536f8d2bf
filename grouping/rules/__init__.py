"""RuleSet: the compiled rules of one project."""

from grouping.event import Event
from grouping.rules.fingerprints import FingerprintRule, FingerprintRules, parse_fingerprint_rules
from grouping.rules.stacktraces import StackRule, StackRules, parse_stack_rules
from grouping.rules.syntax import RuleError

__all__ = ["EMPTY_RULES", "RuleError", "RuleSet", "parse_rules"]


class RuleSet:
    """Compiled fingerprint and stack-trace rules; never changed after it was made, shared between events."""

    __slots__ = ("fingerprint", "stacktrace")

    def __init__(self, fingerprint: tuple[FingerprintRule, ...] = (), stacktrace: tuple[StackRule, ...] = ()) -> None:
        self.fingerprint = FingerprintRules(fingerprint)
        self.stacktrace = StackRules(stacktrace)

    @classmethod
    def empty(cls) -> "RuleSet":
        """The rules of a project that wrote none."""
        return EMPTY_RULES

    def fingerprint_rule(self, event: Event) -> FingerprintRule | None:
        """The first fingerprint rule that the event fits."""
        return self.fingerprint.first(event)


EMPTY_RULES = RuleSet()


def parse_rules(fingerprint_text: str = "", stacktrace_text: str = "") -> RuleSet:
    """Compile both rule texts. Raises RuleError with line and column."""
    return RuleSet(parse_fingerprint_rules(fingerprint_text), parse_stack_rules(stacktrace_text))
