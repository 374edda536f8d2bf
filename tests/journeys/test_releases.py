"""Resolved per release, with the unmodified sentry-sdk and the pages of a running server."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.people import Person
from tests.running import Running

APPS = Path(__file__).parent / "apps"


def run(app: str, running: Running, release: str, *arguments: str) -> None:
    environment = {**os.environ, "DSN": running.setup["dsn"], "RELEASE": release}
    command = [sys.executable, str(APPS / app), *arguments]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


class Shop:
    """A project whose one issue happens in releases, and is resolved on its page."""

    def __init__(self, running: Running, owner: Person, release: str) -> None:
        self.running, self.owner, self.times = running.new_project(), owner, 0
        self.issue: dict[str, Any] = {}
        run("shop.py", self.running, release, "handled")
        self.issue = self.running.wait_for_issues(1)[0]
        self.times = 1

    @property
    def page(self) -> str:
        return self.owner.get(f"/o/acme/issues/{self.issue['shortId']}/").text

    def resolve(self, action: str, **fields: str) -> str:
        """Press a button of the resolve menu; returns the page that follows."""
        path = f"/o/acme/issues/{self.issue['shortId']}/"
        form = {"issue": self.issue["id"], "action": action, "next": path, **fields}
        return self.owner.press(path, "/o/acme/issues/triage/", form).text

    def happens_in(self, release: str, way: str = "handled") -> dict[str, Any]:
        """The issue as it is after one more event."""
        run("shop.py", self.running, release, way)
        self.times += 1
        self.running.wait_for_count(self.issue["id"], self.times)
        found: dict[str, Any] = self.running.api(f"issues/{self.issue['id']}/")
        return found


def test_a_fix_with_a_backport_is_judged_on_each_line(server: Running, owner: Person) -> None:
    shop = Shop(server, owner, "shop@1.4.8")
    answer = shop.resolve("resolve:in_release", versions="1.4.9, 2.1.0")
    assert "reopens it" in answer and "shop@1.4.9 or shop@2.1.0" in answer
    assert shop.happens_in("shop@2.0.5")["statusDetails"]["inReleases"] == ["shop@1.4.9", "shop@2.1.0"]
    assert "(1 event since, expected)" in shop.page
    again = shop.happens_in("shop@1.4.10")
    assert (again["status"], again["substatus"]) == ("unresolved", "regressed")
    assert "shop@1.4.10 is newer than shop@1.4.9" in shop.page


def test_fixed_in_the_next_release_reopens_with_the_next_release(server: Running, owner: Person) -> None:
    shop = Shop(server, owner, "shop@3.0.0")
    assert "whatever comes after 3.0.0" in shop.page
    shop.resolve("resolve:in_next_release")
    assert shop.happens_in("shop@3.0.0")["status"] == "resolved"
    assert shop.happens_in("shop@2.9.9")["status"] == "resolved"
    assert shop.happens_in("shop@3.0.1")["status"] == "unresolved"


def test_how_it_was_resolved_can_be_changed_without_reopening(server: Running, owner: Person) -> None:
    shop = Shop(server, owner, "shop@1.0.0")
    shop.resolve("resolve:now")
    answer = shop.resolve("resolve:in_next_minor")
    assert "in the next minor after shop@1.0.0, shop@1.1.0" in answer
    assert shop.happens_in("shop@1.0.5")["status"] == "resolved"
    assert "by commit 8f4b2c1d9e" in shop.resolve("resolve:in_commit", commit="8F4B2C1D9E")
    assert shop.happens_in("shop@1.1.0")["status"] == "resolved"


def test_a_late_event_of_before_leaves_it_resolved_and_one_of_after_does_not(server: Running, owner: Person) -> None:
    shop = Shop(server, owner, "shop@1.0.0")
    shop.resolve("resolve:now")
    assert shop.happens_in("shop@1.0.0", "late")["status"] == "resolved"
    assert shop.happens_in("shop@1.0.0")["status"] == "unresolved"


def test_an_event_without_a_release_is_judged_by_time_and_says_so(server: Running, owner: Person) -> None:
    shop = Shop(server, owner, "shop@1.0.0")
    shop.resolve("resolve:in_release", versions="1.1.0")
    assert shop.happens_in("", "late")["status"] == "resolved"
    assert shop.happens_in("")["status"] == "unresolved"
    assert "it names no release, so time decides" in shop.page


def test_sessions_show_on_the_release_page(server: Running, owner: Person) -> None:
    running = server.new_project()
    run("sessions.py", running, "shop@5.0.0")
    project = running.setup["project"]
    deadline = time.monotonic() + 20
    health: dict[str, Any] = {}
    while health.get("totalSessions24h") != 10:
        assert time.monotonic() < deadline, health
        time.sleep(0.05)
        status, _ = running.get(f"/api/0/projects/acme/{project}/releases/shop@5.0.0/")
        if status == 200:
            release = running.api(f"projects/acme/{project}/releases/shop@5.0.0/?health=1")
            health = release["projects"][0]["healthData"]
    assert (health["crashFreeSessions"], health["crashFreeUsers"]) == (90, pytest.approx(75))
    assert (health["totalUsers24h"], health["sessionsCrashed"], health["sessionsAdoption"]) == (4, 1, 100)
    page = owner.get(f"/o/acme/{project}/releases/shop@5.0.0/").text
    for text in ("Crash-free users", "75%", "90%", "10 sessions, 1 crashed", "4 users, 1 with a crash", "production"):
        assert text in page, text
