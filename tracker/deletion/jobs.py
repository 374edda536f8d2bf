"""Deletion and retention as jobs: each may be asked for again, and finds by itself what is left to do."""

from django.utils import timezone

from tracker.deletion.cascade import removal_of_issues, removal_of_organization, removal_of_project
from tracker.deletion.retention import retention_steps
from tracker.jobs.kinds import Steps, job
from tracker.models import Issue, Organization, Project


@job("apply-retention")
def apply_retention(project_id: int = 0, step: int = 0, issue_id: int = 0) -> Steps:
    """Remove what is past its time."""
    yield from retention_steps(timezone.now(), project_id, step, issue_id)


@job("delete-project")
def delete_project(project_id: int) -> Steps:
    """Delete a project with everything in it; one that is gone already is no error."""
    project = Project.objects.filter(pk=project_id).first()
    if project is not None:
        yield from removal_of_project(project)


@job("delete-organization")
def delete_organization(organization_id: int) -> Steps:
    """Delete an organization with all its projects; one that is gone already is no error."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is not None:
        yield from removal_of_organization(organization)


@job("delete-issues")
def delete_issues_by_id(ids: list[int]) -> Steps:
    """Delete issues with all their events; those that are gone already are no error."""
    yield from removal_of_issues(Issue.objects.filter(pk__in=ids))
