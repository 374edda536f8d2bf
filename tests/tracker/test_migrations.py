"""Migrations that lay out anew what is stored already: forward and back, with rows in the tables."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

from tests.tracker.digested import NOON, digested
from tracker.models import Issue, IssueTag, IssueUser, Organization, Project
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.storage.payloads import forget_bases

NEWEST = "0020_words"
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
