"""Unmodified @sentry/node of two major versions, where Node.js is present."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.journeys.people import Person
from tests.journeys.sdks import node_sdk
from tests.running import Running

SHOP = Path(__file__).parent / "apps" / "shop.js"


@pytest.mark.parametrize("version", ["8.55.2", "11.12.0"])
def test_an_uncaught_type_error_becomes_an_issue(server: Running, owner: Person, node: str, version: str) -> None:
    running = server.new_project()
    environment = {
        **os.environ,
        "NODE_PATH": str(node_sdk(version)),
        "DSN": running.setup["dsn"],
        "RELEASE": "web@2.0.0",
    }
    finished = subprocess.run([node, str(SHOP)], env=environment, capture_output=True, text=True)
    assert finished.returncode == 1, finished.stderr
    issue = running.wait_for_issues(1)[0]
    assert issue["metadata"]["type"] == "TypeError"
    assert issue["culprit"].endswith("discount")
    page = owner.get(f"/o/acme/issues/{issue['shortId']}/")
    assert page.status_code == 200
    for text in ("TypeError", "discount", "cart.customer.rate", "eu-west", "web@2.0.0"):
        assert text in page.text, text
