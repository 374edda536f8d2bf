"""Deleting what a request may have no time for: little is deleted at once, much is left to a job."""

from collections.abc import Sequence

from django.db import transaction

from tracker.deletion.cascade import remove_project
from tracker.deletion.jobs import delete_issues_by_id, delete_organization, delete_project
from tracker.issues.actions import delete_issues
from tracker.issues.merge import with_redirects
from tracker.issues.results import ActionResult, Deleted
from tracker.models import Issue, Organization, Project
from tracker.projects.registry import raise_version

MAX_ISSUES_AT_ONCE = 20
MAX_EVENTS_AT_ONCE = 5_000
ISSUES_IN_A_JOB = 1_000


def delete_issues_or_queue(issues: Sequence[Issue]) -> ActionResult:
    """Delete issues (projects loaded) with all their events: a few at once, many by jobs. It cannot be undone."""
    events = sum(issue.times_seen for issue in issues)
    if len(issues) <= MAX_ISSUES_AT_ONCE and events <= MAX_EVENTS_AT_ONCE:
        return delete_issues(issues)
    ids = sorted(with_redirects([issue.pk for issue in issues]))
    with transaction.atomic():
        for start in range(0, len(ids), ISSUES_IN_A_JOB):
            delete_issues_by_id.request(ids[start : start + ISSUES_IN_A_JOB])
    return ActionResult(Deleted(is_over=False), len(issues), tuple(issue.short_id for issue in issues))


def delete_project_or_queue(project: Project) -> str:
    """Delete a project with everything in it, a large one by a job; returns a sentence. It takes nothing any more."""
    if project.stored_events <= MAX_EVENTS_AT_ONCE:
        remove_project(project)
        return f"{project.name} is deleted."
    with transaction.atomic():
        _shut(project)
        delete_project.request(project.pk)
    return f"{project.name} is being deleted. Nothing comes in any more; it leaves this list when all is gone."


def queue_organization_deletion(organization: Organization) -> str:
    """Have an organization deleted by a job; returns a sentence. Nothing comes in and nobody sees it from now on."""
    with transaction.atomic():
        for project in organization.projects.all():
            _shut(project)
        organization.memberships.all().delete()
        delete_organization.request(organization.pk)
    return f"{organization.name} is being deleted."


def _shut(project: Project) -> None:
    project.keys.all().delete()
    raise_version(project)
