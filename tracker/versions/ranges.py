"""Ranges of versions, as people write them: `>=2.4`, `^3`, `~2.4.1`, `>^2.1`, `8.20.*`, `>=2.4 <3`. Pure."""

import re
from dataclasses import dataclass

from tracker.errors import DomainError, Refusal
from tracker.versions import Version, parse_version

_CONDITION = re.compile(r"(>=|<=|>\s*\^|>\s*~|>|<|=|\^|~)?\s*([^\s,<>=^~]+)")
_WILDCARD = re.compile(r"(.+?)(?:\.[*xX])+")


@dataclass(slots=True, frozen=True)
class VersionRange:
    """The versions from a lowest one on; `until` closes the range where somebody wrote so with `<` or `<=`.

    `^`, `~` and `*` name the line on which the fix was made. They leave the range open: what is above the line on
    which it was fixed holds the fix too.
    """

    lowest: Version
    is_lowest_included: bool = True
    until: Version | None = None
    is_until_included: bool = False

    def is_below(self, version: Version) -> bool:
        """Is the version older than all of the range?"""
        return version.order < self.lowest.order or (not self.is_lowest_included and version.order == self.lowest.order)

    def is_beyond(self, version: Version) -> bool:
        """Is the version newer than the end that was written?"""
        if self.until is None:
            return False
        return version.order > self.until.order or (not self.is_until_included and version.order == self.until.order)


def parse_range(text: str) -> VersionRange:
    """Read a range. Raises DomainError where it cannot be read."""
    conditions = _CONDITION.findall(text)
    if not conditions or re.sub(r"[\s,]", "", _CONDITION.sub("", text)):
        raise DomainError(Refusal.NOT_A_RANGE, range=text)
    lowest: tuple[Version, bool] | None = None
    until: tuple[Version, bool] | None = None
    for operator, name in conditions:
        wildcard = _WILDCARD.fullmatch(name)
        version = parse_version(wildcard[1] if wildcard else name)
        if version is None:
            raise DomainError(Refusal.NOT_A_BOUND, version=name)
        if operator in ("<", "<="):
            until = _lower(until, (version, operator == "<="))
        elif operator.endswith("^") and operator != "^":
            lowest = _higher(lowest, (version.next_major(), True))
        elif operator.endswith("~") and operator != "~":
            lowest = _higher(lowest, (version.next_minor(), True))
        else:
            lowest = _higher(lowest, (version, operator != ">"))
    if lowest is None:
        raise DomainError(Refusal.NO_LOWEST_VERSION, range=text)
    found = VersionRange(*lowest, *(until or (None, False)))
    if found.is_beyond(found.lowest):
        raise DomainError(Refusal.EMPTY_RANGE, range=text)
    return found


def _higher(one: tuple[Version, bool] | None, other: tuple[Version, bool]) -> tuple[Version, bool]:
    return other if one is None else max(one, other, key=lambda bound: (bound[0].order, not bound[1]))


def _lower(one: tuple[Version, bool] | None, other: tuple[Version, bool]) -> tuple[Version, bool]:
    return other if one is None else min(one, other, key=lambda bound: (bound[0].order, bound[1]))
