"""Is it the same as before? One event, its project's rules, and out come the keys it is known by."""

from dataclasses import dataclass, field

from grouping import encoding
from grouping.components import Component
from grouping.event import Event
from grouping.fingerprint import bounded, is_default
from grouping.keys import Key, keys_of
from grouping.rules import RuleSet
from grouping.stacks import NO_VERDICT, StackVerdict
from grouping.strategies import find_evidence

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
    fingerprint = bounded(event.fingerprint)
    if fingerprint and not any(map(is_default, fingerprint)):
        parts = [encoding.part(encoding.FINGERPRINT, text) for text in fingerprint]
        return Grouping([Key("fp", encoding.digest("fp", parts))])
    if event.checksum:
        return Grouping([Key("cs", encoding.digest("cs", [encoding.part(encoding.SALT, event.checksum)]))])
    evidence = find_evidence(event, _no_verdict)
    return Grouping(keys_of(evidence, fingerprint))


def _no_verdict(position: int) -> StackVerdict:
    return NO_VERDICT
