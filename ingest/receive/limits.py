"""How much? Quotas by key, project and category; a flood of one category never silences another."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.receive.keys import KeyInfo
from ingest.receive.windows import Windows, WindowsUnavailable

UNLIMITED_CATEGORIES = frozenset({"internal"})
"""Client reports are how an SDK tells what it dropped; refusing them would hide losses."""


@dataclass(slots=True, frozen=True)
class Exhausted:
    """A category that a limit grants no more of, for how long."""

    category: str
    scope: str
    seconds: int


@dataclass(slots=True, frozen=True)
class Admission:
    """How much of each category may pass, and what is exhausted; both empty of what is not limited."""

    granted: Mapping[str, int]
    exhausted: tuple[Exhausted, ...] = ()
    unchecked: Mapping[str, int] = field(default_factory=dict)
    """What passed a limit because its count could not be asked: a limiter that fails must not cost events."""


FREE = Admission({})


def admit(key: KeyInfo, quantities: Mapping[str, int], windows: Windows, now: float) -> Admission:
    """How much of these quantities by category the limits of the key and its project grant now."""
    if not key.limits:
        return FREE
    granted: dict[str, int] = {}
    exhausted: list[Exhausted] = []
    unchecked: dict[str, int] = {}
    for category, quantity in quantities.items():
        if category in UNLIMITED_CATEGORIES:
            continue
        for limit in key.limits:
            if not limit.covers(category):
                continue
            wanted = granted.get(category, quantity)
            try:
                granted[category] = windows.take(limit, wanted, now) if wanted else 0
            except WindowsUnavailable:
                granted[category] = unchecked[category] = wanted
            if granted[category] < wanted:
                exhausted.append(Exhausted(category, limit.scope, limit.seconds_left(now)))
    return Admission(granted, tuple(exhausted), unchecked)


def rate_limits_header(exhausted: tuple[Exhausted, ...], reason: str) -> tuple[str, str]:
    """`X-Sentry-Rate-Limits: <seconds>:<category>:<scope>:<reason>, …`, which SDKs honour on any status."""
    limits = ", ".join(f"{entry.seconds}:{entry.category}:{entry.scope}:{reason}" for entry in exhausted)
    return "X-Sentry-Rate-Limits", limits


def retry_after_header(exhausted: tuple[Exhausted, ...]) -> tuple[str, str]:
    """`Retry-After: <seconds>`, for clients that know no other."""
    return "Retry-After", str(max(entry.seconds for entry in exhausted))
