"""Keys under rules to come, registered for the issues that exist before the rules are in force.

Without them the first event that only the new rules know would make an issue of its own, and draw older ones to it.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from grouping.group import CONFIG, group_event
from grouping.rules import RuleSet
from tracker.groups.samples import sample_issue
from tracker.models import Issue, Project, Status
from tracker.record.sql import Columns, write_rows

MOST_ISSUES = 2_000
KEYS_OF_AN_ISSUE = 20
SECONDS = 5.0
BITE = 500
COLUMNS: Columns = (
    ("project_id", "bigint"),
    ("digest", "bytes"),
    ("kind", "text"),
    ("config", "text"),
    ("issue_id", "bigint"),
    ("base", "bytes"),
    ("origin", "text"),
    ("created_at", "time"),
)


def register_keys(project: Project, rules: RuleSet, now: datetime, *, seconds: float = SECONDS) -> None:
    """Give the project's most recent issues the keys that their newest events would have under the rules.

    A key that several would have goes to an unresolved one before others, then to the oldest; one that is known stays.
    """
    rows: list[tuple[Any, ...]] = []
    for row in _rows(project, rules, now, time.monotonic() + seconds):
        rows.append(row)
        if len(rows) == BITE:
            _write(rows)
            rows = []
    _write(rows)


def _rows(project: Project, rules: RuleSet, now: datetime, deadline: float) -> Iterator[tuple[Any, ...]]:
    recent = Issue.objects.filter(project=project, merged_into=None).order_by("-last_seen_at", "-id")[:MOST_ISSUES]
    for issue in sorted(recent, key=lambda issue: (issue.status != Status.UNRESOLVED, issue.pk)):
        if time.monotonic() > deadline:
            return
        for _, event in sample_issue(issue, 1, KEYS_OF_AN_ISSUE):
            for key in group_event(event, rules).keys:
                yield (project.pk, key.digest, key.kind, CONFIG, issue.pk, key.base, "rules", now)


def _write(rows: list[tuple[Any, ...]]) -> None:
    firsts = {row[1:3]: row for row in reversed(rows)}
    ordered = sorted(firsts.values(), key=lambda row: row[1:3])
    write_rows("tracker_groupkey", COLUMNS, ordered, "ON CONFLICT DO NOTHING")
