"""The list of projects, a new one, its start page and the wait for its first event."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import World
from tracker.models import Event, Issue, OutcomeCount, Project, ProjectKey, Status
from tracker.projects.registry import dsn_of
from web.snippets import PLATFORMS, Platform, find_platform, steps_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, world: World) -> Client:
    client.force_login(world.alice)
    return client


def store_an_event(project: Project, number: int = 1) -> Event:
    """Rows of one event, as the recorder leaves them."""
    now = timezone.now()
    issue = Issue.objects.create(
        project=project, number=number, title="ZeroDivisionError", first_seen_at=now, last_seen_at=now, times_seen=1
    )
    Project.objects.filter(pk=project.pk).update(first_event_at=now)
    return Event.objects.create(
        project=project, event_id=uuid4().bytes, issue=issue, occurred_at=now, received_at=now, payload=b""
    )


def test_the_list_shows_each_project_with_its_counts(member: Client, world: World) -> None:
    store_an_event(world.shop)
    minute = int(timezone.now().timestamp()) // 60
    OutcomeCount.objects.create(project=world.shop, minute=minute, category="error", outcome="stored", quantity=1234)
    page = member.get("/o/acme/projects/").content.decode()
    assert "Shop" in page and "1.2k" in page and 'title="1,234"' in page
    assert "Secret" not in page


def test_resolved_issues_are_not_counted_as_unresolved(member: Client, world: World) -> None:
    store_an_event(world.shop)
    Issue.objects.update(status=Status.RESOLVED)
    overview = member.get("/o/acme/projects/").context["page"].rows[0]
    assert (overview.unresolved, overview.new_today) == (0, 0)


def test_the_list_takes_as_many_queries_for_ten_projects_as_for_one(member: Client, world: World) -> None:
    one = count_queries(member)
    for number in range(9):
        Project.objects.create(organization=world.acme, slug=f"p{number}", name=f"P {number}")
    assert count_queries(member) == one


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/o/acme/projects/").status_code == 200
    return len(queries)


def test_a_new_project_gets_a_key_and_leads_to_its_start(member: Client, world: World) -> None:
    answer = member.post("/o/acme/projects/new/", {"name": "Mobile App", "platform": "javascript-react"})
    assert answer["Location"] == "/o/acme/mobile-app/start/"
    page = member.get(answer["Location"]).content.decode()
    project = Project.objects.get(slug="mobile-app")
    assert dsn_of(project.keys.get()) in page
    assert "npm install @sentry/react" in page and "Waiting for the first event" in page


@pytest.mark.parametrize(("values", "error"), [({"name": "X"}, "platform"), ({"platform": "python"}, "name")])
def test_a_new_project_needs_a_name_and_a_platform(
    member: Client, world: World, values: dict[str, str], error: str
) -> None:
    answer = member.post("/o/acme/projects/new/", values)
    assert answer.status_code == 200 and error in answer.context["form"].errors
    assert Project.objects.filter(organization=world.acme).count() == 1


@pytest.mark.parametrize("name", ["settings", "issues", "releases", "projects", "new", "42"])
def test_a_project_never_takes_the_address_of_a_page(member: Client, world: World, name: str) -> None:
    answer = member.post("/o/acme/projects/new/", {"name": name, "platform": "python"})
    assert member.get(answer["Location"]).status_code == 200
    assert not Project.objects.filter(organization=world.acme, slug=name).exists()


def test_the_start_page_says_when_no_key_may_send(member: Client, world: World) -> None:
    ProjectKey.objects.update(is_active=False)
    page = member.get("/o/acme/shop/start/").content.decode()
    assert "no active key" in page and world.key.public_key not in page


def test_the_start_page_shows_the_code_of_another_platform_when_asked(member: Client, world: World) -> None:
    assert "composer require" in member.get("/o/acme/shop/start/?platform=php").content.decode()
    assert "pip install" in member.get("/o/acme/shop/start/?platform=<script>").content.decode()


def test_the_wait_turns_into_the_issue_when_the_first_event_is_recorded(member: Client, world: World) -> None:
    url = "/o/acme/shop/start/waiting/"
    assert "HX-Redirect" not in member.get(url, headers={"hx-request": "true"}).headers
    store_an_event(world.secret)
    assert "HX-Redirect" not in member.get(url, headers={"hx-request": "true"}).headers
    store_an_event(world.shop, number=7)
    assert member.get(url, headers={"hx-request": "true"})["HX-Redirect"] == "/o/acme/issues/SHOP-7/"


def test_the_wait_for_one_event_ends_with_that_event_only(member: Client, world: World) -> None:
    store_an_event(world.shop, number=1)
    mine = store_an_event(world.shop, number=2)
    url = "/o/acme/shop/start/waiting/?event="
    assert "HX-Redirect" not in member.get(url + uuid4().hex).headers
    assert "HX-Redirect" not in member.get(url + "nonsense").headers
    assert member.get(url + mine.event_id.hex())["HX-Redirect"] == "/o/acme/issues/SHOP-2/"


def test_the_wait_tells_of_what_was_refused(member: Client, world: World) -> None:
    minute = int(timezone.now().timestamp()) // 60
    for outcome, reason in (("received", ""), ("rate_limited", "key_quota")):
        OutcomeCount.objects.create(
            project=world.shop, minute=minute, category="error", outcome=outcome, reason=reason, quantity=3
        )
    page = member.get("/o/acme/shop/start/waiting/").content.decode()
    assert "3 × error: rate_limited (key_quota)" in page and "received" not in page


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.slug)
def test_every_platform_s_code_carries_the_project_s_own_address(world: World, platform: Platform) -> None:
    steps = steps_for(platform, world.key)
    code = "\n".join(step.code for step in steps)
    assert world.key.public_key in code
    assert all(placeholder not in code for placeholder in ("__DSN__", "__PUBLIC_KEY__", "__STORE_URL__"))
    assert all(step.title and step.code for step in steps)


def test_an_unknown_platform_falls_back_on_its_family() -> None:
    assert find_platform("python-tornado").slug == "python"
    assert find_platform("cobol").slug == "other"
    assert find_platform("").slug == "other"
