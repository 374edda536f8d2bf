"""Is it the same as before? One event, its project's rules, and out come the keys it is known by."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from grouping import encoding
from grouping.components import Component, evidence_components, fingerprint_component
from grouping.event import Event, Frame
from grouping.evidence import Evidence
from grouping.fingerprint import bounded, client_fingerprint, expand_parts, expand_title, is_default
from grouping.keys import Key, keys_of
from grouping.rules import RuleSet
from grouping.strategies import all_in_app_unknown, find_evidence
from grouping.verdict import NO_VERDICT, StackVerdict

__all__ = ["CONFIG", "Grouping", "Key", "group_event"]

CONFIG = "g1"


@dataclass(slots=True)
class Grouping:
    """Keys in the order in which they are looked up (the first is primary), and why."""

    keys: list[Key]
    components: list[Component] = field(default_factory=list)
    title: str | None = None
    """A title that a fingerprint rule gave, with its variables expanded; None where none did."""


def group_event(event: Event, rules: RuleSet, *, explain: bool = False) -> Grouping:
    """Group one event under config `g1`; `components` are filled only when `explain` is true. Pure and total."""
    fingerprint, title, rule_line = _fingerprint(event, rules)
    grouping = Grouping([], title=title)
    if explain and fingerprint:
        grouping.components.append(fingerprint_component(fingerprint, rule_line))
    if fingerprint and not any(map(is_default, fingerprint)):
        parts = [encoding.part(encoding.FINGERPRINT, text) for text in fingerprint]
        grouping.keys = [Key("fp", encoding.digest("fp", parts))]
        return grouping
    evidence = _evidence(event, rules)
    grouping.keys = keys_of(evidence, fingerprint)
    if explain:
        grouping.components += evidence_components(evidence, event)
    return grouping


def _fingerprint(event: Event, rules: RuleSet) -> tuple[list[str], str | None, int]:
    """The effective fingerprint, a title, and the rule's line; a checksum comes before the client's fingerprint."""
    rule = rules.fingerprint_rule(event) if rules.fingerprint else None
    if rule is None:
        parts = [] if event.checksum else bounded(client_fingerprint(event))
        return (bounded(expand_parts(parts, event)) if parts else []), None, 0
    title = expand_title(rule.title, event) if rule.title else None
    return bounded(expand_parts(rule.parts, event)), title, rule.line


def _evidence(event: Event, rules: RuleSet) -> Evidence:
    if event.checksum:
        return Evidence("cs", texts=[event.checksum])
    if not rules.stacktrace:
        return find_evidence(event, _no_verdict)
    unknown = all_in_app_unknown(event)

    def judge(position: int, frames: Sequence[Frame]) -> StackVerdict:
        exception = event.exceptions[position] if position >= 0 else None
        return rules.stacktrace.judge(frames, event.platform, exception, unknown)

    return find_evidence(event, judge)


def _no_verdict(position: int, frames: object) -> StackVerdict:
    return NO_VERDICT
