"""What a draft of rules would change: stored events grouped again, within bounds of number and time."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grouping.event import Event as ReadEvent
from grouping.group import group_event
from grouping.rules import RuleSet
from grouping.titles import title_of
from tracker.groups.changes import Change, Sample, changes_in, names_of
from tracker.groups.rules import rules_for
from tracker.groups.samples import sample_issue
from tracker.models import Issue, Project

MOST_EVENTS = 5_000
MOST_ISSUES = 2_000
MOST_PER_KEY = 20
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
    def parts_any(self) -> bool:
        return any(change.is_parting for change in self.changes)

    @property
    def sentence(self) -> str:
        """`12 issues become 3; 1 becomes 4; 230 unchanged.`"""
        joins = [change for change in self.changes if change.is_join]
        partings = [change for change in self.changes if change.is_parting]
        others = [change for change in self.changes if not change.is_join and not change.is_parting]
        clauses = [_becomes(joins), _becomes(partings)]
        clauses.append(f"{_issues(others)} divided anew" if others else "")
        clauses.append(f"{self.unchanged:,} unchanged")
        text = "; ".join(clause for clause in clauses if clause)
        return f"{text}."


def preview(project: Project, draft: RuleSet, *, seconds: float = SECONDS) -> Preview:
    """Group the newest events of the project's most recent issues by the draft, and by the rules in force."""
    deadline = time.monotonic() + seconds
    everything = Issue.objects.filter(project=project, merged_into=None)
    issues = list(everything.order_by("-last_seen_at", "-id").select_related("project")[:MOST_ISSUES])
    current = rules_for(project).current
    samples: list[Sample] = []
    looked_at: set[int] = set()
    per_key = max(LEAST_PER_KEY, min(MOST_PER_KEY, MOST_EVENTS // max(1, len(issues))))
    for issue in issues:
        if time.monotonic() > deadline or len(samples) >= MOST_EVENTS:
            break
        samples += _samples_of(issue, current, draft, per_key, MOST_EVENTS - len(samples))
        looked_at.add(issue.pk)
    changes = changes_in(samples)
    changed = {id_ for change in changes for id_ in change.issue_ids}
    return Preview(
        changes=changes,
        issues={issue.pk: issue for issue in issues if issue.pk in changed},
        looked_at_events=len(samples),
        looked_at_issues=len(looked_at),
        all_issues=len(issues) if len(issues) < MOST_ISSUES else everything.count(),
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
