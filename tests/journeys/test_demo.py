"""`manage.py demo` against a running server: a world to look around in, which adds up and can be removed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.journeys.people import Person
from tests.running import ROOT, Running, running_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

EMAIL, PASSWORD = "demo@tidewater.example", "a kettle of coffee"
PROJECTS = {"shop", "storefront", "payments", "billing", "labels", "backoffice", "android"}
COUNTS = """
import json
from django.apps import apps
left = {m.__name__: m._default_manager.count() for m in apps.get_app_config("tracker").get_models()}
print(json.dumps({name: count for name, count in left.items() if count}))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A server with a small demo, as its owner's token sees it."""
    with running_server(setup=False) as running:
        printed = running.manage("demo", "--events", "300", "--seed", "1", "--password", PASSWORD)
        assert f"{running.url}/o/demo/issues/" in printed and EMAIL in printed and PASSWORD in printed
        owner = ("--email", EMAIL, "--password", PASSWORD)
        setup = json.loads(running.manage("setup", *owner, "--organization", "demo", "--project", "shop", "--json"))
        yield replace(running, setup=setup)


@pytest.fixture
def owner(server: Running) -> Iterator[Person]:
    with Person(server.url) as person:
        person.sign_in(EMAIL, PASSWORD)
        yield person


def issues(server: Running, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.api(f"organizations/demo/issues/?limit=100&query={query}")
    return found


def refused(server: Running, *arguments: str) -> str:
    """What the command says instead of doing anything."""
    command = [sys.executable, "manage.py", "demo", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True)
    assert ended.returncode == 1
    return ended.stderr


def rows_left(server: Running) -> dict[str, int]:
    """Rows of every table that has some."""
    found: dict[str, int] = json.loads(server.manage("shell", "--no-imports", "-c", COUNTS).splitlines()[-1])
    return found


def test_every_project_has_issues(server: Running) -> None:
    everything = issues(server, "is:unresolved") + issues(server, "is:resolved") + issues(server, "is:archived")
    assert {issue["project"]["slug"] for issue in everything} == PROJECTS
    assert {issue["level"] for issue in everything} == {"info", "warning", "error", "fatal"}


def test_what_came_back_in_a_newer_release_is_open_again(server: Running) -> None:
    regressed = {issue["project"]["slug"]: issue for issue in issues(server, "is:regressed")}
    assert regressed.keys() >= {"shop", "billing", "android"}
    history = server.api(f"issues/{regressed['shop']['id']}/activities/")["activity"]
    kinds = [entry["type"] for entry in reversed(history)]
    talked_of = len(kinds) - 1 - kinds[::-1].index("note")
    assert kinds.index("set_resolved_in_release") < kinds.index("set_regression") < talked_of
    assert len({entry["dateCreated"][:10] for entry in history}) > 3, "it happened on several days"


def test_it_looks_as_if_it_had_been_received_over_a_month(server: Running) -> None:
    month_ago = datetime.now(UTC) - timedelta(days=28)
    for slug in PROJECTS:
        project = server.api(f"projects/demo/{slug}/")
        assert project["dateCreated"] < project["firstEvent"] < month_ago.isoformat()
    for issue in issues(server, "is:unresolved"):
        first = server.api(f"issues/{issue['id']}/activities/")["activity"][-1]
        assert first["type"] == "first_seen" and first["dateCreated"] == issue["firstSeen"]
        for event in server.api(f"issues/{issue['id']}/events/?full=1"):
            assert event["dateReceived"] == event["dateCreated"]


def test_issues_are_assigned_archived_resolved_and_merged(server: Running) -> None:
    assert any(issue["assignedTo"] for issue in issues(server, "is:unresolved"))
    archived = issues(server, "is:archived")
    assert any(issue["statusDetails"] for issue in archived) and not all(issue["statusDetails"] for issue in archived)
    details = [issue["statusDetails"] for issue in issues(server, "is:resolved")]
    assert any("inRelease" in each for each in details) and any("inNextRelease" in each for each in details)
    fetch = next(issue for issue in issues(server, "is:unresolved") if issue["title"].endswith("Failed to fetch"))
    kinds = [entry["type"] for entry in server.api(f"issues/{fetch['id']}/activities/")["activity"]]
    assert "merge" in kinds


def test_sessions_give_crash_rates(server: Running) -> None:
    releases = server.api("organizations/demo/releases/?health=1&per_page=100")
    healths = [project["healthData"] for release in releases for project in release["projects"]]
    rates = [health["crashFreeSessions"] for health in healths if health and health["crashFreeSessions"] is not None]
    assert len(rates) >= 4 and any(rate > 90 for rate in rates), rates


def test_every_event_opens(server: Running, owner: Person) -> None:
    opened = 0
    for query in ("is:unresolved", "is:resolved", "is:archived"):
        for issue in issues(server, query):
            for event in server.api(f"issues/{issue['id']}/events/?per_page=100"):
                page = owner.get(f"/o/demo/issues/{issue['shortId']}/events/{event['eventID']}/")
                assert page.status_code == 200, (issue["shortId"], event["eventID"])
                opened += 1
    assert opened >= 200


def test_everything_adds_up(server: Running) -> None:
    assert "everything adds up" in server.manage("verify")


def test_a_second_demo_is_refused_and_an_organization_of_that_name_is_never_replaced(server: Running) -> None:
    assert "--again" in refused(server)
    with running_server() as other:
        made = "from tracker.models import Organization; Organization.objects.update(slug='demo')"
        other.manage("shell", "--no-imports", "-c", made)
        before = rows_left(other)
        for option in ("--again", "--remove"):
            assert "is not the demo's" in refused(other, option)
        assert rows_left(other) == before


def test_removing_it_leaves_nothing() -> None:
    with running_server(setup=False) as server:
        before = rows_left(server)
        server.manage("demo", "--events", "150", "--days", "9")
        assert rows_left(server)["Event"] >= 90
        assert "removed" in server.manage("demo", "--remove")
        left = rows_left(server)
        # The worker's own note of what it did last, and a job that runs now and then.
        assert {name: count for name, count in left.items() if name not in ("DigestReceipt", "Job")} == before
        assert "There is no demo." in server.manage("demo", "--remove")


def test_without_a_server_one_runs_as_long_as_it_takes_and_another_ones_server_is_left_alone() -> None:
    with running_server(setup=False) as stranger, running_server(setup=False) as own:
        own.stop()
        own.environment |= {"PORT": stranger.environment["PORT"], "BASE_URL": stranger.url}
        own.manage("demo", "--events", "120", "--days", "9")
        assert rows_left(own)["Event"] >= 80
        assert "Event" not in rows_left(stranger)
        assert not [process for process in psutil.process_iter() if _is_server_of(process, own.data_dir)]


def _is_server_of(process: psutil.Process, data_dir: Path) -> bool:
    try:
        return "serve" in process.cmdline() and process.environ().get("DATA_DIR") == str(data_dir)
    except psutil.Error:
        return False
