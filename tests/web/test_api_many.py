"""Lists of the API: as many queries for many rows as for a few, and pages that lead to every row."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import World
from tests.web.api_caller import Caller
from tests.web.factories import happen
from tests.web.test_many import make_keys, make_members, make_projects
from tracker.issues.comments import comment_on
from tracker.models import Commit, GroupKey, Issue, Release
from tracker.releases.registry import deploy

pytestmark = pytest.mark.django_db

MANY = 50


@pytest.fixture
def caller(world: World) -> Caller:
    return Caller(world.alice)


def make_issues(world: World, count: int) -> None:
    for number in range(count):
        happen(world.shop, f"group {number}", release=f"shop@1.{number}.0")


def make_events(world: World, count: int) -> None:
    for number in range(count):
        happen(world.shop, release=f"shop@1.{number}.0", environment=f"e{number}", user={"id": str(number)})


def make_tags(world: World, count: int) -> None:
    happen(world.shop, tags={f"tag{number}": "x" for number in range(count)})


def make_values(world: World, count: int) -> None:
    for number in range(count):
        happen(world.shop, tags={"plan": str(number)})


def make_notes(world: World, count: int) -> None:
    for number in range(count):
        comment_on([Issue.objects.get()], f"Note {number}", by=world.bob, now=timezone.now())


def make_group_keys(world: World, count: int) -> None:
    issue = Issue.objects.get()
    GroupKey.objects.bulk_create(
        GroupKey(project=world.shop, issue=issue, kind="app", digest=number.to_bytes(16, "big"))
        for number in range(count)
    )


def make_releases(world: World, count: int) -> None:
    for number in range(count):
        release = Release.objects.create(project=world.shop, version=f"shop@1.{number}.0")
        deploy(release, "production", now=timezone.now())
        Commit.objects.create(release=release, sha=f"{number:040x}", author_name=f"A {number}")


def make_deploys(world: World, count: int) -> None:
    for number in range(count):
        deploy(Release.objects.get(version="shop@1.4.1"), f"e{number}", now=timezone.now())


LISTS: dict[str, tuple[str, Callable[[World, int], None]]] = {
    "issues": ("organizations/acme/issues/?limit=100", make_issues),
    "issues of a project": ("projects/acme/shop/issues/?limit=100", make_issues),
    "events": ("issues/SHOP-1/events/?per_page=100", make_events),
    "whole events": ("issues/SHOP-1/events/?full=true&per_page=100", make_events),
    "events of a project": ("projects/acme/shop/events/?per_page=100", make_events),
    "an issue": ("issues/SHOP-1/", make_events),
    "the newest event": ("issues/SHOP-1/events/latest/", make_events),
    "tags": ("issues/SHOP-1/tags/", make_tags),
    "values of a tag": ("issues/SHOP-1/tags/plan/values/", make_values),
    "activities": ("issues/SHOP-1/activities/", make_notes),
    "notes": ("issues/SHOP-1/notes/", make_notes),
    "hashes": ("issues/SHOP-1/hashes/?per_page=100", make_group_keys),
    "releases": ("organizations/acme/releases/?health=1&per_page=100", make_releases),
    "deploys": ("projects/acme/shop/releases/shop@1.4.1/deploys/", make_deploys),
    "projects": ("organizations/acme/projects/", make_projects),
    "all projects": ("projects/", make_projects),
    "the organization": ("organizations/acme/", make_projects),
    "teams": ("organizations/acme/teams/", make_projects),
    "members": ("organizations/acme/members/", make_members),
    "keys": ("projects/acme/shop/keys/", make_keys),
    "environments": ("organizations/acme/environments/", make_events),
    "accounting": ("organizations/acme/accounting/", make_projects),
}


def queries_of(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        caller.get(path)
    assert caller.status == 200
    return len(captured)


@pytest.mark.parametrize(("path", "make"), LISTS.values(), ids=LISTS)
def test_many_rows_take_no_more_queries_than_a_few(
    caller: Caller, world: World, path: str, make: Callable[[World, int], None]
) -> None:
    happen(world.shop)
    caller.get(path)
    few = queries_of(caller, path)
    make(world, MANY)
    assert queries_of(caller, path) <= few + 4


@pytest.mark.parametrize("path", ["projects/acme/shop/releases/shop@1.4.1/deploys/", "organizations/acme/members/"])
def test_pages_lead_to_every_row(caller: Caller, world: World, path: str) -> None:
    happen(world.shop)
    make_deploys(world, MANY)
    make_members(world, MANY)
    seen = [row["id"] for page in caller.pages(path, per_page="20") for row in page]
    assert len(seen) == len(set(seen)) >= MANY
