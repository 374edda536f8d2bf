"""What is kept of an activity: a value for each kind, and its form in JSON."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import World
from tests.tracker.issues import NOON, make_issue
from tracker.issues.details import (
    TYPES,
    ArchivedDetails,
    ArchiveEndedDetails,
    AssignedDetails,
    CommentedDetails,
    DeployedDetails,
    Details,
    FirstSeenDetails,
    MergedDetails,
    MergedIssue,
    RegressedDetails,
    ReopenedDetails,
    ResolvedDetails,
    UnassignedDetails,
    UndoneDetails,
    UnmergedDetails,
    details_of,
    new_activity,
)
from tracker.issues.reasons import Reason, ReasonCode
from tracker.issues.resolution import Kind, Resolution
from tracker.issues.status import Archival, Snapshot
from tracker.models import Activity, ActivityKind
from tracker.versions import Basis, KnownRelease

BEFORE = Snapshot({"status": 0, "status_changed_at": NOON, "resolution": None, "archival": {"until_times_seen": 3}})
RESOLUTION = Resolution(
    Kind.IN_RELEASE, NOON, ("1.4.2",), by_user_id=7, remembered=(KnownRelease("1.4.2", None, NOON),)
)
ALL: list[Details] = [
    FirstSeenDetails("1.4.1", "ab" * 16),
    RegressedDetails("1.4.3", Reason(ReasonCode.NEWER_THAN_FIX, "1.4.3", "1.4.2", Basis.DATE), RESOLUTION),
    RegressedDetails("", "A sentence of another age", None),
    ResolvedDetails(RESOLUTION, BEFORE),
    ReopenedDetails(BEFORE),
    ArchivedDetails(Archival(NOON, 10, 2), BEFORE),
    ArchivedDetails(Archival(), BEFORE),
    ArchiveEndedDetails(),
    AssignedDetails(7, "Bob", Snapshot({"assigned_to_id": None})),
    UnassignedDetails(Snapshot({"assigned_to_id": 7})),
    CommentedDetails("It is the gateway."),
    MergedDetails((MergedIssue(3, "SHOP-3", 2, 99, {5: 1}, BEFORE),), NOON, 12),
    UnmergedDetails(((3, "SHOP-3"), (4, "SHOP-4"))),
    UndoneDetails(ActivityKind.RESOLVED, 7),
    DeployedDetails("1.4.2", "production", 3),
]


def test_every_kind_of_activity_has_a_type_of_its_own() -> None:
    assert set(TYPES) == {*ActivityKind} == {details.kind for details in ALL}


@pytest.mark.parametrize("details", ALL, ids=lambda details: type(details).__name__)
def test_details_come_back_from_the_database_as_they_were(world: World, details: Details) -> None:
    issue = make_issue(world.shop)
    new_activity(details, project_id=world.shop.pk, issue_id=issue.pk, by=world.bob, now=NOON).save()
    stored = Activity.objects.get()
    assert (stored.kind, stored.issue, stored.user, stored.created_at) == (details.kind, issue, world.bob, NOON)
    assert details_of(stored) == details


@pytest.mark.parametrize("kind", list(ActivityKind))
@pytest.mark.parametrize("form", [{}, {"made": "by another version"}, None, [], "text"])
def test_what_a_row_lacks_is_empty(kind: ActivityKind, form: Any) -> None:
    details = details_of(Activity(kind=kind, details=form))
    assert details == TYPES[kind]()
    assert all(not getattr(details, field.name) or field.name == "archival" for field in fields(details))


def test_a_code_that_is_not_known_here_says_nothing() -> None:
    row = Activity(kind=ActivityKind.REGRESSED, details={"release": "1.0", "reason": {"code": "from the future"}})
    assert details_of(row) == RegressedDetails("1.0")


def test_a_moment_comes_back_with_its_zone() -> None:
    snapshot = Snapshot.from_json(BEFORE.as_json())
    assert snapshot.columns["status_changed_at"] == datetime(2026, 11, 21, 12, tzinfo=UTC)
