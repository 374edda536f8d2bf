"""Is it the same as before? One event, its project's rules, and out come the keys it is known by."""

from dataclasses import dataclass, field

from grouping.components import Component
from grouping.event import Event
from grouping.rules import RuleSet

CONFIG = "g1"


@dataclass(slots=True, frozen=True)
class Key:
    """One name of an issue; see the specification's table of layers.

    `kind` is one of fp, cs, sec, tpl, msg, low, app, sys, raw. `digest` is 16 bytes. `base` is the same key without
    its message part, for the cardinality guard; None where the key has no message part.
    """

    kind: str
    digest: bytes
    base: bytes | None = None


@dataclass(slots=True)
class Grouping:
    """Keys in the order in which they are looked up (the first is primary), and why."""

    keys: list[Key]
    components: list[Component] = field(default_factory=list)
    title: str | None = None
    """A title that a fingerprint rule gave, with its variables expanded; None where none did."""


def group_event(event: Event, rules: RuleSet, *, explain: bool = False) -> Grouping:
    """Group one event under config `g1`; `components` are filled only when `explain` is true. Pure and total."""
    raise NotImplementedError
