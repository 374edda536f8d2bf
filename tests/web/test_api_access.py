"""Who may call what, and how errors are said."""

import base64
from typing import Any

import pytest
from django.test import Client

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tests.web.api_caller import Caller
from tracker.health.version import VERSION
from tracker.models import Issue, Member, Role, User
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(world: World) -> Issue:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, n) for n in range(3)], NOON)
    return Issue.objects.get()


def ask(path: str, authorization: str | None) -> Any:
    return Client().get(f"/api/0/{path}", headers={"Authorization": authorization} if authorization else {})


def test_a_token_is_taken_in_each_of_its_spellings(world: World) -> None:
    token = Caller(world.alice).token
    basic = base64.b64encode(f"{token}:".encode()).decode()
    for authorization in (f"Bearer {token}", f"Token {token}", f"bearer {token}", f"Basic {basic}"):
        assert ask("auth/", authorization).json()["email"] == "alice@example.com"


@pytest.mark.parametrize(
    "authorization", [None, "Bearer nonsense", "Bearer ", "Basic !!!", "Basic bm9uZQ==", "Token \xff", "Digest x"]
)
def test_without_a_token_nothing_is_answered(world: World, authorization: str | None) -> None:
    response = ask("organizations/", authorization)
    assert response.status_code == 401
    assert response.json()["detail"]
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_the_root_answers_everybody_and_tells_a_token_what_it_may(world: World) -> None:
    assert ask("", None).json() == {"version": "0", "serverVersion": VERSION, "user": None, "auth": None}
    caller = Caller(world.bob, "event:read")
    answer = caller.get("")
    assert (answer["user"]["email"], answer["auth"]) == ("bob@example.com", {"scopes": ["event:read"]})


def test_what_one_may_not_see_does_not_exist(world: World, issue: Issue) -> None:
    caller = Caller(world.charlie)
    for path in (
        "organizations/acme/",
        "organizations/acme/issues/",
        "projects/acme/shop/",
        "projects/acme/shop/issues/",
        f"issues/{issue.pk}/",
        f"organizations/acme/issues/{issue.short_id}/",
        f"organizations/elsewhere/issues/{issue.pk}/",
        f"issues/{issue.pk}/events/latest/",
        "projects/elsewhere/shop/",
        "organizations/acme/accounting/",
        "organizations/acme/releases/shop@1.0.0/",
    ):
        assert caller.get(path) == {"detail": "The requested resource does not exist"}, path
        assert caller.status == 404
    assert [organization["slug"] for organization in caller.get("organizations/")] == ["elsewhere"]


def test_a_token_of_one_organization_opens_no_other(world: World, issue: Issue) -> None:
    Member.objects.create(organization=world.elsewhere, user=world.alice, role=Role.OWNER)
    caller = Caller(world.alice, organization=world.elsewhere)
    assert [organization["slug"] for organization in caller.get("organizations/")] == ["elsewhere"]
    assert [project["slug"] for project in caller.get("projects/")] == ["secret"]
    caller.get(f"issues/{issue.pk}/")
    assert caller.status == 404
    caller.get("organizations/acme/")
    assert caller.status == 404


def test_a_token_does_only_what_its_scopes_name(world: World, issue: Issue) -> None:
    caller = Caller(world.alice, "event:read")
    caller.get(f"issues/{issue.pk}/")
    assert caller.status == 200
    assert "permission" in caller.put(f"issues/{issue.pk}/", {"status": "resolved"})["detail"]
    assert caller.status == 403
    caller.get("projects/acme/shop/keys/")
    assert caller.status == 403
    issue.refresh_from_db()
    assert issue.status == 0


def test_a_token_does_no_more_than_its_person(world: World, issue: Issue) -> None:
    viewer, member = Caller(world.viewer), Caller(world.bob)
    viewer.put(f"issues/{issue.pk}/", {"status": "resolved"})
    assert viewer.status == 403
    member.put(f"issues/{issue.pk}/", {"status": "resolved"})
    assert member.status == 200
    member.post("organizations/acme/projects/", {"name": "New"})
    assert member.status == 403
    member.delete("projects/acme/shop/")
    assert member.status == 403
    member.put("organizations/acme/", {"name": "Mine"})
    assert member.status == 403


def test_a_closed_account_opens_nothing(world: World) -> None:
    caller = Caller(world.bob)
    User.objects.filter(pk=world.bob.pk).update(is_active=False)
    caller.get("organizations/")
    assert caller.status == 401


def test_a_browser_needs_its_csrf_token_to_write(world: World, issue: Issue) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.alice)
    assert browser.get(f"/api/0/issues/{issue.pk}/").status_code == 200
    refused = browser.put(f"/api/0/issues/{issue.pk}/", {"status": "resolved"}, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("path", ["nothing/", "organizations/acme/monitors/", "projects/acme/shop/files/x", "ünknown"])
def test_an_unknown_address_answers_json(world: World, method: str, path: str) -> None:
    assert Caller(world.alice).call(method, path) == {"detail": "The requested resource does not exist"}


def test_an_address_without_its_last_slash_is_answered_without_a_redirect(world: World, issue: Issue) -> None:
    caller = Caller(world.alice)
    assert caller.get("organizations/acme")["slug"] == "acme"
    caller.post("organizations/acme/projects", {"name": "New"})
    assert caller.status == 201


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", "7"])
def test_a_body_that_is_no_object_is_refused_with_a_reason(world: World, issue: Issue, body: str) -> None:
    caller = Caller(world.alice)
    answer = caller.put(f"issues/{issue.pk}/", body)
    assert caller.status == 400
    assert answer


def test_a_method_that_is_not_there_answers_json(world: World) -> None:
    caller = Caller(world.alice)
    assert "not allowed" in caller.delete("organizations/acme/")["detail"]
    assert caller.status == 405


def test_ids_that_no_database_holds_are_not_found(world: World) -> None:
    caller = Caller(world.alice)
    for text in ("9" * 18, "9" * 19, "9" * 40, "0", "-1", "٣", "1e5", "SHOP-99999999999", "SHOP-0"):
        caller.get(f"issues/{text}/")
        assert caller.status == 404, text


NASTY = ["%00", "a%00b", "%ff", "%F0%9F%92%A5", "'", '"', "..", "%252F", "x" * 3_000, "-", "*", "\\", "%0a"]


@pytest.mark.parametrize("text", NASTY)
def test_no_text_in_an_address_breaks_anything(world: World, issue: Issue, text: str) -> None:
    caller = Caller(world.alice)
    for path in (
        f"organizations/{text}/",
        f"projects/acme/{text}/",
        f"projects/acme/shop/keys/{text}/",
        f"projects/acme/shop/events/{text}/",
        f"issues/{text}/",
        f"issues/{issue.pk}/events/{text}/",
        f"issues/{issue.pk}/tags/{text}/values/",
        f"issues/{issue.pk}/notes/{text}/",
        f"organizations/acme/releases/{text}/",
        f"organizations/acme/releases/{text}/deploys/",
        f"organizations/acme/eventids/{text}/",
        f"teams/acme/{text}/",
        f"{text}/",
        f"organizations/acme/accounting/?project={text}",
    ):
        response = caller.client.get(f"/api/0/{path}", headers={"Authorization": caller.authorization})
        assert response.status_code in {400, 401, 404, 405}, path
        assert response.json()["detail"], path


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("name", ["query", "sort", "cursor", "limit", "statsPeriod", "environment", "status", "id"])
def test_no_text_in_a_parameter_breaks_a_list(world: World, issue: Issue, name: str, text: str) -> None:
    caller = Caller(world.alice)
    for path in ("organizations/acme/issues/", "organizations/acme/releases/", f"issues/{issue.pk}/events/"):
        url = f"/api/0/{path}?{name}={text}"
        response = caller.client.get(url, headers={"Authorization": caller.authorization})
        assert response.status_code in {200, 400, 404}, url


@pytest.mark.parametrize(
    "body",
    ['{"status": NaN}', "[" * 100_000, '{"status": "\\ud800"}', '{"assignedTo": "\\u0000"}', "\xff", ""],
)
def test_a_body_that_is_no_good_json_is_refused(world: World, issue: Issue, body: str) -> None:
    caller = Caller(world.alice)
    caller.put(f"issues/{issue.pk}/", body.encode("latin-1"))
    assert caller.status in ({400} if body else {200, 400})


def test_a_body_is_read_up_to_a_bound(world: World, issue: Issue) -> None:
    caller = Caller(world.alice)
    caller.post(f"issues/{issue.pk}/notes/", {"text": "x" * 6_000_000})
    assert caller.status == 413


def test_a_head_needs_what_a_get_needs(world: World, issue: Issue) -> None:
    caller = Caller(world.alice, "org:read")
    caller.call("head", "organizations/acme/issues/")
    assert caller.status == 403
    caller.call("options", f"issues/{issue.pk}/")
    assert caller.status == 403


def test_the_schema_names_every_address_and_has_a_page(world: World) -> None:
    schema = Client().get("/api/0/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    paths = schema.json()["paths"]
    assert "/api/0/organizations/{organization}/issues/{issue}/" in paths
    assert "/api/0/organizations/{organization}/releases/{version}/deploys/" in paths
    page = Client().get("/api/0/schema/page/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "swagger" in page.content.decode().lower()
