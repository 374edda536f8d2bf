"""What other rules would make of sampled events: which issues would be one, and which several. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from grouping.group import Key

KeyName = tuple[str, bytes]
"""Kind and digest."""


def names_of(keys: Iterable[Key]) -> frozenset[KeyName]:
    return frozenset((key.kind, key.digest) for key in keys)


@dataclass(slots=True, frozen=True)
class Sample:
    """One stored event: the issue it is in, its keys under the rules in force and under the draft."""

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
    """Issues that would be divided otherwise: joined, parted, or both."""

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
        home = [] if sample.before != sample.after else [("issue", sample.issue_id)]
        union.join([*home, *sorted(sample.after)])
    groups: defaultdict[Hashable, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[union.find(min(sample.after))].append(sample)
    parted = _parted(groups.values())
    clusters = _Union()
    for members in groups.values():
        ids = {member.issue_id for member in members}
        if ids & parted or _is_touched(members):
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


def _parted(groups: Iterable[Sequence[Sample]]) -> set[int]:
    """Issues whose events would be in several."""
    seen: set[int] = set()
    parted: set[int] = set()
    for members in groups:
        ids = {member.issue_id for member in members}
        parted |= ids & seen
        seen |= ids
    return parted


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
