"""Migrations that rewrite rows that are stored already: forward and back, with rows in the tables."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from tests.tracker.digested import NOON, digested
from tracker.models import Activity, Issue, IssueTag, IssueUser, Organization, Project
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.storage.payloads import forget_bases
from web.wording import activity_view

NEWEST = "0022_outbox"
BUCKETS = ("last_seen_bucket", "events_bucket", "users_bucket")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Iterator[Project]:
    forget_dimensions()
    forget_keys()
    forget_bases()
    organization = Organization.objects.create(slug="acme", name="Acme")
    yield Project.objects.create(organization=organization, slug="shop", name="Shop")
    call_command("migrate", verbosity=0)


def migrated(name: str) -> StateApps:
    executor = MigrationExecutor(connection)
    executor.migrate([("tracker", name)])
    return executor.loader.project_state([("tracker", name)]).apps


def test_issues_get_their_ranks_and_keep_their_rows(shop: Project) -> None:
    record_batch([digested(shop, n, f"kind {n % 2}", tags={"browser": f"b{n}"}) for n in range(40)], NOON)
    before = sorted(Issue.objects.values_list("pk", "times_seen", *BUCKETS))
    tags = sorted(IssueTag.objects.values_list("issue_id", "tag_id", "times_seen"))
    users = sorted(IssueUser.objects.values_list("issue_id", "event_user_id"))
    assert len(tags) == 40
    old = migrated("0012_fill_release_order_key")
    assert sorted(old.get_model("tracker", "IssueTag").objects.values_list("issue_id", "tag_id", "times_seen")) == tags
    migrated(NEWEST)
    after = sorted(Issue.objects.values_list("pk", "times_seen", *BUCKETS))
    assert after == before
    assert {row[3] for row in after} == {4}
    assert sorted(IssueTag.objects.values_list("issue_id", "tag_id", "times_seen")) == tags
    assert sorted(IssueUser.objects.values_list("issue_id", "event_user_id")) == users
    assert record_batch([digested(shop, 1, "kind 1"), digested(shop, 99, "kind 1")], NOON)[0].is_duplicate
    assert sorted(Issue.objects.values_list("times_seen", flat=True)) == [20, 21]


REASONS: dict[str, dict[str, str]] = {
    "The event happened after it was resolved": {"code": "after"},
    "The event happened after it was resolved (it names no release, so time decides)": {
        "code": "after_without_release"
    },
    "1.4.2 is the release in which it was fixed": {"code": "is_the_fix", "release": "1.4.2"},
    "1.4.3 is newer than 1.4.2, in which it was fixed": {
        "code": "newer_than_fix",
        "release": "1.4.3",
        "other": "1.4.2",
    },
    "def is newer than abc, in which it was fixed (by date: their names are not versions of one package)": {
        "code": "newer_than_fix",
        "release": "def",
        "other": "abc",
        "basis": "date",
    },
    "def is newer than abc, in which it was fixed (it had not been seen before)": {
        "code": "newer_than_fix",
        "release": "def",
        "other": "abc",
        "basis": "not_known_yet",
    },
    "v1.4.2 is the same version as 1.4.2, in which it was fixed": {
        "code": "same_as_fix",
        "release": "v1.4.2",
        "other": "1.4.2",
    },
    "1.0 came after it was resolved, when no release was known": {"code": "no_release_was_known", "release": "1.0"},
    "1.4.3 is newer than 1.4.2, the newest release when it was resolved": {
        "code": "newer_than_newest",
        "release": "1.4.3",
        "other": "1.4.2",
    },
    "3.1 is not older than ^3, in which it was fixed": {"code": "not_below_range", "release": "3.1", "other": "^3"},
    "a is newer than b is newer than c, in which it was fixed": {
        "code": "newer_than_fix",
        "release": "a is newer than b",
        "other": "c",
    },
}
"""What stood in rows, and what stands there now."""
UNKNOWN = ["Somebody wrote this", "", "1.4.3 is newer than 1.4.2, in which it was fixed. Or not?", None]


def test_sentences_of_regressions_become_codes_and_sentences_again(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("tracker.migrations.0017_reasons_as_codes"), "AT_ONCE", 4)
    old = migrated("0016_repair_drifted_schema").get_model("tracker", "Activity")
    reasons = [*REASONS, *UNKNOWN]
    kept = {"release": "1.4.3", "resolution": {"kind": "in_release", "versions": ["1.4.2"]}}
    rows = [old(project_id=shop.pk, kind="regressed", details={**kept, "reason": reason}) for reason in reasons]
    odd: list[Any] = [{}, {"release": "1.0"}, [], "text"]
    rows += [old(project_id=shop.pk, kind="regressed", details=form) for form in odd]
    rows.append(old(project_id=shop.pk, kind="commented", details={"text": "x", "reason": reasons[0]}))
    old.objects.bulk_create(rows)
    before = list(old.objects.order_by("id").values_list("kind", "details"))

    new = migrated("0017_reasons_as_codes").get_model("tracker", "Activity")
    after = list(new.objects.order_by("id").values_list("kind", "details"))
    assert [details for _, details in after[: len(REASONS)]] == [{**kept, "reason": form} for form in REASONS.values()]
    assert after[len(REASONS) :] == before[len(REASONS) :]

    shown = [activity_view(row) for row in Activity.objects.filter(kind="regressed").order_by("id")]
    assert [view.reason for view in shown] == [*REASONS, *(text or "" for text in UNKNOWN), "", "", "", ""]

    migrated("0016_repair_drifted_schema")
    assert list(old.objects.order_by("id").values_list("kind", "details")) == before
