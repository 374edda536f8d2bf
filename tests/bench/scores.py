"""How well issues agree with true groups, counted in pairs of events."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scores:
    """`precision`: of the pairs put together, how many belong together; `recall`: of those that do, how many were."""

    events: int
    groups: int
    issues: int
    precision: float
    recall: float
    split: dict[str, int]
    """Groups that became several issues, and how many."""
    mixed: list[tuple[str, ...]]
    """Groups that share an issue and should not."""


def score(labels: Sequence[str], issues: Sequence[int], unasserted: set[frozenset[str]]) -> Scores:
    """Score one assignment of issues; pairs of groups that nobody asserts count neither way."""
    cells = Counter(zip(labels, issues, strict=True))
    by_group, by_issue = Counter(labels), Counter(issues)
    right = sum(map(_pairs, cells.values()))
    joined = sum(map(_pairs, by_issue.values()))
    groups_of: defaultdict[int, dict[str, int]] = defaultdict(dict)
    issues_of: defaultdict[str, set[int]] = defaultdict(set)
    for (label, issue), count in cells.items():
        groups_of[issue][label] = count
        issues_of[label].add(issue)
    mixed = set()
    for counts in groups_of.values():
        names = sorted(counts)
        for position, name in enumerate(names):
            for other in names[:position]:
                if frozenset((name, other)) in unasserted:
                    joined -= counts[name] * counts[other]
                else:
                    mixed.add((other, name))
    wanted = sum(map(_pairs, by_group.values()))
    return Scores(
        len(labels),
        len(by_group),
        len(by_issue),
        right / joined if joined else 1.0,
        right / wanted if wanted else 1.0,
        {label: len(found) for label, found in sorted(issues_of.items()) if len(found) > 1},
        sorted(mixed),
    )


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
