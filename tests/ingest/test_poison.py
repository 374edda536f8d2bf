"""One event that hangs every worker: it ends as one dead letter, and all others are stored once, within seconds."""

import json
import os
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from tests.ingest.hanging import HANGS, TAKES_LONG
from tests.running import Running, running_server

pytestmark = pytest.mark.slow

ON_SERVERS = os.environ.get("STACKTALE_PROFILE") == "servers"
STATE = """
import json
from django.db.models import Sum
from tracker.spool import open_spool
from tracker.models import Event, OutcomeCount, DeadLetter
print(json.dumps({
    "titles": list(Event.objects.values_list("issue__title", flat=True)),
    "waiting": open_spool().size(),
    "dead": list(DeadLetter.objects.values_list("error", flat=True)),
    "outcomes": dict(OutcomeCount.objects.filter(category="error").values_list("outcome").annotate(Sum("quantity"))),
}))
"""


@pytest.fixture
def server() -> Iterator[Running]:
    extra = {
        "DJANGO_SETTINGS_MODULE": "tests.ingest.hanging_settings",
        "DIGEST_HARD_SECONDS": "1",
        "SPOOL_RECLAIM_SECONDS": "2",
    }
    with running_server(extra, arguments=("--workers", "2") if ON_SERVERS else ()) as running:
        yield running


def send(server: Running, *messages: str) -> None:
    dsn = urlsplit(server.setup["dsn"])
    for message in messages:
        event = json.dumps({"event_id": uuid.uuid4().hex, "message": message, "platform": "python"})
        address = f"{server.url}/api{dsn.path}/envelope/?sentry_key={dsn.username}"
        with urllib.request.urlopen(address, f'{{}}\n{{"type":"event"}}\n{event}\n'.encode(), timeout=10) as answer:
            assert answer.status == 200


@contextmanager
def workers_asleep(server: Running) -> Iterator[None]:
    """What is sent meanwhile comes to a worker as one batch."""
    pids = [int(path.read_text()) for path in (server.data_dir / "run").glob("worker-*.pid")]
    workers = [psutil.Process(pid) for pid in pids]
    for worker in workers:
        worker.suspend()
    try:
        yield
    finally:
        for worker in workers:
            worker.resume()


def wait_for(server: Running, what: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not what(state := json.loads(server.manage("shell", "--no-imports", "-c", STATE))):
        assert time.monotonic() < deadline, f"{state}\n{server.log[-3000:]}"
        time.sleep(0.1)
    return dict(state)


def test_an_event_that_hangs_every_worker_ends_as_one_dead_letter_and_stops_no_other(server: Running) -> None:
    with workers_asleep(server):
        send(server, "before one", "before two", HANGS, "behind one", "behind two")
    send(server, "later one")
    server.wait_for_issues(5)
    state = wait_for(server, lambda state: bool(state["dead"]) and not state["waiting"])
    send(server, "later two")
    state = wait_for(server, lambda state: len(state["titles"]) == 6)
    titles = ["before one", "before two", "behind one", "behind two", "later one", "later two"]
    assert sorted(state["titles"]) == titles
    (error,) = state["dead"]
    assert "processor time" in error and "hanging_settings.py" in error
    assert state["outcomes"] == {"received": 7, "stored": 6, "invalid": 1}
    assert "everything adds up" in server.manage("verify")


def test_an_event_that_takes_longer_than_a_claim_lasts_comes_to_an_end_and_stops_no_other(server: Running) -> None:
    with workers_asleep(server):
        send(server, "before", TAKES_LONG, "behind")
    server.wait_for_issues(2)
    state = wait_for(server, lambda state: not state["waiting"])
    assert sorted({"before", "behind", TAKES_LONG} - set(state["titles"])) == [TAKES_LONG] * len(state["dead"])
    assert len(state["titles"]) + len(state["dead"]) == 3
    assert state["outcomes"]["received"] == 3
    assert "everything adds up" in server.manage("verify")
