"""The lookup of keys as the tracker does it, in memory: any key attaches, all keys are registered, the guard holds."""

from dataclasses import dataclass, field

from grouping.group import Grouping

MAX_ISSUES_PER_BASE = 8


@dataclass(slots=True)
class Registry:
    """Which issue has which key; issues are numbered in the order of their first event."""

    issue_of: dict[tuple[str, bytes], int] = field(default_factory=dict)
    issues_of_base: dict[bytes, list[int]] = field(default_factory=dict)
    issues: int = 0

    def attach(self, grouping: Grouping) -> int:
        """The issue of an event, an old one or a new one; its other keys are registered for the same issue."""
        keys = [(key.kind, key.digest) for key in grouping.keys]
        issue = next((self.issue_of[key] for key in keys if key in self.issue_of), None)
        if issue is None:
            issue = self._guarded(grouping) or self._new(grouping)
        for key in keys:
            self.issue_of.setdefault(key, issue)
        return issue

    def _guarded(self, grouping: Grouping) -> int | None:
        base = grouping.keys[0].base
        known = self.issues_of_base.get(base, []) if base else []
        return known[0] if len(known) >= MAX_ISSUES_PER_BASE else None

    def _new(self, grouping: Grouping) -> int:
        self.issues += 1
        if base := grouping.keys[0].base:
            self.issues_of_base.setdefault(base, []).append(self.issues)
        return self.issues
