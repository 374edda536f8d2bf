"""Every recorded request of a Sentry SDK, sent again over HTTP: what was expected of it can be read through the API."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from grouping.reader import read_event
from tests.corpus.recordings import PROJECT_ID, PUBLIC_KEY, Case, Recording, iter_cases
from tests.grouping.test_reader_recordings import CHECKS
from tests.running import Running, running_server

pytestmark = pytest.mark.xdist_group("recordings")

INGEST = ("/envelope", "/store", "/security")
CASES = [case for case in iter_cases() if any(part in request.path for request in case.requests for part in INGEST)]
NOT_SENT = {"transfer-encoding", "content-length", "host", "connection"}
SCRUBBED = {"request"}
"""Facts that may differ by design: cookies and query strings are scrubbed."""


@dataclass(frozen=True)
class Replayed:
    server: Running
    statuses: dict[str, list[int]]
    """By case id."""
    client: httpx.Client

    def stored_events(self, case: Case) -> list[dict[str, Any]]:
        """The stored payloads of the case's events, by the id with which each was sent."""
        found = []
        for sent in map(json.loads, case.event_payloads()):
            event_id = str(sent.get("event_id", "")).replace("-", "")
            answer = self.client.get(f"/api/0/projects/acme/shop/events/{event_id}/json/")
            if answer.status_code == 200:
                found.append(answer.json())
        return found


def send(client: httpx.Client, request: Recording, key: str, project_id: int) -> int:
    """Send the request as recorded, but to this server's project and key, wherever these are named."""
    headers = [
        (name, value.replace(PUBLIC_KEY, key)) for name, value in request.headers if name.lower() not in NOT_SENT
    ]
    target = request.target.replace(PUBLIC_KEY, key).replace(f"/api/{PROJECT_ID}/", f"/api/{project_id}/")
    body = request.body
    if request.is_envelope and "dsn" in request.envelope[0]:
        headers = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
        first, _, rest = request.content.partition(b"\n")
        dsn = urlsplit(json.loads(first)["dsn"])
        own = dsn._replace(netloc=dsn.netloc.replace(PUBLIC_KEY, key), path=f"/{project_id}").geturl()
        body = json.dumps({**json.loads(first), "dsn": own}).encode() + b"\n" + rest
    return client.request(request.method, target, headers=headers, content=body).status_code


def waiting_of(client: httpx.Client) -> int:
    """Items of all categories that lie in the spool."""
    accounts = client.get("/api/0/organizations/acme/accounting/?project=shop").json()
    return sum(account["waiting"] for account in accounts["categories"].values())


@pytest.fixture(scope="module")
def replayed() -> Iterator[Replayed]:

    with running_server() as server, httpx.Client(base_url=server.url, timeout=30) as client:
        key = server.setup["dsn"].split("//")[1].split("@")[0]
        statuses: dict[str, list[int]] = {}
        for case in CASES:
            statuses[case.id] = [send(client, request, key, server.setup["project_id"]) for request in case.requests]
        client.headers["Authorization"] = f"Bearer {server.setup['token']}"
        deadline = time.monotonic() + 60
        while waiting_of(client):
            assert time.monotonic() < deadline, server.log[-3000:]
            time.sleep(0.1)
        yield Replayed(server, statuses, client)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_was_recorded_is_taken_and_can_be_read(replayed: Replayed, case: Case) -> None:
    ingest = [
        status
        for status, request in zip(replayed.statuses[case.id], case.requests, strict=True)
        if any(part in request.path for part in INGEST)
    ]
    assert set(ingest) <= {200}, ingest
    unmatched = [read_event(json.dumps(stored).encode()) for stored in replayed.stored_events(case)]
    for expected in case.expect["events"]:
        if expected.get("kind") != "error" or "csp" in case.expect:
            continue
        facts = {name: wanted for name, wanted in expected.items() if name in CHECKS and name not in SCRUBBED}
        differences = [
            [name for name, wanted in facts.items() if not CHECKS[name](event, wanted)] for event in unmatched
        ]
        assert [] in differences, (expected, differences)
        found = unmatched.pop(differences.index([]))
        text = json.dumps(found.raw)
        assert [secret for secret in expected.get("absent", []) if secret in text] == []


def test_nothing_that_was_accepted_is_lost(replayed: Replayed) -> None:
    accounts = replayed.client.get("/api/0/organizations/acme/accounting/?project=shop").json()
    ends = ("stored", "duplicate", "filtered", "rate_limited", "invalid", "waiting")
    assert accounts["received"] == sum(accounts[end] for end in ends)
    assert accounts["invalid"] == accounts["waiting"] == 0
    assert "everything adds up" in replayed.server.manage("verify")
    assert "Traceback" not in replayed.server.log, replayed.server.log[-5000:]
