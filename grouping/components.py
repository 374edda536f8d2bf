"""Component: one part of a grouping, and whether and why it counted."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Component:
    """One part that was looked at: `raw` as sent, `value` as it entered the key; `reason` is a code of `REASONS`.

    `id` says what it is: `key`, `exception`, `type`, `frame`, `line`, `message`, `cause`, `fingerprint`, `rule` …
    """

    id: str
    contributes: bool
    reason: str = ""
    raw: str = ""
    value: str = ""
    children: list["Component"] = field(default_factory=list)
