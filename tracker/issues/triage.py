"""The one triage service: what somebody wants done with some issues, checked whole and then done, or not at all.

Pages and the API only make a `TriageCommand` of what they are sent, and words or JSON of what comes back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from tracker.errors import DomainError, Refusal
from tracker.issues import actions
from tracker.issues.assignees import find_assignee
from tracker.issues.claims import ResolveIn, checked
from tracker.issues.comments import checked_comment, comment_on
from tracker.issues.lookup import find_by_short_id
from tracker.issues.merge import Moved, lock_projects, merge_rows, unmerge_rows
from tracker.issues.results import ActionResult, TriageResult
from tracker.issues.status import ArchiveFor
from tracker.issues.unmerge import move_events
from tracker.models import GroupKey, Issue, Organization, Project, User

MAX_ISSUES = 1_000
"""That one command takes."""


@dataclass(slots=True, frozen=True)
class Reopen:
    """Make them unresolved again."""


@dataclass(slots=True, frozen=True)
class Assign:
    to: str = ""
    """An id (`7`, `user:7`) or the address of a member; empty, or `nobody`, unassigns."""


@dataclass(slots=True, frozen=True)
class Merge:
    into: str = ""
    """A short id; empty for the one of them that was seen most often."""


@dataclass(slots=True, frozen=True)
class Unmerge:
    key_ids: tuple[int, ...] = ()
    """Group keys of one issue, to be taken out of it."""


@dataclass(slots=True, frozen=True)
class TriageCommand:
    """What is to be done, in the order of the fields; None leaves a thing as it is."""

    assign: Assign | None = None
    status: ResolveIn | ArchiveFor | Reopen | None = None
    comment: str | None = None
    merge: Merge | None = None
    unmerge: Unmerge | None = None


@dataclass(slots=True, frozen=True)
class Actor:
    """Who acts, and when."""

    user: User | None
    now: datetime


@dataclass(slots=True)
class _Plan:
    """A command whose names have become rows."""

    command: TriageCommand
    assignee: User | None = None
    comment: str = ""
    target: Issue | None = None
    keys: Sequence[GroupKey] = field(default_factory=list)


def apply(command: TriageCommand, issues: Sequence[Issue], organization: Organization, actor: Actor) -> TriageResult:
    """Do all that the command says to the issues, which are of one organization, in one transaction.

    They have their projects loaded, as `named_issues` does.

    Raises DomainError, and has changed nothing then, where any of it cannot be done.
    """
    plan = _check(command, issues, organization, actor.now)
    with transaction.atomic():
        if plan.target or plan.keys:
            # A merge locks projects before issues, so no issue may be locked by the steps before that.
            lock_projects(issue.project_id for issue in issues)
        results, moved = _change(plan, issues, actor), _move(plan, issues, actor)
    if moved:
        results.append(moved.result)
        move_events(moved.left_ids)
    return TriageResult(len(issues), tuple(results))


def named_issues(projects: Iterable[Project], ids: Sequence[int]) -> list[Issue]:
    """The projects' issues with these ids, in the order of their ids; an id of none of them is passed over.

    So is an issue that was merged into another. Raises DomainError for more than `MAX_ISSUES` ids.
    """
    if len(ids) > MAX_ISSUES:
        raise DomainError(Refusal.TOO_MANY_ISSUES, most=MAX_ISSUES)
    found = Issue.objects.filter(id__in=ids, project__in=projects, merged_into=None)
    return list(found.select_related("project__organization", "assigned_to", "last_release").order_by("id"))


# ── Checked whole ────────────────────────────────────────────────────────────────────────────────────────────────────


def _check(command: TriageCommand, issues: Sequence[Issue], organization: Organization, now: datetime) -> _Plan:
    plan = _Plan(command)
    if command.assign is not None:
        plan.assignee = find_assignee(organization, command.assign.to)
    if isinstance(command.status, ResolveIn):
        checked(command.status)
    elif isinstance(command.status, ArchiveFor):
        command.status.check(now)
    if command.comment is not None:
        plan.comment = checked_comment(command.comment)
    if command.merge is not None:
        plan.target = _target_of(command.merge, issues, organization)
    if command.unmerge is not None:
        plan.keys = list(GroupKey.objects.filter(issue__in=issues, id__in=command.unmerge.key_ids))
        if not plan.keys:
            raise DomainError(Refusal.NO_KEY_CHOSEN)
    return plan


def _target_of(merge: Merge, issues: Sequence[Issue], organization: Organization) -> Issue:
    """The issue into which the others go: the named one, else the one that was seen most often, the older of equals."""
    if merge.into:
        found = find_by_short_id(list(organization.projects.all()), merge.into)
        if found is None:
            raise DomainError(Refusal.NO_SUCH_ISSUE, short_id=merge.into[:100])
        target = found
    elif len(issues) < 2:
        raise DomainError(Refusal.NOTHING_TO_MERGE)
    else:
        target = max(issues, key=lambda issue: (issue.times_seen, -issue.pk))
    if any(issue.project_id != target.project_id for issue in issues):
        raise DomainError(Refusal.DIFFERENT_PROJECTS)
    return target


# ── Done ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _change(plan: _Plan, issues: Sequence[Issue], actor: Actor) -> list[ActionResult]:
    """What changes the issues themselves."""
    if not issues:
        return []
    by, now, results = actor.user, actor.now, []
    if plan.command.assign is not None:
        results.append(actions.assign(issues, plan.assignee, by=by, now=now))
    match plan.command.status:
        case ResolveIn() as how:
            results.append(actions.resolve(issues, how, by=by, now=now))
        case ArchiveFor() as how:
            results.append(actions.archive(issues, how, by=by, now=now))
        case Reopen():
            results.append(actions.reopen(issues, by=by, now=now))
    if plan.comment:
        results.append(comment_on(issues, plan.comment, by=by, now=now))
    return results


def _move(plan: _Plan, issues: Sequence[Issue], actor: Actor) -> Moved | None:
    """What moves events from one issue to another."""
    if plan.target is not None:
        return merge_rows(issues, plan.target, by=actor.user, now=actor.now)
    return unmerge_rows(plan.keys, by=actor.user, now=actor.now) if plan.keys else None
