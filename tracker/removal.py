"""Deleting what other rows refer to, in small bites: the only place that knows which tables hang on an issue.

The tables that grow with events carry no foreign keys in the database (see `tracker.models.events`), so nothing
cascades by itself. Every bite is a short transaction; ingest goes on between two of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from tracker.models import (
    Environment,
    Event,
    EventUser,
    GroupKey,
    Issue,
    IssueHour,
    IssueSketch,
    IssueTag,
    IssueUser,
    Organization,
    OutcomeCount,
    PayloadBase,
    Project,
    Release,
    ReleaseEnvironment,
    ReleaseHour,
    SessionCount,
    SessionUsers,
    SketchToken,
    Tag,
    TokenCount,
)

BITE = 500
"""Rows that one transaction deletes at most."""


def delete_in_bites(rows: QuerySet[Any]) -> int:
    """Delete the rows, `BITE` in a transaction, without looking for what refers to them; answers how many.

    The rows' primary key may be a pair.
    """
    total = 0
    while True:
        with transaction.atomic():
            keys = list(rows.order_by().values_list("pk", flat=True)[:BITE])
            doomed = rows.model._default_manager.filter(pk__in=keys)
            total += doomed._raw_delete(doomed.db) if keys else 0
        if len(keys) < BITE:
            return total


def _in_parts(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = list(ids)
    for start in range(0, len(ordered), BITE):
        yield ordered[start : start + BITE]


def remove_events(rows: QuerySet[Event]) -> int:
    """Delete events and keep their projects' number of stored events right; answers how many."""
    total = 0
    while True:
        with transaction.atomic():
            bite = list(rows.order_by().values_list("id", "project_id")[:BITE])
            removed: dict[int, int] = {}
            for _, project_id in bite:
                removed[project_id] = removed.get(project_id, 0) + 1
            doomed = Event.objects.filter(id__in=[id_ for id_, _ in bite])
            doomed._raw_delete(doomed.db)
            for project_id, count in sorted(removed.items()):
                Project.objects.filter(id=project_id).update(stored_events=F("stored_events") - count)
        total += len(bite)
        if len(bite) < BITE:
            return total


def remove_issues(issues: QuerySet[Issue]) -> int:
    """Delete issues with everything that hangs on them; answers how many.

    Their projects' version moves on first, so that no worker goes on adding to an issue that is gone.
    """
    found = list(issues.values_list("id", "project_id"))
    projects = {project_id for _, project_id in found}
    for ids in _in_parts(id_ for id_, _ in found):
        with transaction.atomic():
            GroupKey.objects.filter(issue__in=ids).delete()
            Project.objects.filter(id__in=projects).update(grouping_version=F("grouping_version") + 1)
        bases = set(
            Event.objects.filter(issue__in=ids, base__isnull=False).values_list("base_id", flat=True).distinct()
        )
        bases |= set(Issue.objects.filter(id__in=ids, base__isnull=False).values_list("base_id", flat=True))
        remove_events(Event.objects.filter(issue__in=ids))
        for table in (IssueTag, IssueUser, IssueHour, SketchToken, IssueSketch):
            delete_in_bites(table._default_manager.filter(issue__in=ids))
        Issue.objects.filter(id__in=ids).delete()
        remove_unused_bases(bases)
    return len(found)


def remove_unused_bases(ids: Iterable[int]) -> int:
    """Delete those of the payload bases that no event and no issue refers to any more; answers how many."""
    removed = 0
    for part in _in_parts(ids):
        with transaction.atomic():
            current = set(Issue.objects.filter(base__in=part).values_list("base_id", flat=True))
            # Asked base by base: of a base with a million events, the first one is answer enough.
            unused = PayloadBase.objects.filter(
                ~Exists(Event.objects.filter(base=OuterRef("pk"))), id__in=set(part) - current
            )
            unused_ids = list(unused.values_list("pk", flat=True))
            PayloadBase.objects.filter(id__in=unused_ids).delete()
            removed += len(unused_ids)
    return removed


def remove_release(release: Release) -> None:
    """Delete a release; its events and issues stay, and what was resolved in it stays so by the version's text."""
    with transaction.atomic():
        Project.objects.filter(id=release.project_id).update(grouping_version=F("grouping_version") + 1)
        delete_in_bites(ReleaseHour.objects.filter(release=release))
        delete_in_bites(ReleaseEnvironment.objects.filter(release=release))
        release.delete()


def remove_project(project: Project) -> None:
    """Delete a project with all its issues, events and counts."""
    project.keys.all().delete()
    remove_issues(Issue.objects.filter(project=project))
    remove_events(Event.objects.filter(project=project))
    for table in (OutcomeCount, PayloadBase, EventUser, Tag, Environment, TokenCount):
        delete_in_bites(table._default_manager.filter(project=project))
    delete_in_bites(ReleaseHour.objects.filter(release__project=project))
    delete_in_bites(ReleaseEnvironment.objects.filter(release__project=project))
    delete_in_bites(SessionCount.objects.filter(release__project=project))
    delete_in_bites(SessionUsers.objects.filter(release__project=project))
    project.delete()


def remove_organization(organization: Organization) -> None:
    """Delete an organization with all its projects; its people stay."""
    for project in organization.projects.all():
        remove_project(project)
    organization.delete()
