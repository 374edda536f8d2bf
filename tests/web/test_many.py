"""Lists of many: every page bounded, every row reachable, and no query more than for a few."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import World
from tests.web.factories import happen
from tracker.accounts.people import create_token
from tracker.models import (
    Commit,
    DeadLetter,
    DeliveryAttempt,
    Issue,
    Job,
    Member,
    Notification,
    Organization,
    OutboxMessage,
    OutcomeCount,
    Project,
    ProjectKey,
    Release,
    Role,
    User,
)
from web.responses import ROWS_SHOWN

pytestmark = pytest.mark.django_db

MANY = 2 * ROWS_SHOWN + 5


@pytest.fixture
def alice(client: Client, world: World) -> Client:
    User.objects.filter(pk=world.alice.pk).update(is_superuser=True)
    client.force_login(world.alice)
    return client


def make_projects(world: World, count: int) -> None:
    rows = [Project(organization=world.acme, slug=f"p-{n}", name=f"P {n}") for n in range(count)]
    minute = int(timezone.now().timestamp()) // 60
    OutcomeCount.objects.bulk_create(
        OutcomeCount(project=project, minute=minute, category="error", outcome=outcome, quantity=1)
        for project in Project.objects.bulk_create(rows)
        for outcome in ("received", "filtered")
    )


def make_members(world: World, count: int) -> None:
    people = User.objects.bulk_create(User(email=f"p{n}@example.com", name=f"P {n}") for n in range(count))
    Member.objects.bulk_create(Member(organization=world.acme, user=user, role=Role.MEMBER) for user in people)


def make_organizations(world: World, count: int) -> None:
    Organization.objects.bulk_create(Organization(slug=f"o-{n}", name=f"O {n}") for n in range(count))


def make_keys(world: World, count: int) -> None:
    ProjectKey.objects.bulk_create(ProjectKey(project=world.shop, label=f"K {n}") for n in range(count))


def make_tokens(world: World, count: int) -> None:
    for _ in range(count):
        create_token(world.alice, ["org:read"], organization=world.acme)


def make_jobs(world: World, count: int) -> None:
    now = timezone.now()
    Job.objects.bulk_create(
        Job(identity=f"j{n}", kind="sweep", status="failed", updated_at=now, failures=1) for n in range(count)
    )


def make_messages(world: World, count: int) -> None:
    rows = OutboxMessage.objects.bulk_create(
        OutboxMessage(kind="mail", target="mail", recipient=f"p{n}@example.com") for n in range(count)
    )
    now = timezone.now()
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(message=row, number=number, outcome="failed", started_at=now)
        for row in rows
        for number in (1, 2)
    )


def make_notices(world: World, count: int) -> None:
    Notification.objects.bulk_create(
        Notification(user=world.alice, message_id=uuid4(), kind="job-failed", payload={"kind": f"k{n}"})
        for n in range(count)
    )


def make_entries(world: World, count: int) -> None:
    now = timezone.now()
    DeadLetter.objects.bulk_create(
        DeadLetter(project=world.shop, received_at=now, body=b"", error="x", failed_at=now) for _ in range(count)
    )


def make_memberships(world: World, count: int) -> None:
    rows = Organization.objects.bulk_create(Organization(slug=f"o-{n}", name=f"O {n}") for n in range(count))
    Member.objects.bulk_create(Member(organization=row, user=world.alice, role=Role.MEMBER) for row in rows)


LISTS: dict[str, tuple[str, Callable[[World, int], None]]] = {
    "projects": ("/o/acme/projects/", make_projects),
    "members": ("/o/acme/settings/members/", make_members),
    "tokens": ("/o/acme/settings/tokens/", make_tokens),
    "keys": ("/o/acme/shop/settings/keys/", make_keys),
    "accounting": ("/administration/accounting/", make_projects),
    "organizations": ("/administration/organizations/", make_organizations),
    "people": ("/administration/users/", make_members),
    "failed jobs": ("/administration/jobs/", make_jobs),
    "deliveries": ("/administration/deliveries/", make_messages),
    "notices": ("/administration/notices/", make_notices),
    "dead letters": ("/administration/dead-letters/", make_entries),
    "organizations of one's own": ("/accounts/", make_memberships),
}


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("address", "make"), LISTS.values(), ids=LISTS)
def test_a_list_of_many_is_bounded_and_leads_to_every_row(
    alice: Client, world: World, address: str, make: Callable[[World, int], None]
) -> None:
    make(world, MANY)
    seen: list[Any] = []
    cursor = ""
    while True:
        page = alice.get(address, {"cursor": cursor}).context["page"]
        assert 0 < len(page.rows) <= ROWS_SHOWN
        seen += [str(getattr(row, "pk", row)) for row in page.rows]
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) >= MANY
    assert page.previous_cursor


@pytest.mark.parametrize(("address", "make"), LISTS.values(), ids=LISTS)
def test_a_list_of_many_takes_no_more_queries_than_one_of_a_few(
    alice: Client, world: World, address: str, make: Callable[[World, int], None]
) -> None:
    make(world, 0)
    alice.get(address)
    few = queries_of(alice, address)
    make(world, MANY)
    assert queries_of(alice, address) <= few + 2, "what only a list with rows asks, and no more"


@pytest.mark.parametrize("cursor", ["-1", "x", "9" * 30, "1.5", "\0"])
def test_a_cursor_that_means_nothing_is_the_first_page(alice: Client, world: World, cursor: str) -> None:
    assert alice.get("/o/acme/projects/", {"cursor": cursor}).context["page"].rows


def test_menus_offer_some_of_many_and_a_way_to_the_others(alice: Client, world: World) -> None:
    make_projects(world, MANY)
    make_members(world, MANY)
    issue = happen(world.shop)
    page = alice.get("/o/acme/issues/").content.decode()
    assert "more under Projects" in page
    assert page.count('value="assign:') < 30
    assert page.count("project=p-") <= 50
    sent = {"issue": [issue.pk], "action": "assign", "to": "P99@example.com"}
    alice.post("/o/acme/issues/triage/", sent)
    assert str(Issue.objects.get(pk=issue.pk).assigned_to) == "P 99"
    alice.post("/o/acme/issues/triage/", sent | {"to": "charlie@example.com"})
    assert str(Issue.objects.get(pk=issue.pk).assigned_to) == "P 99", "a stranger is nobody to assign to"


def test_the_issue_page_takes_as_many_queries_among_many(alice: Client, world: World) -> None:
    happen(world.shop)
    address = "/o/acme/issues/SHOP-1/"
    alice.get(address)
    few = queries_of(alice, address)
    make_projects(world, MANY)
    make_members(world, MANY)
    for number in range(50):
        happen(world.shop, tags={f"tag {number}": "x"}, release=f"shop@1.{number}.0", environment=f"e{number}")
    assert queries_of(alice, address) <= few + 3
    page = alice.get(address).content.decode()
    assert page.count('value="assign:') < 30


def test_a_release_of_many_commits_shows_some_and_says_how_many(alice: Client, world: World) -> None:
    release = Release.objects.create(project=world.shop, version="1.0")
    at = timezone.now() - timedelta(days=1)
    Commit.objects.bulk_create(
        Commit(release=release, sha=f"{n:040x}", position=n, message="Mend", committed_at=at) for n in range(300)
    )
    page = alice.get("/o/acme/shop/releases/1.0/").content.decode()
    assert page.count('class="commit"') == 200
    assert "The 200 newest are shown" in page and ">300<" in page
