"""Unmodified sentry-sdk of three major versions: from a raised exception to "resolved in 1.4.2" and back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.people import Person
from tests.journeys.sdks import python_sdk
from tests.running import Running

SHOP = Path(__file__).parent / "apps" / "shop.py"
VERSIONS = ["installed", "1.45.1", "0.20.3"]


def run_shop(version: str, way: str, release: str, dsn: str) -> None:
    environment = {**os.environ, "DSN": dsn, "RELEASE": release}
    if version != "installed":
        environment["PYTHONPATH"] = str(python_sdk(version))
    finished = subprocess.run([sys.executable, str(SHOP), way], env=environment, capture_output=True, text=True)
    expected = 1 if way == "unhandled" else 0
    assert finished.returncode == expected, finished.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_an_exception_becomes_an_issue_that_is_resolved_per_release(
    server: Running, owner: Person, version: str
) -> None:
    running = server.new_project()
    dsn = running.setup["dsn"]
    run_shop(version, "unhandled", "shop@1.4.1", dsn)
    issue = running.wait_for_issues(1)[0]
    assert issue["metadata"]["type"] == "ZeroDivisionError"
    assert "discount" in issue["culprit"]
    assert issue["level"] == "error"
    assert issue["status"] == "unresolved"

    page = owner.get(f"/o/acme/issues/{issue['shortId']}/")
    assert page.status_code == 200
    for text in ("ZeroDivisionError", "discount", "total / customers", "cart opened", "eu-west", "shop@1.4.1"):
        assert text in page.text, text

    running.request(
        "PUT",
        f"/api/0/issues/{issue['id']}/",
        {
            "status": "resolved",
            "statusDetails": {"inRelease": "shop@1.4.2"},
        },
    )
    run_shop(version, "unhandled", "shop@1.4.1", dsn)
    running.wait_for_count(issue["id"], 2)
    assert running.api(f"issues/{issue['id']}/")["status"] == "resolved"

    run_shop(version, "unhandled", "shop@1.4.3", dsn)
    running.wait_for_count(issue["id"], 3)
    again = running.api(f"issues/{issue['id']}/")
    assert (again["status"], again["substatus"]) == ("unresolved", "regressed")
    page = owner.get(f"/o/acme/issues/{issue['shortId']}/")
    assert "shop@1.4.3" in page.text


def test_a_message_and_a_handled_error_are_issues_of_their_own(server: Running) -> None:
    running = server.new_project()
    run_shop("installed", "message", "shop@1.0.0", running.setup["dsn"])
    run_shop("installed", "handled", "shop@1.0.0", running.setup["dsn"])
    issues = {issue["title"]: issue for issue in running.wait_for_issues(2)}
    assert issues["stock is low for item 4711"]["level"] == "warning"
    handled = issues["ZeroDivisionError: division by zero"]
    assert (handled["level"], handled["isUnhandled"]) == ("error", False)
