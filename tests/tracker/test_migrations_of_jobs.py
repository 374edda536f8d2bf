"""The migration that gives work a row with a status: what waited or failed before is there afterwards, and back."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.state import StateApps

from tests.tracker.digested import NOON
from tests.tracker.test_migrations import NEWEST, migrated, shop
from tracker.deletion.jobs import apply_retention, delete_issues_by_id, delete_project
from tracker.models import Job, JobStatus, Project, Queue

__all__ = ["shop"]

pytestmark = pytest.mark.django_db(transaction=True)

IN_HAND = "A worker took it up and never said what became of it: it was killed, or the machine stopped."


def old_row(apps: StateApps, task: str, arguments: list[object] | None, **values: Any) -> None:
    """A row of the failed jobs as the code before wrote it; `asked` is what it was asked for with, if not that.

    Tasks of Celery were known by a hash of both kinds of arguments, work in time slices by one of the first kind.
    """
    asked = values.pop("asked", arguments)
    is_task = values.pop("is_task", False)
    identity = sha256(f"{task}{json.dumps([asked, {}] if is_task else asked)}".encode()).hexdigest()
    kept = None if arguments is None else [arguments, {}]
    times = {"first_at": NOON, "last_at": NOON}
    apps.get_model("tracker", "FailedJob").objects.create(
        task=task, arguments=kept, identity=identity, **times | {"error": "", **values}
    )


def rows() -> dict[str, tuple[object, ...]]:
    columns = ("kind", "payload", "status", "queue", "failures", "attempts", "run_at", "locked_until", "last_error")
    return {row[0]: row[1:] for row in Job.objects.values_list(*columns)}


SOON, LATER = NOON + timedelta(minutes=1), NOON + timedelta(hours=1)


def write_old_rows(apps: StateApps) -> None:
    failed: dict[str, Any] = {"times": 2, "tries": 1, "error": "ValueError: no", "traceback": "line 1"}
    old_row(apps, "tracker.tasks.delete_project", [7], retry_at=SOON, **failed)
    old_row(apps, "tracker.tasks.delete_organization", [3], is_task=True, retry_at=None, **failed)
    old_row(apps, "tracker.deletion.jobs.delete_issues_by_id", [[1, 2]], retry_at=LATER, tries=3, error=IN_HAND)
    old_row(apps, "tracker.lifecycle.separating.follow_keys", [[5]], retry_at=NOON)
    old_row(apps, "tracker.tasks.apply_retention", [9, 2, 100], asked=[], retry_at=NOON)
    old_row(apps, "tracker.tasks.compare_issues", [], retry_at=None, resolved_at=NOON, **failed)
    old_row(apps, "ingest.tasks.retry_set_aside", [11], is_task=True, retry_at=SOON, **failed)
    old_row(apps, "ingest.tasks.digest_spool", [], is_task=True, retry_at=SOON, **failed)
    old_row(apps, "some.other.task", ["x"], is_task=True, retry_at=SOON, **failed)
    old_row(apps, "some.long.task", None, is_task=True, retry_at=None, **failed)


WAITING, RUNNING, FAILED, DONE = JobStatus.WAITING, JobStatus.RUNNING, JobStatus.FAILED, JobStatus.DONE
UPGRADED = {
    "delete-project": ([7], WAITING, Queue.WORK, 2, 1, SOON, None, "ValueError: no"),
    "delete-organization": ([3], FAILED, Queue.WORK, 2, 1, NOON, None, "ValueError: no"),
    "delete-issues": ([[1, 2]], RUNNING, Queue.WORK, 0, 3, NOON, LATER, ""),
    "move-events": ([[5]], WAITING, Queue.WORK, 0, 0, NOON, None, ""),
    "apply-retention": ([9, 2, 100], WAITING, Queue.WORK, 0, 0, NOON, None, ""),
    "compare-issues": ([], DONE, Queue.WORK, 2, 1, NOON, None, "ValueError: no"),
    "retry-dead-letter": ([11], WAITING, Queue.WORK, 2, 1, SOON, None, "ValueError: no"),
    "digest-spool": (None, WAITING, Queue.DIGEST, 2, 1, SOON, None, "ValueError: no"),
    "some.other.task": (["x"], FAILED, Queue.WORK, 2, 1, NOON, None, "ValueError: no"),
    "some.long.task": (None, FAILED, Queue.WORK, 2, 1, NOON, None, "ValueError: no"),
}


def test_jobs_that_waited_or_failed_are_there_after_an_upgrade_and_after_its_way_back(shop: Project) -> None:
    write_old_rows(migrated("0020_words"))
    migrated(NEWEST)
    assert rows() == UPGRADED
    migrated("0020_words")
    migrated(NEWEST)
    assert rows() == UPGRADED


def test_what_is_asked_for_after_an_upgrade_is_the_row_that_was_asked_for_before(shop: Project) -> None:
    write_old_rows(migrated("0020_words"))
    migrated(NEWEST)
    count = Job.objects.count()
    delete_project.ensure(7)
    delete_issues_by_id.ensure([1, 2])
    apply_retention.ensure()
    assert Job.objects.count() == count


def test_what_was_asked_for_under_two_names_is_one_job_which_is_still_to_be_done(shop: Project) -> None:
    apps = migrated("0020_words")
    old_row(apps, "tracker.tasks.delete_project", [7], retry_at=None, resolved_at=NOON)
    old_row(apps, "tracker.deletion.jobs.delete_project", [7], retry_at=SOON)
    old_row(apps, "tracker.tasks.delete_project", [7], is_task=True, retry_at=None, times=8)
    migrated(NEWEST)
    assert Job.objects.get().status == JobStatus.WAITING


def test_the_index_of_what_is_due_holds_nothing_else() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'job_due'")
        else:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'job_due'")
        [definition] = cursor.fetchone()
    assert "WHERE" in definition and "waiting" in definition and "running" in definition
