"""Keys under rules to come, registered for the issues that exist before the rules are active.

Without them the first event that only the new rules know would make an issue of its own, and draw older ones to it.
Issues that the rules would merge stay apart and are proposed as one.
"""

import time
from datetime import datetime
from typing import Any

from grouping.group import CONFIG, Key, group_event
from grouping.rules import RuleSet
from tracker.models import Issue, Project, Status, Suggestion
from tracker.rules.samples import sample_issue
from tracker.storage.sql import Columns, write_rows

MAX_ISSUES = 2_000
KEYS_OF_AN_ISSUE = 20
SECONDS = 5.0
BATCH_ROWS = 500
KeyName = tuple[str, bytes]
"""Kind and digest."""

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
    deadline = time.monotonic() + seconds
    owners: dict[KeyName, int] = {}
    united: dict[int, int] = {}
    rows: list[tuple[Any, ...]] = []
    for issue in _in_order_of_claim(project):
        if time.monotonic() > deadline:
            break
        for key in _keys_under(rules, issue):
            owner = owners.setdefault((key.kind, key.digest), issue.pk)
            if owner == issue.pk:
                rows.append((project.pk, key.digest, key.kind, CONFIG, owner, key.base, "rules", now))
            else:
                united.setdefault(issue.pk, owner)
    for start in range(0, len(rows), BATCH_ROWS):
        batch = sorted(rows[start : start + BATCH_ROWS], key=lambda row: row[1:3])
        write_rows("tracker_groupkey", COLUMNS, batch, "ON CONFLICT DO NOTHING")
    _propose(united, now)


def _in_order_of_claim(project: Project) -> list[Issue]:
    recent = Issue.objects.filter(project=project, merged_into=None).order_by("-last_seen_at", "-id")[:MAX_ISSUES]
    return sorted(recent, key=lambda issue: (issue.status != Status.UNRESOLVED, issue.pk))


def _keys_under(rules: RuleSet, issue: Issue) -> set[Key]:
    return {key for _, event in sample_issue(issue, 1, KEYS_OF_AN_ISSUE) for key in group_event(event, rules).keys}


def _propose(united: dict[int, int], now: datetime) -> None:
    Suggestion.objects.bulk_create(
        [
            Suggestion(
                issue_id=max(pair),
                other_id=min(pair),
                score=1.0,
                template=0.0,
                is_same_type=False,
                is_by_rules=True,
                created_at=now,
            )
            for pair in united.items()
        ],
        update_conflicts=True,
        unique_fields=["issue", "other"],
        update_fields=["is_by_rules", "score"],
    )
