"""What a draft of rules would change: stored events grouped again, within bounds of number and time."""

import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from grouping.event import Event as ReadEvent
from grouping.group import Key, group_event
from grouping.rules import RuleSet
from grouping.titles import title_of
from tracker.models import Issue, Project
from tracker.rules.samples import sample_issue
from tracker.rules.versions import rules_for

KeyName = tuple[str, bytes]
"""Kind and digest."""


def names_of(keys: Iterable[Key]) -> frozenset[KeyName]:
    return frozenset((key.kind, key.digest) for key in keys)


@dataclass(slots=True, frozen=True)
class Sample:
    """One stored event: the issue it is in, its keys under the active rules and under the draft."""

    issue_id: int
    event_id: str
    title: str
    before: frozenset[KeyName]
    after: frozenset[KeyName]


@dataclass(slots=True, frozen=True)
class Part:
    """One issue as it would be, with an event of it as an example."""

    title: str
    event_id: str
    issue_id: int
    """Where the example is now."""
    events: int
    issues: int
    """Out of how many of today's issues its events come."""


@dataclass(slots=True, frozen=True)
class Change:
    """Issues that would be divided otherwise: merged, split, or both."""

    issue_ids: tuple[int, ...]
    parts: tuple[Part, ...]

    @property
    def is_join(self) -> bool:
        return len(self.parts) < len(self.issue_ids)

    @property
    def is_parting(self) -> bool:
        return len(self.parts) > len(self.issue_ids)


@dataclass(slots=True)
class _Union:
    """Which things belong together (union-find with path halving)."""

    parent: dict[Hashable, Hashable] = field(default_factory=dict)

    def find(self, thing: Hashable) -> Hashable:
        self.parent.setdefault(thing, thing)
        while self.parent[thing] != thing:
            self.parent[thing] = self.parent[self.parent[thing]]
            thing = self.parent[thing]
        return thing

    def join(self, things: Sequence[Hashable]) -> None:
        for thing in things:
            self.parent[self.find(thing)] = self.find(things[0])


def changes_in(samples: Sequence[Sample]) -> list[Change]:
    """Where the draft divides the samples otherwise than they are divided now; what it joins most comes first.

    An event whose keys stay the same stays in its issue, whatever brought it there: a merge is not undone by a draft.
    """
    union = _Union()
    for sample in samples:
        own = [] if sample.before != sample.after else [("issue", sample.issue_id)]
        union.join([*own, *sorted(sample.after)])
    groups: defaultdict[Hashable, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[union.find(min(sample.after))].append(sample)
    split = _split_issues(groups.values())
    clusters = _Union()
    for members in groups.values():
        ids = {member.issue_id for member in members}
        if ids & split or _is_touched(members):
            clusters.join([("issue", id_) for id_ in sorted(ids)])
    gathered: defaultdict[Hashable, list[list[Sample]]] = defaultdict(list)
    for members in groups.values():
        if ("issue", members[0].issue_id) in clusters.parent:
            gathered[clusters.find(("issue", members[0].issue_id))].append(members)
    changes = [_change(parts) for parts in gathered.values()]
    real = [change for change in changes if len(change.issue_ids) > 1 or len(change.parts) > 1]
    return sorted(real, key=lambda change: (len(change.parts) - len(change.issue_ids), change.issue_ids))


def _is_touched(members: Sequence[Sample]) -> bool:
    return any(member.before != member.after for member in members)


def _split_issues(groups: Iterable[Sequence[Sample]]) -> set[int]:
    """Issues whose events would be in several."""
    seen: set[int] = set()
    split: set[int] = set()
    for members in groups:
        ids = {member.issue_id for member in members}
        split |= ids & seen
        seen |= ids
    return split


def _change(groups: Sequence[Sequence[Sample]]) -> Change:
    parts = [
        Part(
            title=members[0].title,
            event_id=members[0].event_id,
            issue_id=members[0].issue_id,
            events=len(members),
            issues=len({member.issue_id for member in members}),
        )
        for members in groups
    ]
    ids = sorted({member.issue_id for members in groups for member in members})
    return Change(tuple(ids), tuple(sorted(parts, key=lambda part: (-part.events, part.event_id))))


MAX_EVENTS = 5_000
MAX_ISSUES = 2_000
MAX_PER_KEY = 20
LEAST_PER_KEY = 2
SECONDS = 3.0
"""How long a preview may take; what it has not looked at by then, it says."""


@dataclass(slots=True, frozen=True)
class Preview:
    """What a draft would make of the events that were looked at."""

    changes: list[Change]
    issues: dict[int, Issue]
    """The issues that would change, by id, their projects loaded."""
    looked_at_events: int
    looked_at_issues: int
    all_issues: int

    @property
    def unchanged(self) -> int:
        return self.looked_at_issues - sum(len(change.issue_ids) for change in self.changes)

    @property
    def splits_any(self) -> bool:
        return any(change.is_parting for change in self.changes)

    @property
    def sentence(self) -> str:
        """`12 issues become 3; 1 becomes 4; 230 unchanged.`"""
        joins = [change for change in self.changes if change.is_join]
        partings = [change for change in self.changes if change.is_parting]
        others = [change for change in self.changes if not change.is_join and not change.is_parting]
        clauses = [_becomes(joins), _becomes(partings)]
        clauses.append(f"{_issues(others)} divided otherwise" if others else "")
        clauses.append(f"{self.unchanged:,} unchanged")
        text = "; ".join(clause for clause in clauses if clause)
        return f"{text}."


def preview(project: Project, draft: RuleSet, *, seconds: float = SECONDS) -> Preview:
    """Group the newest events of the project's most recent issues by the draft, and by the active rules."""
    deadline = time.monotonic() + seconds
    everything = Issue.objects.filter(project=project, merged_into=None)
    issues = list(everything.order_by("-last_seen_at", "-id").select_related("project")[:MAX_ISSUES])
    current = rules_for(project).current
    samples: list[Sample] = []
    looked_at: set[int] = set()
    per_key = max(LEAST_PER_KEY, min(MAX_PER_KEY, MAX_EVENTS // max(1, len(issues))))
    for issue in issues:
        if time.monotonic() > deadline or len(samples) >= MAX_EVENTS:
            break
        samples += _samples_of(issue, current, draft, per_key, MAX_EVENTS - len(samples))
        looked_at.add(issue.pk)
    changes = changes_in(samples)
    changed = {id_ for change in changes for id_ in change.issue_ids}
    return Preview(
        changes=changes,
        issues={issue.pk: issue for issue in issues if issue.pk in changed},
        looked_at_events=len(samples),
        looked_at_issues=len(looked_at),
        all_issues=len(issues) if len(issues) < MAX_ISSUES else everything.count(),
    )


def _samples_of(issue: Issue, current: RuleSet, draft: RuleSet, per_key: int, most: int) -> Iterator[Sample]:
    for _, event in sample_issue(issue, per_key, most):
        then = group_event(event, draft)
        now = then if _say_the_same(current, draft, event) else group_event(event, current)
        yield Sample(
            issue_id=issue.pk,
            event_id=event.event_id,
            title=then.title or title_of(event).title,
            before=names_of(now.keys),
            after=names_of(then.keys),
        )


def _say_the_same(a: RuleSet, b: RuleSet, event: ReadEvent) -> bool:
    """Whether the event need not be grouped by both: most drafts concern few events."""
    if a.stacktrace.rules != b.stacktrace.rules:
        return False
    found = [rules.fingerprint_rule(event) for rules in (a, b)]
    parts = [rule.parts if rule else None for rule in found]
    return parts[0] == parts[1]


def _becomes(changes: Sequence[Change]) -> str:
    """`12 issues become 3`, `1 becomes 4`; empty for no change."""
    before, after = (sum(len(change.issue_ids) for change in changes), sum(len(change.parts) for change in changes))
    if not changes:
        return ""
    return f"{before:,} issue{'s become' if before > 1 else ' becomes'} {after:,}"


def _issues(changes: Sequence[Change]) -> str:
    count = sum(len(change.issue_ids) for change in changes)
    return f"{count:,} issue{'s are' if count > 1 else ' is'}"
