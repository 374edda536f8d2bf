"""Organizations, teams, projects and keys."""

import pytest

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tests.web.api_caller import Caller
from tracker.models import Environment, Event, Project, ProjectKey, RateLimit
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(world: World) -> Caller:
    return Caller(world.alice)


def test_an_organization_comes_with_team_projects_and_powers(caller: Caller, world: World) -> None:
    by_slug = caller.get("organizations/acme/")
    assert by_slug == caller.get(f"organizations/{world.acme.pk}/")
    assert (by_slug["id"], by_slug["name"], by_slug["role"]) == (str(world.acme.pk), "Acme", "owner")
    assert [project["slug"] for project in by_slug["projects"]] == ["shop"]
    assert by_slug["links"]["regionUrl"] == "http://127.0.0.1:8000"
    assert "project:write" in by_slug["access"]
    assert "project:write" not in Caller(world.viewer).get("organizations/acme/")["access"]


def test_an_organization_can_be_renamed(caller: Caller) -> None:
    assert caller.put("organizations/acme/", {"name": "Acme Ltd"})["name"] == "Acme Ltd"


def test_the_one_team_has_everybody_and_every_project(caller: Caller) -> None:
    (team,) = caller.get("organizations/acme/teams/")
    assert (team["slug"], team["memberCount"]) == ("acme", 3)
    assert caller.get("teams/acme/acme/")["projects"] == team["projects"]
    caller.get("teams/acme/other/")
    assert caller.status == 404
    assert [member["email"] for member in caller.get("organizations/acme/members/")] == [
        "alice@example.com",
        "bob@example.com",
        "vera@example.com",
    ]


@pytest.mark.parametrize("path", ["organizations/acme/projects/", "teams/acme/acme/projects/"])
def test_a_project_is_made_with_a_key(caller: Caller, path: str) -> None:
    made = caller.post(path, {"name": "Check out", "platform": "python"})
    assert caller.status == 201
    assert (made["slug"], made["platform"], made["teams"][0]["slug"]) == ("check-out", "python", "acme")
    (key,) = caller.get("projects/acme/check-out/keys/")
    assert key["dsn"]["public"] == f"http://{key['public']}@127.0.0.1:8000/{made['id']}"
    assert [project["slug"] for project in caller.get(path)] == ["check-out", "shop"]


def test_a_slug_that_is_asked_for_and_taken_is_a_conflict(caller: Caller) -> None:
    caller.post("organizations/acme/projects/", {"name": "x", "slug": "shop"})
    assert caller.status == 409
    assert caller.post("organizations/acme/projects/", {"name": "Shop"})["slug"] == "shop-2"
    assert caller.post("organizations/acme/projects/", {})["name"] == ["This field is required."]
    assert caller.status == 400


def test_a_project_is_read_changed_and_deleted(caller: Caller, world: World) -> None:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, n) for n in range(3)], NOON)
    assert caller.get(f"projects/acme/{world.shop.pk}/")["slug"] == "shop"
    changed = caller.put("projects/acme/shop/", {"name": "Store", "slug": "store", "platform": None})
    assert (changed["name"], changed["slug"], changed["platform"]) == ("Store", "store", None)
    caller.get("projects/acme/shop/")
    assert caller.status == 404
    caller.delete("projects/acme/store/")
    assert caller.status == 204
    assert not Project.objects.filter(organization=world.acme).exists()
    assert not Event.objects.exists()


def test_a_slug_that_pages_need_or_another_project_has_is_refused(caller: Caller, world: World) -> None:
    Project.objects.create(organization=world.acme, slug="web", name="Web")
    for slug in ("web", "issues", "12", "a b", ""):
        caller.put("projects/acme/shop/", {"slug": slug})
        assert caller.status == 400, slug


def test_settings_of_a_project_are_noticed_by_other_processes(caller: Caller, world: World) -> None:
    before = world.shop.config_generation
    changed = caller.put("projects/acme/shop/", {"sensitiveFields": ["iban"], "retentionDays": 30})
    assert (changed["sensitiveFields"], changed["retentionDays"]) == (["iban"], 30)
    world.shop.refresh_from_db()
    assert (world.shop.scrub_fields, world.shop.retention_days) == (["iban"], 30)
    assert world.shop.config_generation > before


def test_a_key_is_made_changed_and_deleted(caller: Caller, world: World) -> None:
    made = caller.post("projects/acme/shop/keys/", {"name": "CI", "rateLimit": {"window": 60, "count": 100}})
    assert (caller.status, made["label"], made["isActive"]) == (201, "CI", True)
    assert made["rateLimit"] == {"window": 60, "count": 100}
    path = f"projects/acme/shop/keys/{made['id']}/"
    changed = caller.put(path, {"name": "Build", "isActive": False, "rateLimit": None})
    assert (changed["name"], changed["isActive"], changed["rateLimit"]) == ("Build", False, None)
    assert caller.get(path) == changed
    assert not RateLimit.objects.exists()
    assert [key["id"] for key in caller.get("projects/acme/shop/keys/", status="inactive")] == [made["id"]]
    caller.delete(path)
    assert caller.status == 204
    assert list(ProjectKey.objects.filter(project=world.shop)) == [world.key]


def test_the_key_of_another_project_is_not_found(caller: Caller, world: World) -> None:
    other = ProjectKey.objects.create(project=world.secret)
    caller.get(f"projects/acme/shop/keys/{other.public_key}/")
    assert caller.status == 404


def test_long_lists_come_in_pages(caller: Caller, world: World) -> None:
    for n in range(5):
        Project.objects.create(organization=world.acme, slug=f"p{n}", name=f"P {n}")
    pages = list(caller.pages("organizations/acme/projects/", per_page=2))
    assert [[project["slug"] for project in page] for page in pages] == [["p0", "p1"], ["p2", "p3"], ["p4", "shop"]]
    assert caller.link("previous")["results"] == "true"
    assert caller.headers["X-Hits"] == "6"


def test_environments_are_named_once_and_hidden_ones_not(caller: Caller, world: World) -> None:
    web = Project.objects.create(organization=world.acme, slug="web", name="Web")
    for project, name, is_hidden in ((world.shop, "live", False), (web, "live", False), (web, "old", True)):
        Environment.objects.create(project=project, name=name, is_hidden=is_hidden)
    Environment.objects.create(project=world.secret, name="hidden")
    assert [found["name"] for found in caller.get("organizations/acme/environments/")] == ["live"]


def test_tools_that_ask_for_regions_are_sent_back_here(caller: Caller) -> None:
    assert caller.get("users/me/regions/")["regions"][0]["url"] == "http://127.0.0.1:8000"
    assert caller.get("users/me/") == caller.get("auth/")
