"""Why an event refutes a resolution, or leaves it standing: a code and what was compared. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracker.versions import Basis


class ReasonCode(StrEnum):
    """The values are stored: they are never changed, and never given another meaning."""

    AFTER = "after"
    BEFORE = "before"
    AFTER_WITHOUT_RELEASE = "after_without_release"
    """The event names no release, so that time decides."""
    BEFORE_WITHOUT_RELEASE = "before_without_release"

    IS_THE_FIX = "is_the_fix"
    NEWER_THAN_FIX = "newer_than_fix"
    SAME_AS_FIX = "same_as_fix"
    AS_OLD_AS_FIX = "as_old_as_fix"
    OLDER_THAN_FIX = "older_than_fix"
    FIX_NOT_SEEN = "fix_not_seen"

    NO_RELEASE_WAS_KNOWN = "no_release_was_known"
    WAS_NEWEST = "was_newest"
    WAS_KNOWN = "was_known"
    NEWER_THAN_NEWEST = "newer_than_newest"
    NOT_NEWER_THAN_NEWEST = "not_newer_than_newest"
    OLDER_THAN_NEWEST = "older_than_newest"

    BELOW_RANGE = "below_range"
    NOT_BELOW_RANGE = "not_below_range"
    OUTSIDE_RANGE = "outside_range"

    COMMIT_NOT_SEEN = "commit_not_seen"


_BASES = {"version": Basis.VERSION, "date": Basis.DATE, "not_known_yet": Basis.NOT_KNOWN_YET}
_BASIS_NAMES = {basis: name for name, basis in _BASES.items()}


@dataclass(slots=True, frozen=True)
class Reason:
    code: ReasonCode
    release: str = ""
    """The event's own, where it counts."""
    other: str = ""
    """What it was compared with: the release of the fix, the newest release, the range, or the commit."""
    basis: Basis = Basis.VERSION
    """What two releases were ordered by."""

    def as_json(self) -> dict[str, Any]:
        form = {"code": str(self.code), "release": self.release, "other": self.other}
        if self.basis is not Basis.VERSION:
            form["basis"] = _BASIS_NAMES[self.basis]
        return {name: value for name, value in form.items() if value}

    @classmethod
    def from_json(cls, form: dict[str, Any]) -> "Reason":
        """Raises ValueError for a code that is not known here, KeyError for none."""
        basis = _BASES.get(str(form.get("basis", "")), Basis.VERSION)
        return cls(ReasonCode(form["code"]), str(form.get("release", "")), str(form.get("other", "")), basis)
