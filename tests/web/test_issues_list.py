"""The list of issues: who sees what, what a query finds, what a refresh costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.conftest import World
from tests.web.factories import happen, happen_often
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.models import Project

pytestmark = pytest.mark.django_db

LIST = "/o/acme/issues/"


def page(client: Client, address: str = LIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def poll(client: Client, version: str) -> tuple[int, str]:
    """Status and text of what the open list asks for every second."""
    answer = client.get(LIST, headers={"HX-Request": "true", "HX-Target": "issue-rows", "X-Version": version})
    return answer.status_code, answer.content.decode()


@pytest.fixture
def alice(client: Client, world: World) -> Client:
    client.force_login(world.alice)
    return client


def test_a_visitor_is_asked_to_sign_in(client: Client, world: World) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_an_open_page_whose_session_has_ended_goes_to_the_sign_in_page_as_a_whole(client: Client, world: World) -> None:
    headers = {"HX-Request": "true", "HX-Target": "issue-rows", "HX-Current-URL": f"http://testserver{LIST}?query=x"}
    answer = client.get(LIST, headers=headers)
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/o/acme/issues/%3Fquery%3Dx"
    assert b"<form" not in answer.content


def test_a_stranger_is_told_that_there_is_nothing(client: Client, world: World) -> None:
    happen(world.shop)
    client.force_login(world.charlie)
    assert client.get(LIST).status_code == 404


def test_the_front_page_leads_to_the_issues_of_ones_organization(alice: Client) -> None:
    assert alice.get("/").headers["Location"] == LIST


def test_an_issue_shows_its_type_value_place_and_counts(alice: Client, world: World) -> None:
    happen_often(world.shop, 3)
    text = page(alice)
    for shown in ("ZeroDivisionError", "division by zero", "SHOP-1", "checkout", "1.4.1", "Unhandled", "New"):
        assert shown in text
    assert 'title="3 events"' in text


def test_only_the_chosen_project_is_shown(alice: Client, world: World) -> None:
    other = Project.objects.create(organization=world.acme, slug="billing", name="Billing")
    happen(world.shop)
    happen(other)
    assert "BILLING-1" in page(alice)
    assert "BILLING-1" not in page(alice, LIST + "?project=shop")


def test_issues_of_another_organization_are_never_found(alice: Client, world: World) -> None:
    happen(world.secret)
    assert "SECRET-1" not in page(alice, LIST + "?query=")
    assert "SECRET-1" not in page(alice, LIST + "?query=&project=secret")


def test_a_query_narrows_the_list(alice: Client, world: World) -> None:
    happen(world.shop, "a", level="fatal")
    happen(world.shop, "b", level="warning")
    text = page(alice, LIST + "?query=level:fatal")
    assert "SHOP-1" in text
    assert "SHOP-2" not in text


def test_a_query_that_cannot_be_read_says_why_and_where(alice: Client, world: World) -> None:
    happen(world.shop)
    text = page(alice, LIST + "?query=checkout level:eror")
    assert 'role="alert"' in text
    assert "checkout level:<mark>eror</mark>" in text
    assert "SHOP-1" not in text


def test_resolved_issues_stand_under_their_own_tab(alice: Client, world: World) -> None:
    issue = happen(world.shop)
    actions.resolve([issue], ResolveIn(), by=world.alice, now=datetime.now(UTC))
    assert "SHOP-1" not in page(alice)
    assert "SHOP-1" in page(alice, LIST + "?query=is:resolved")


def test_sorting_by_events_puts_the_most_frequent_first(alice: Client, world: World) -> None:
    happen_often(world.shop, 3, "often")
    happen(world.shop, "once", at=datetime.now(UTC) + timedelta(seconds=1))
    text = page(alice, LIST + "?sort=events")
    assert text.index("SHOP-1") < text.index("SHOP-2")


def test_the_next_page_begins_where_the_first_ends(alice: Client, world: World) -> None:
    for number in range(30):
        happen(world.shop, f"group {number}")
    first = alice.get(LIST)
    assert first.context["page"].next_cursor
    second = alice.get(f"{LIST}?cursor={first.context['page'].next_cursor}")
    shown = [{row.issue.number for row in answer.context["rows"]} for answer in (first, second)]
    assert len(shown[0]) == 25
    assert shown[0] | shown[1] == set(range(1, 31))
    assert not shown[0] & shown[1]


def test_a_refresh_without_news_is_answered_with_nothing(alice: Client, world: World) -> None:
    happen(world.shop)
    version = alice.get(LIST).context["version"]
    assert poll(alice, version) == (204, "")


def test_a_refresh_with_news_is_answered_with_the_rows_alone(alice: Client, world: World) -> None:
    happen(world.shop, "a")
    version = alice.get(LIST).context["version"]
    happen(world.shop, "b")
    status, text = poll(alice, version)
    assert status == 200
    assert "SHOP-2" in text
    assert "<html" not in text


def test_the_number_of_queries_does_not_grow_with_the_number_of_issues(
    alice: Client, world: World, django_assert_max_num_queries: object
) -> None:
    def queries_for(address: str) -> int:
        with django_assert_max_num_queries(40) as captured:  # type: ignore[operator]
            page(alice, address)
        return len(captured)

    happen(world.shop, "group 0")
    one = queries_for(LIST)
    for number in range(1, 20):
        happen(world.shop, f"group {number}")
    assert queries_for(LIST) <= one + 1


def test_before_the_first_event_the_list_tells_how_to_connect(alice: Client, world: World) -> None:
    text = page(alice)
    assert "Waiting for the first event" in text
    assert "/o/acme/shop/start/" in text


def test_when_nothing_is_unresolved_the_list_says_so(alice: Client, world: World) -> None:
    issue = happen(world.shop)
    actions.resolve([issue], ResolveIn(), by=world.alice, now=datetime.now(UTC))
    assert "Nothing unresolved" in page(alice)


def test_a_viewer_gets_no_controls(client: Client, world: World) -> None:
    happen(world.shop)
    client.force_login(world.viewer)
    text = page(client)
    assert "SHOP-1" in text
    assert 'name="issue"' not in text
    assert 'value="resolve:now"' not in text


def test_nonsense_in_the_address_is_the_first_page(alice: Client, world: World) -> None:
    happen(world.shop)
    assert "SHOP-1" in page(alice, LIST + "?sort=%00&span=x&cursor=%F0%9F&query=is:unresolved%00")
