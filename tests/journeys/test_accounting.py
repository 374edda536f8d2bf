"""Every item that came in has one place in the account, with real traffic of every kind; so has what SDKs dropped."""

import json
import re
import subprocess
import sys
import time
import uuid
from typing import Any

import httpx
import pytest

from tests.journeys.people import Person
from tests.running import Running, running_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("accounting")]

LIMIT = """
from tracker.models import ProjectKey, RateLimit
key = ProjectKey.objects.get(project__slug={project!r})
RateLimit.objects.create(project=key.project, key=key, category="error", limit=2, window_seconds=3)
"""
SEND_FOR_A_WHILE = """
import sys, time
import sentry_sdk
sentry_sdk.init(dsn=sys.argv[1], auto_session_tracking=False)
for number in range(40):
    sentry_sdk.capture_message(f"number {number}")
    time.sleep(0.2)
sentry_sdk.flush(10)
"""


def account(server: Running) -> dict[str, Any]:
    """The account of the server's project when nothing waits any more and the ingest endpoint's counts are written."""
    path = f"organizations/acme/accounting/?project={server.setup['project']}"
    deadline = time.monotonic() + 30
    before = None
    while True:
        found: dict[str, Any] = server.api(path)
        waiting = sum(each["waiting"] for each in found["categories"].values())
        if not waiting and found == before:
            return found
        assert time.monotonic() < deadline, found
        before = found
        time.sleep(6)  # The ingest endpoint writes its counts every five seconds.


def check_sum(found: dict[str, Any]) -> None:
    for each in (found, *found["categories"].values()):
        ends = ("stored", "duplicate", "filtered", "rate_limited", "invalid", "waiting")
        assert each["received"] == sum(each[end] for end in ends), each


def envelope(*items: tuple[dict[str, Any], str], event_id: str = "") -> str:
    header = {"event_id": event_id} if event_id else {}
    return "\n".join([json.dumps(header), *(f"{json.dumps(head)}\n{body}" for head, body in items), ""])


@pytest.fixture(scope="module")
def server() -> Any:
    with running_server() as running:
        yield running


def test_an_sdk_over_its_limit_waits_and_goes_on_and_every_event_has_its_place(server: Running) -> None:
    project = server.new_project()
    server.manage("shell", "--no-imports", "-c", LIMIT.format(project=project.setup["project"]))
    subprocess.run([sys.executable, "-c", SEND_FOR_A_WHILE, project.setup["dsn"]], check=True)
    found = account(project)
    check_sum(found)
    dropped = found["clientDiscards"].get("ratelimit_backoff", 0)
    assert found["stored"] + found["rate_limited"] + dropped == 40
    assert found["stored"] >= 4, "it went on after the first window"
    assert found["rate_limited"] >= 1
    assert dropped >= 1
    assert found["reasons"] == {"rate_limited:quota": found["rate_limited"]}


def test_a_limit_that_is_set_on_the_page_is_told_to_sdks(server: Running) -> None:
    project = server.new_project()
    slug, dsn = project.setup["project"], httpx.URL(project.setup["dsn"])
    address = f"{server.url}/api{dsn.path}/store/?sentry_key={dsn.username}"
    with Person(server.url) as person:
        person.sign_in()
        path = f"/o/acme/{slug}/settings/keys/"
        page = person.get(path).text
        [change] = set(re.findall(rf'action="({path}\d+/)"', page))
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        fields = {"action": "limit", "category": "error", "limit": "1", "window_seconds": "86400"}
        headers = {"Referer": server.url + path}
        shown = person.post(change, data={**fields, "csrfmiddlewaretoken": token}, headers=headers).text
        assert "at most 1 a day" in shown
        answers = [httpx.post(address, json={"message": "hello"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 429, 429]
        seconds = int(answers[1].headers["Retry-After"])
        assert 0 < seconds <= 86400
        assert answers[1].headers["X-Sentry-Rate-Limits"].startswith(f"{seconds}:error:key:")
        lifted = {**fields, "limit": "", "csrfmiddlewaretoken": token}
        assert "No rate limit." in person.post(change, data=lifted, headers=headers).text
    deadline = time.monotonic() + 30
    while httpx.post(address, json={"message": "hello"}).status_code != 200:
        assert time.monotonic() < deadline, "the lifted limit is still active"
        time.sleep(0.5)


def test_every_kind_of_outcome_is_counted_once_and_shown_to_the_administrator(server: Running) -> None:
    project = server.new_project()
    slug, dsn = project.setup["project"], httpx.URL(project.setup["dsn"])
    address = f"{server.url}/api{dsn.path}/envelope/?sentry_key={dsn.username}"
    ids = [uuid.uuid4().hex for _ in range(3)]
    event = ({"type": "event"}, '{"message":"hello"}')
    report = json.dumps({"discarded_events": [{"reason": "before_send", "category": "error", "quantity": 9}]})
    bodies = [
        *(envelope(event, event_id=event_id) for event_id in (*ids, ids[0], ids[1])),
        envelope(({"type": "event"}, "no json"), event_id=uuid.uuid4().hex),
        envelope(({"type": "transaction"}, "{}"), ({"type": "log", "item_count": 7}, "{}")),
        envelope(({"type": "client_report"}, report)),
        "this is no envelope",
    ]
    statuses = [httpx.post(address, content=body).status_code for body in bodies]
    assert statuses == [200, 200, 200, 200, 200, 400, 200, 200, 400]
    found = account(project)
    check_sum(found)
    expected = {
        "received": 6,
        "stored": 3,
        "duplicate": 2,
        "filtered": 0,
        "rate_limited": 0,
        "invalid": 1,
        "waiting": 0,
    }
    assert {name: found[name] for name in expected} == expected
    assert found["clientDiscards"] == {"before_send": 9}
    categories = found["categories"]
    assert (categories["transaction"]["filtered"], categories["log_item"]["filtered"]) == (1, 7)
    assert categories["default"]["invalid"] == 1
    with Person(server.url) as person:
        person.sign_in()
        page = person.get("/administration/accounting/?days=1").text
    assert f"acme/{slug}" in page
    assert "before_send" in page
    assert "missing" not in page
    assert "everything adds up" in server.manage("verify")
