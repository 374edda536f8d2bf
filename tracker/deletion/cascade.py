"""Deleting what other rows refer to, in small batches: the only place that knows which tables hang on an issue.

The tables that grow with events carry no foreign keys in the database (see `tracker.models.events`), so nothing
cascades by itself. Every batch is a short transaction; ingest goes on between two of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from tracker.models import (
    Activity,
    Commit,
    Deploy,
    Environment,
    Event,
    EventUser,
    GroupKey,
    Issue,
    IssueHour,
    IssueSignature,
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
    SignatureToken,
    Tag,
    TokenCount,
)

BATCH_ROWS = 500
"""Rows that one transaction deletes at most."""
ISSUES_PER_BATCH = 50


def deletion(rows: QuerySet[Any]) -> Iterator[int]:
    """Delete the rows, `BATCH_ROWS` in a transaction, not looking for what refers to them; yields how many each time.

    The rows' primary key may be a pair.
    """
    while True:
        with transaction.atomic():
            keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH_ROWS])
            doomed = rows.model._default_manager.filter(pk__in=keys)
            removed = doomed._raw_delete(doomed.db) if keys else 0
        if removed:
            yield removed
        if len(keys) < BATCH_ROWS:
            return


def delete_in_batches(rows: QuerySet[Any]) -> int:
    """All of `deletion` at once; returns how many."""
    return sum(deletion(rows))


def _in_parts(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = list(ids)
    for start in range(0, len(ordered), BATCH_ROWS):
        yield ordered[start : start + BATCH_ROWS]


def removal_of_events(rows: QuerySet[Event]) -> Iterator[int]:
    """Delete events, with the bases that nothing else needs, and keep their projects' number of stored events right.

    Yields how many after each transaction.
    """
    while True:
        with transaction.atomic():
            batch = list(rows.order_by().values_list("id", "project_id", "base_id")[:BATCH_ROWS])
            doomed = Event.objects.filter(id__in=[id_ for id_, _, _ in batch])
            doomed._raw_delete(doomed.db)
            for project_id, count in sorted(Counter(project_id for _, project_id, _ in batch).items()):
                Project.objects.filter(id=project_id).update(stored_events=F("stored_events") - count)
            remove_unused_bases({base_id for _, _, base_id in batch if base_id is not None})
        if batch:
            yield len(batch)
        if len(batch) < BATCH_ROWS:
            return


def remove_events(rows: QuerySet[Event]) -> int:
    """All of `removal_of_events` at once; returns how many."""
    return sum(removal_of_events(rows))


def removal_of_issues(issues: QuerySet[Issue]) -> Iterator[object]:
    """Delete issues with everything that hangs on them; yields after each transaction.

    Their keys go first and their projects' version moves on, so that no worker goes on adding to an issue that is gone.
    """
    while ids := list(issues.order_by("id").values_list("id", flat=True)[:ISSUES_PER_BATCH]):
        if _forget_keys(ids):
            yield None
        yield from removal_of_events(Event.objects.filter(issue__in=ids))
        for table in (IssueTag, IssueUser, IssueHour, SignatureToken, IssueSignature, Activity):
            yield from deletion(table._default_manager.filter(issue__in=ids))
        with transaction.atomic():
            bases = set(Issue.objects.filter(id__in=ids, base__isnull=False).values_list("base_id", flat=True))
            Issue.objects.filter(id__in=ids).delete()
            remove_unused_bases(bases)
        yield None


def _forget_keys(issue_ids: list[int]) -> bool:
    """Returns whether there were any."""
    with transaction.atomic():
        forgotten, _ = GroupKey.objects.filter(issue__in=issue_ids).delete()
        if forgotten:
            projects = Issue.objects.filter(id__in=issue_ids).values("project")
            Project.objects.filter(id__in=projects).update(config_generation=F("config_generation") + 1)
    return forgotten > 0


def remove_issues(issues: QuerySet[Issue]) -> int:
    """All of `removal_of_issues` at once; returns how many."""
    ids = list(issues.values_list("id", flat=True))
    for part in _in_parts(ids):
        for _ in removal_of_issues(Issue.objects.filter(id__in=part)):
            pass
    return len(ids)


def remove_unused_bases(ids: Iterable[int]) -> int:
    """Delete those of the payload bases that no event and no issue refers to any more; returns how many."""
    removed = 0
    for part in _in_parts(ids):
        with transaction.atomic():
            current = set(Issue.objects.filter(base__in=part).values_list("base_id", flat=True))
            # Asked base by base: of a base with a million events, the first one is enough.
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
        Project.objects.filter(id=release.project_id).update(config_generation=F("config_generation") + 1)
        delete_in_batches(ReleaseHour.objects.filter(release=release))
        delete_in_batches(ReleaseEnvironment.objects.filter(release=release))
        release.delete()


def removal_of_project(project: Project) -> Iterator[object]:
    """Delete a project with all its issues, events and counts; yields after each transaction."""
    project.keys.all().delete()
    yield from removal_of_issues(Issue.objects.filter(project=project))
    yield from removal_of_events(Event.objects.filter(project=project))
    for table in (OutcomeCount, PayloadBase, EventUser, Tag, Environment, TokenCount, Activity):
        yield from deletion(table._default_manager.filter(project=project))
    for of_release in (ReleaseHour, ReleaseEnvironment, SessionCount, SessionUsers, Deploy, Commit):
        yield from deletion(of_release._default_manager.filter(release__project=project))
    while releases := Release.objects.filter(project=project).values_list("id", flat=True)[:ISSUES_PER_BATCH]:
        Release.objects.filter(id__in=list(releases)).delete()
        yield None
    project.delete()


def remove_project(project: Project) -> None:
    """All of `removal_of_project` at once."""
    for _ in removal_of_project(project):
        pass


def removal_of_organization(organization: Organization) -> Iterator[object]:
    """Delete an organization with all its projects; its people stay. Yields after each transaction."""
    for project in organization.projects.all():
        yield from removal_of_project(project)
    organization.delete()
