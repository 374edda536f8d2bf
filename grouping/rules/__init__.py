"""A project's own rules: fingerprint rules and stack-trace rules, in Sentry's public syntax."""

from grouping.rules.ruleset import EMPTY_RULES, RuleSet, parse_rules
from grouping.rules.syntax import RuleError

__all__ = ["EMPTY_RULES", "RuleError", "RuleSet", "parse_rules"]
