"""The real sentry-cli of two major versions: releases, commits, deploys and events, as a build server sends them."""

import json
import os
import subprocess
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sdks import sentry_cli
from tests.running import Running

VERSIONS = ["2.58.2", "3.8.0"]


@dataclass
class Tool:
    """sentry-cli, set up for one project and standing in a repository with two commits."""

    path: Path
    version: str
    server: Running
    repository: Path

    @property
    def version_string(self) -> str:
        """A release that no other project of the organization has."""
        return f"{self.server.setup['project']}@2.0.0+büild 7"

    def run(self, *arguments: str) -> str:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SENTRY_")},
            "SENTRY_URL": self.server.url,
            "SENTRY_AUTH_TOKEN": self.server.setup["token"],
            "SENTRY_ORG": "acme",
            "SENTRY_PROJECT": self.server.setup["project"],
            "SENTRY_DSN": self.server.setup["dsn"],
        }
        finished = subprocess.run(
            [str(self.path), *arguments], cwd=self.repository, env=environment, capture_output=True, text=True
        )
        assert finished.returncode == 0, (arguments, finished.stdout[-2000:], finished.stderr[-2000:])
        return finished.stdout

    def deploy(self, *arguments: str) -> str:
        """2.x says `deploys VERSION new`, and knows the newer form too."""
        return self.run("deploys", "new", "--release", self.version_string, *arguments)

    def release(self) -> dict[str, Any]:
        quoted = urllib.parse.quote(self.version_string, safe="")
        found: dict[str, Any] = self.server.api(f"organizations/acme/releases/{quoted}/")
        return found


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(params=VERSIONS)
def tool(server: Running, node: str, tmp_path: Path, request: pytest.FixtureRequest) -> Tool:
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "https://git.example.com/acme/shop.git")
    (tmp_path / "cart.py").write_text("a")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Begin")
    return Tool(sentry_cli(request.param), request.param, server.new_project(), tmp_path)


def test_a_release_with_commits_and_a_deploy_is_made_known(tool: Tool) -> None:
    assert "owner@example.com" in tool.run("info", "--no-defaults")
    tool.run("send-event", "-m", "the shop is on fire", "-r", "shop@1.0.0", "--no-environ")
    issue = tool.server.wait_for_issues(1)[0]
    assert issue["title"] == "the shop is on fire"

    tool.run("releases", "new", tool.version_string)
    (tool.repository / "cart.py").write_text("b")
    git(tool.repository, "commit", "-qam", f"Do not burn the shop\n\nFixes {issue['shortId']}")
    tool.run("releases", "set-commits", tool.version_string, "--local", "--initial-depth", "2", "--ignore-missing")
    tool.run("releases", "finalize", tool.version_string)
    tool.deploy("--env", "production")

    release = tool.release()
    assert release["dateReleased"]
    assert release["commitCount"] == 2
    quoted = urllib.parse.quote(tool.version_string, safe="")
    commits = tool.server.api(f"organizations/acme/releases/{quoted}/commits/")
    assert {commit["author"]["email"] for commit in commits} == {"ana@example.com"}
    deploys = tool.server.api(f"organizations/acme/releases/{quoted}/deploys/")
    assert [deploy["environment"] for deploy in deploys] == ["production"]
    assert tool.version_string in tool.run("releases", "list")

    resolved = tool.server.api(f"issues/{issue['id']}/")
    assert resolved["status"] == "resolved", "a commit that says `Fixes` resolves the issue in its release"
    assert tool.version_string in json.dumps(resolved["statusDetails"], ensure_ascii=False)


def test_what_a_commit_fixed_stays_so_without_its_release_and_comes_back_in_a_newer_one(tool: Tool) -> None:
    def happen(release: str, times: int) -> dict[str, Any]:
        tool.run("send-event", "-m", "the drawer is open", "-r", release, "--no-environ")
        id_ = tool.server.wait_for_issues(1, query="drawer")[0]["id"]
        tool.server.wait_for_count(id_, times)
        found: dict[str, Any] = tool.server.api(f"issues/{id_}/")
        return found

    issue = happen("till@1.0.0", 1)
    (tool.repository / "cart.py").write_text("c")
    git(tool.repository, "commit", "-qam", f"Close the drawer\n\nFixes {issue['shortId']}")
    tool.run("releases", "new", "till@1.1.0")
    tool.run("releases", "set-commits", "till@1.1.0", "--local", "--initial-depth", "2", "--ignore-missing")
    assert tool.server.api(f"issues/{issue['id']}/")["statusDetails"] == {"inRelease": "till@1.1.0"}
    assert happen("till@1.0.1", 2)["expectedSinceResolved"] == 1

    tool.run("releases", "delete", "till@1.1.0")
    after = happen("till@1.0.2", 3)
    assert (after["status"], after["statusDetails"]) == ("resolved", {"inRelease": "till@1.1.0"})
    assert happen("till@1.1.0", 4)["substatus"] == "regressed"


def test_issues_are_listed_and_resolved(tool: Tool) -> None:
    tool.run("send-event", "-m", "the till is stuck", "--no-environ")
    issue = tool.server.wait_for_issues(1)[0]
    assert "the till is stuck" in tool.run("issues", "list")
    tool.run("issues", "resolve", "--id", issue["id"])
    assert tool.server.api(f"issues/{issue['id']}/")["status"] == "resolved"


def test_a_release_can_be_deleted(tool: Tool) -> None:
    tool.run("releases", "new", tool.version_string)
    tool.run("releases", "delete", tool.version_string)
    assert tool.version_string not in tool.run("releases", "list")
