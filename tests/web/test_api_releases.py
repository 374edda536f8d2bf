"""Releases, commits and deploys through the API."""

from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tests.web.api_caller import Caller
from tests.web.factories import happen
from tracker.models import Issue, Project, Release, Status
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.record.sessions import SessionCounts, SessionKey, record_sessions

pytestmark = pytest.mark.django_db

RELEASES = "organizations/acme/releases/"


@pytest.fixture
def web(world: World) -> Project:
    return Project.objects.create(organization=world.acme, slug="web", name="Web")


@pytest.fixture
def caller(world: World, web: Project) -> Caller:
    return Caller(world.alice, "project:releases")


def test_a_release_is_made_once_in_each_of_its_projects(caller: Caller) -> None:
    body = {"version": "shop@1.0", "projects": ["shop"], "url": "https://x", "dateReleased": "2026-11-01T00:00:00Z"}
    made = caller.post(RELEASES, body)
    assert caller.status == 201
    assert (made["version"], made["shortVersion"], made["url"]) == ("shop@1.0", "1.0", "https://x")
    assert made["dateReleased"] == "2026-11-01T00:00:00.000000Z"
    assert [project["slug"] for project in made["projects"]] == ["shop"]
    assert caller.post(RELEASES, body) == made
    assert caller.status == 208
    both = caller.post(RELEASES, {"version": "shop@1.0", "projects": ["shop", "web"]})
    assert caller.status == 201
    assert [project["slug"] for project in both["projects"]] == ["shop", "web"]
    assert both["url"] == "https://x"
    assert Release.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {"version": "1.0"},
        {"version": "1.0", "projects": []},
        {"version": "1.0", "projects": ["nothing"]},
        {"version": "1.0", "projects": ["secret"]},
        {"projects": ["shop"]},
        {"version": " ", "projects": ["shop"]},
        {"version": "..", "projects": ["shop"]},
        {"version": "a\tb", "projects": ["shop"]},
        {"version": "x" * 251, "projects": ["shop"]},
        {"version": "1.0", "projects": ["shop"], "commits": [{"id": "a" * 65}]},
        {"version": "1.0", "projects": ["shop"], "dateReleased": "yesterday"},
    ],
)
def test_what_cannot_be_a_release_is_refused(caller: Caller, body: dict[str, Any]) -> None:
    assert caller.post(RELEASES, body)
    assert caller.status == 400
    assert not Release.objects.exists()


@pytest.mark.parametrize("version", ["shop@1.0+7", "feature/x", "a b", "a/b/c", "ünï@1", "100%", "a?b#c", "deploys"])
def test_any_version_can_stand_in_an_address(caller: Caller, version: str) -> None:
    caller.post(RELEASES, {"version": version, "projects": ["shop"]})
    name = quote(version, safe="")
    assert caller.get(f"{RELEASES}{name}/")["version"] == version
    assert caller.get(f"projects/acme/shop/releases/{name}/")["version"] == version
    assert caller.get(f"{RELEASES}{name}/deploys/") == []
    assert caller.put(f"{RELEASES}{name}/", {"ref": "main"})["ref"] == "main"
    caller.delete(f"{RELEASES}{name}/")
    assert caller.status == 204
    caller.get(f"{RELEASES}{name}/")
    assert caller.status == 404


@pytest.mark.parametrize("part", ["commits", "deploys", "previous-with-commits"])
@pytest.mark.parametrize("place", ["organizations/acme", "projects/acme/shop"])
def test_a_version_that_ends_like_a_part_is_found(caller: Caller, place: str, part: str) -> None:
    version = f"shop/{part}"
    caller.post(RELEASES, {"version": version, "projects": ["shop"]})
    address = f"{place}/releases/{quote(version, safe='')}/"
    assert caller.get(address)["version"] == version
    assert caller.put(address, {"ref": "main"})["ref"] == "main"
    assert caller.get(f"{address}deploys/") == []
    caller.post(f"{address}deploys/", {"environment": "production"})
    assert caller.status == 201
    caller.delete(address)
    assert (caller.status, Release.objects.count()) == (204, 0)
    caller.get(address)
    assert caller.status == 404


def test_of_a_release_and_one_named_like_its_part_each_is_found(caller: Caller) -> None:
    for version in ("shop", "shop/deploys"):
        caller.post(RELEASES, {"version": version, "projects": ["shop"]})
    caller.post(f"{RELEASES}shop/deploys/", {"environment": "production"})
    assert [deploy["environment"] for deploy in caller.get(f"{RELEASES}shop/deploys/")] == ["production"]
    assert caller.get(f"{RELEASES}shop%252Fdeploys/")["version"] == "shop/deploys"
    assert caller.get(f"{RELEASES}shop%252Fdeploys/deploys/") == []
    assert caller.get(f"{RELEASES}shop/deploys/deploys/") == []


def test_a_part_of_a_release_that_is_not_there_is_not_found(caller: Caller, world: World) -> None:
    Release.objects.create(project=world.secret, version="shop/commits")
    for method, status in ((caller.get, 404), (caller.delete, 405), (caller.put, 405)):
        method(f"{RELEASES}shop/commits/")
        assert caller.status == status


def test_a_release_is_finished_archived_and_restored(caller: Caller) -> None:
    caller.post("projects/acme/shop/releases/", {"version": "1.0", "url": "https://x"})
    path = f"{RELEASES}1.0/"
    finished = caller.put(path, {"dateReleased": "2026-11-02T00:00:00Z"})
    assert (finished["dateReleased"], finished["url"]) == ("2026-11-02T00:00:00.000000Z", "https://x")
    assert caller.put(path, {"status": "archived"})["status"] == "archived"
    assert [release["version"] for release in caller.get(RELEASES, status="open")] == []
    assert caller.put(path, {"status": "open"})["status"] == "open"


def test_a_release_that_is_known_is_archived_without_naming_its_projects(caller: Caller) -> None:
    caller.post(RELEASES, {"version": "1.0", "projects": ["shop", "web"]})
    archived = caller.post(RELEASES, {"version": "1.0", "projects": [], "status": "archived"})
    assert (caller.status, archived["status"], len(archived["projects"])) == (208, "archived", 2)
    assert caller.post(RELEASES, {"version": "1.0", "status": "open"})["status"] == "open"


def test_commits_come_with_a_release_and_resolve_what_they_fix(caller: Caller, world: World) -> None:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, 1, "a")], NOON)
    commits = [
        {
            "id": "b" * 40,
            "message": "Fixes SHOP-1",
            "author_name": "Bob",
            "author_email": "bob@example.com",
            "timestamp": "2026-11-02T10:00:00Z",
            "repository": "acme/shop",
            "patch_set": [{"path": "shop/cart.py", "type": "M"}],
        },
        {"id": "a" * 40, "message": "Start"},
    ]
    made = caller.post(RELEASES, {"version": "shop@2.0", "projects": ["shop", "web"], "commits": commits})
    assert (made["commitCount"], made["lastCommit"]["id"]) == (2, "b" * 40)
    listed = caller.get(f"{RELEASES}shop%402.0/commits/")
    assert [commit["id"][0] for commit in listed] == ["b", "a"]
    assert listed[0]["author"] == {"name": "Bob", "email": "bob@example.com"}
    assert listed[0]["repository"]["name"] == "acme/shop"
    assert Issue.objects.get().status == Status.RESOLVED


def test_refs_alone_name_the_newest_commit(caller: Caller) -> None:
    caller.post(RELEASES, {"version": "1.0", "projects": ["shop"]})
    refs = [{"repository": "acme/shop", "commit": "c" * 40, "previousCommit": "d" * 40}]
    assert caller.put(f"{RELEASES}1.0/", {"refs": refs})["lastCommit"]["id"] == "c" * 40


def test_the_previous_release_with_commits_goes_by_the_order_of_versions(caller: Caller) -> None:
    for version, commits in (("1.0", ["1" * 40]), ("1.2", ["2" * 40]), ("1.3", []), ("1.10", []), ("2.0", ["3" * 40])):
        body = {"version": version, "projects": ["shop"], "commits": [{"id": sha} for sha in commits]}
        caller.post(RELEASES, body)
    previous = caller.get(f"{RELEASES}1.10/previous-with-commits/")
    assert (previous["version"], previous["lastCommit"]["id"]) == ("1.2", "2" * 40)
    assert caller.get(f"{RELEASES}1.0/previous-with-commits/") == {}


def test_a_deploy_is_noted_in_every_project_of_the_release(caller: Caller) -> None:
    caller.post(RELEASES, {"version": "1.0", "projects": ["shop", "web"]})
    path = f"{RELEASES}1.0/deploys/"
    made = caller.post(path, {"environment": "production", "name": "42", "dateFinished": "2026-11-02T00:00:00Z"})
    assert (caller.status, made["environment"], made["name"]) == (201, "production", "42")
    assert [deploy["environment"] for deploy in caller.get(path)] == ["production", "production"]
    caller.post(path, {"environment": "staging", "projects": ["web"]})
    assert [deploy["environment"] for deploy in caller.get("projects/acme/web/releases/1.0/deploys/")] == [
        "staging",
        "production",
    ]
    release = caller.get(f"{RELEASES}1.0/")
    assert (release["deployCount"], release["lastDeploy"]["environment"]) == (3, "staging")
    for body in ({}, {"environment": ""}, {"environment": "x", "projects": ["nothing"]}):
        caller.post(path, body)
        assert caller.status == 400


def test_one_version_in_two_projects_is_one_row_of_the_list(caller: Caller) -> None:
    for version in ("1.0", "1.1", "1.2"):
        caller.post(RELEASES, {"version": version, "projects": ["shop", "web"]})
    pages = list(caller.pages(RELEASES, per_page=2))
    assert [[release["version"] for release in page] for page in pages] == [["1.2", "1.1"], ["1.0"]]
    assert len(pages[0][0]["projects"]) == 2
    assert [release["version"] for release in caller.get(RELEASES, query="1.1")] == ["1.1"]
    assert len(caller.get(RELEASES, project="web")[0]["projects"]) == 1


def test_a_release_of_events_counts_its_new_issues(caller: Caller, world: World) -> None:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, n, f"group {n}") for n in range(3)], NOON)
    (release,) = caller.get("projects/acme/shop/releases/")
    assert (release["version"], release["newGroups"]) == ("shop@1.0.0", 3)
    assert release["firstEvent"] == "2026-11-21T12:00:00.000000Z"


def test_tools_that_ask_for_repositories_learn_that_they_send_commits_themselves(caller: Caller) -> None:
    assert caller.get("organizations/acme/repos/") == []


def test_a_version_of_another_organization_is_not_found(caller: Caller, world: World) -> None:
    Release.objects.create(project=world.secret, version="9.9")
    for method in ("get", "put", "delete"):
        caller.call(method, f"{RELEASES}9.9/")
        assert caller.status == 404
    assert Release.objects.filter(version="9.9").exists()


def test_health_is_told_where_it_is_asked_for(caller: Caller, world: World) -> None:
    now = timezone.now()
    counts = SessionCounts(exited=3, crashed=1, users={1, 2, 3, 4}, crashed_users={4})
    key = SessionKey(world.shop.pk, "shop@1.0", "production", now.replace(second=0, microsecond=0))
    record_sessions([(key, counts)], now)
    [plain] = caller.get(RELEASES)
    assert plain["projects"][0]["hasHealthData"] and "healthData" not in plain["projects"][0]
    [shape] = caller.get(RELEASES, health="1")
    health = shape["projects"][0]["healthData"]
    assert (health["crashFreeSessions"], health["crashFreeUsers"], health["totalUsers24h"]) == (75.0, 75.0, 4)
    assert (health["sessionsAdoption"], health["adoption"], health["eventsAdoption"]) == (100.0, 100.0, None)
    assert len(health["stats"]["24h"]) == 24
    assert caller.get(f"{RELEASES}shop%401.0/", health="1")["projects"][0]["healthData"] == health
    elsewhere = caller.get(RELEASES, health="1", environment="staging")[0]["projects"][0]["healthData"]
    assert elsewhere["totalSessions24h"] == elsewhere["totalUsers24h"] == 0


def test_a_version_is_taken_apart_and_authors_are_named_once(caller: Caller) -> None:
    commits = [{"id": str(n) * 40, "author_name": "Ana", "author_email": "ana@example.com"} for n in (1, 2)]
    made = caller.post(RELEASES, {"version": "shop@1.2.3-rc.1+7", "projects": ["shop"], "commits": commits})
    assert made["authors"] == [{"name": "Ana", "email": "ana@example.com"}]
    assert made["versionInfo"]["package"] == "shop"
    assert made["versionInfo"]["version"] == {
        "raw": "1.2.3-rc.1+7",
        "major": 1,
        "minor": 2,
        "patch": 3,
        "pre": "rc.1",
        "buildCode": "7",
        "components": 3,
    }


def test_committers_of_an_event_wrote_the_suspect_commits(world: World) -> None:
    issue = happen(world.shop, release="shop@1.0")
    caller = Caller(world.alice)
    commits = [
        {"id": "a" * 40, "author_name": "Ana", "author_email": "ana@example.com", "patch_set": [{"path": "README"}]},
        {"id": "b" * 40, "author_name": "Ben", "patch_set": [{"path": "src/shop/views.py", "type": "M"}]},
    ]
    caller.put(f"{RELEASES}shop%401.0/", {"commits": commits})
    event_id = bytes(issue.events.get().event_id).hex()
    [committer] = caller.get(f"projects/acme/shop/events/{event_id}/committers/")["committers"]
    assert committer["author"]["name"] == "Ben"
    assert [commit["id"] for commit in committer["commits"]] == ["b" * 40]
    caller.get(f"projects/acme/shop/events/{'0' * 32}/committers/")
    assert caller.status == 404
