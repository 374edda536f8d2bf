"""Rows in old tables, made with the models of their time, that an upgrade has to keep."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.migrations.state import StateApps

from tracker.models import Event, EventUser, IssueTag, Job, Release, Suggestion

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TASK = "some.old.task"
ERRORS = [f"ValueError: {n}" for n in range(120)]


def fill(apps: StateApps) -> None:
    """A project with two issues, an event with all that it refers to, and what else the tables can hold."""
    make = _Maker(apps)
    project = make("Project", organization=make("Organization", slug="acme", name="Acme"), slug="shop", name="Shop")
    seen = {"first_seen_at": NOON, "last_seen_at": NOON, "times_seen": 7}
    issues = [make("Issue", project=project, number=n, title=f"issue {n}", **seen) for n in (1, 2)]
    base = make("PayloadBase", project=project, event_id=b"0" * 16, payload=b"base")
    user = make("EventUser", project=project, identity="id:1", email="someone@example.com")
    make(
        "Event",
        project=project,
        event_id=b"1" * 16,
        issue=issues[0],
        occurred_at=NOON,
        received_at=NOON,
        base=base,
        user=user,
        payload=b"payload",
    )
    tag = make("Tag", project=project, key="browser", value="Firefox")
    make("IssueTag", issue=issues[0], tag=tag, times_seen=3, last_seen_at=NOON)
    make("IssueUser", issue=issues[0], event_user=user)
    make("Release", project=project, version="1.0")
    if make.has("Suggestion"):
        make("Suggestion", issue=issues[1], other=issues[0], score=0.9, template=0.8, is_same_type=True)
    if make.has("FailedJob") and not make.has("FailedJob", "identity"):
        for error in ERRORS:
            make("FailedJob", task=TASK, error=error, traceback="lines", times=2, first_at=NOON, last_at=NOON)


def check_kept() -> None:
    """Raises AssertionError where a row is gone or is another one than it was."""
    (event,) = Event.objects.select_related("base", "issue", "user")
    assert event.base is not None and bytes(event.base.payload) == b"base"
    assert (bytes(event.payload), event.issue.times_seen, event.issue.title) == (b"payload", 7, "issue 1")
    assert event.user == EventUser.objects.get(email="someone@example.com")
    assert IssueTag.objects.get().times_seen == 3
    assert Release.objects.get().version == "1.0"
    assert {(row.is_by_rules, row.is_by_keys, row.is_same_type) for row in Suggestion.objects.all()} <= {
        (False, False, True)
    }
    jobs = list(Job.objects.order_by("pk"))
    if jobs:
        assert [job.last_error for job in jobs] == ERRORS
        assert {(job.kind, job.failures, job.attempts, job.created_at, job.payload, job.traceback) for job in jobs} == {
            (TASK, 2, 0, NOON, None, "lines")
        }


class _Maker:
    def __init__(self, apps: StateApps) -> None:
        self._apps = apps

    def __call__(self, model: str, **values: Any) -> Any:
        (made,) = self._apps.get_model("tracker", model).objects.bulk_create(
            [self._apps.get_model("tracker", model)(**values)]
        )
        return made

    def has(self, model: str, field: str = "id") -> bool:
        """Whether the tables of the time had it."""
        try:
            self._apps.get_model("tracker", model)._meta.get_field(field)
        except (LookupError, FieldDoesNotExist):
            return False
        return True
