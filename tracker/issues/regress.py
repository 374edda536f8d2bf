"""What a batch of events does to issues that were resolved or archived: a fixed number of statements for the batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tracker.issues.details import ArchiveEndedDetails, Details, RegressedDetails, new_activity
from tracker.issues.known_releases import Knowledge
from tracker.issues.reasons import Reason
from tracker.issues.resolution import ReleaseKnowledge, Resolution, Verdict, judge
from tracker.issues.status import Archival, Cause, is_archive_over, statuses_that_allow
from tracker.models import Activity, Issue, Status
from tracker.storage.sql import update_rows


class IssueRow(Protocol):
    """What is needed of an issue; `tracker.models.Issue` is one. Its totals include the batch."""

    id: int
    project_id: int
    status: int
    resolution: dict[str, Any] | None
    archival: dict[str, Any] | None
    times_seen: int
    users_affected: int


@dataclass(slots=True, frozen=True)
class Occurrence:
    """One event of the batch; `release` is its version string, empty where it names none."""

    issue_id: int
    release: str
    occurred_at: datetime
    received_at: datetime


@dataclass(slots=True, frozen=True)
class Change:
    """What the batch does to one issue that was not unresolved."""

    issue_id: int
    project_id: int
    is_regression: bool = False
    release: str = ""
    """Of the event that made the regression; empty where that names none."""
    reason: Reason | None = None
    resolution: Resolution | None = None
    """How it had been resolved, for the record."""
    expected: int = 0
    """Events that the fix does not cover."""
    is_archive_over: bool = False


def judge_batch(issues: Mapping[int, IssueRow], occurrences: Sequence[Occurrence], now: datetime) -> list[Change]:
    """Judge a batch's events: at most two queries, none where no issue of the batch is resolved in a release.

    `issues` are the issues of the batch by id, with their totals as they are with the batch. Issues to which nothing
    happens are not in the result.
    """
    by_issue: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        if issues[occurrence.issue_id].status != Status.UNRESOLVED:
            by_issue[occurrence.issue_id].append(occurrence)
    resolutions = {
        issue_id: Resolution.from_json(issue.resolution)
        for issue_id in by_issue
        if (issue := issues[issue_id]).status == Status.RESOLVED and issue.resolution
    }
    claims = [(issues[issue_id].project_id, resolution) for issue_id, resolution in resolutions.items()]
    named = {occurrence.release for issue_id in resolutions for occurrence in by_issue[issue_id]}
    knowledge = Knowledge.load(claims, named)
    changes = []
    for issue_id, of_issue in by_issue.items():
        if issue_id in resolutions:
            known = knowledge.about(resolutions[issue_id], issues[issue_id].project_id)
            changes.append(_judge_issue(issues[issue_id], resolutions[issue_id], of_issue, known))
        elif issues[issue_id].status == Status.ARCHIVED:
            changes.append(_judge_archive(issues[issue_id], now))
    return [change for change in changes if change.is_regression or change.expected or change.is_archive_over]


def _judge_issue(
    issue: IssueRow, resolution: Resolution, occurrences: list[Occurrence], knowledge: ReleaseKnowledge
) -> Change:
    expected = 0
    for occurrence in occurrences:
        judgement = judge(resolution, occurrence.release, occurrence.occurred_at, knowledge)
        if judgement.verdict is Verdict.REGRESSION:
            return Change(
                issue.id,
                issue.project_id,
                is_regression=True,
                release=occurrence.release,
                reason=judgement.reason,
                resolution=resolution,
                expected=expected,
            )
        expected += judgement.verdict is Verdict.NOT_COVERED
    return Change(issue.id, issue.project_id, expected=expected)


def _judge_archive(issue: IssueRow, now: datetime) -> Change:
    archival = Archival.from_json(issue.archival or {})
    is_over = is_archive_over(archival, now=now, times_seen=issue.times_seen, users_affected=issue.users_affected)
    return Change(issue.id, issue.project_id, is_archive_over=is_over)


# ── Writing it down ──────────────────────────────────────────────────────────────────────────────────────────────────


def apply_changes(changes: Sequence[Change], now: datetime) -> list[Activity]:
    """Write the changes into issues and Activity, within the caller's transaction: at most four statements.

    Returns the activities, saved: one for each regression and each archive that is over.
    """
    regressed = [change for change in changes if change.is_regression]
    returned = [change for change in changes if change.is_archive_over]
    expected = [change for change in changes if change.expected]
    if expected:
        _count_expected(expected)
    if regressed:
        _reopen(regressed, Cause.REGRESSION, now, is_regressed=True)
    if returned:
        _reopen(returned, Cause.ARCHIVE_OVER, now, is_regressed=False)
    return Activity.objects.bulk_create(
        [
            *(
                _activity(change, RegressedDetails(change.release, change.reason or "", change.resolution), now)
                for change in regressed
            ),
            *(_activity(change, ArchiveEndedDetails(), now) for change in returned),
        ]
    )


def _count_expected(changes: Sequence[Change]) -> None:
    update_rows(
        "tracker_issue",
        ("id", "bigint"),
        (("expected", "bigint"),),
        [(change.issue_id, change.expected) for change in changes],
        'expected_since_resolved = t.expected_since_resolved + new."expected"',
    )


def _reopen(changes: Sequence[Change], cause: Cause, now: datetime, *, is_regressed: bool) -> None:
    Issue.objects.filter(id__in=[change.issue_id for change in changes], status__in=statuses_that_allow(cause)).update(
        status=Status.UNRESOLVED,
        is_regressed=is_regressed,
        status_changed_at=now,
        resolution=None,
        archival=None,
    )


def _activity(change: Change, details: Details, now: datetime) -> Activity:
    return new_activity(details, project_id=change.project_id, issue_id=change.issue_id, now=now)
