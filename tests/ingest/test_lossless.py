"""What was answered with 200 is stored exactly once, whatever is killed when."""

import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.running import Running, running_server
from tests.servers import RealRedis

pytestmark = pytest.mark.slow

SENDERS = 6
LOAD_SECONDS = 3.0

COUNT = """
import json, time
from collections import Counter
from django.db.models import Sum
from ingest.spool import open_spool
from tracker.models import Event, OutcomeCount, SetAside
spool = open_spool()
deadline = time.monotonic() + 25
while spool.size() and time.monotonic() < deadline:
    time.sleep(0.05)
ids = Counter(bytes(event_id).hex() for event_id in Event.objects.values_list("event_id", flat=True))
outcomes = dict(OutcomeCount.objects.filter(category="error").values_list("outcome").annotate(Sum("quantity")))
print(json.dumps({"waiting": spool.size(), "ids": ids, "outcomes": outcomes, "set_aside": SetAside.objects.count()}))
"""


@dataclass
class Load:
    """Senders that go on until they are told to stop; `accepted` are the ids that were answered with 200."""

    server: Running
    sent: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _send(self) -> None:
        dsn = urlsplit(self.server.setup["dsn"])
        path = f"/api{dsn.path}/envelope/?sentry_key={dsn.username}"
        connection = http.client.HTTPConnection(dsn.hostname or "", dsn.port or 80, timeout=10)
        while not self._over.is_set():
            event_id = uuid.uuid4().hex
            event = {"event_id": event_id, "message": f"order {random.randrange(10)} failed", "platform": "python"}
            body = f'{{"event_id":"{event_id}"}}\n{{"type":"event"}}\n{json.dumps(event)}\n'
            self.sent.add(event_id)
            try:
                connection.request("POST", path, body)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.accepted.add(event_id)
                else:
                    time.sleep(0.02)
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.02)


def check_nothing_lost(server: Running, load: Load) -> None:
    """Every accepted event is stored once, and the outcomes' sum balances."""
    found = json.loads(server.manage("shell", "--no-imports", "-c", COUNT))
    stored = set(found["ids"])
    assert len(load.accepted) > 50
    assert found["waiting"] == 0
    assert load.accepted - stored == set()
    assert stored - load.sent == set()
    assert set(found["ids"].values()) == {1}
    assert found["set_aside"] == 0
    outcomes = found["outcomes"]
    assert outcomes["stored"] == len(stored)
    assert outcomes["received"] == outcomes["stored"] + outcomes.get("rate_limited", 0)
    assert set(outcomes) <= {"received", "stored", "rate_limited"}


def kill(server: Running, name: str) -> None:
    """`kill -9` a child of `serve`, as soon as it is there (again)."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((server.data_dir / "run" / f"{name}.pid").read_text()), signal.SIGKILL)
            return
        time.sleep(0.05)
    raise AssertionError(f"{name} did not come back")


def at_random_times(act: Callable[[], None], times: int) -> None:
    for _ in range(times):
        time.sleep(random.uniform(0.3, LOAD_SECONDS / times))
        act()


@pytest.fixture
def server() -> Iterator[Running]:
    with running_server({"SPOOL_RECLAIM_SECONDS": "2", "DIGEST_BATCH": "50"}) as running:
        yield running


def test_nothing_is_lost_or_doubled_when_the_worker_is_killed(server: Running) -> None:
    with Load(server) as load:
        at_random_times(lambda: kill(server, "worker-1"), times=4)
    check_nothing_lost(server, load)


def test_nothing_is_lost_or_doubled_when_the_web_server_is_killed(server: Running) -> None:
    with Load(server) as load:
        at_random_times(lambda: kill(server, "web"), times=2)
    check_nothing_lost(server, load)


def test_nothing_is_lost_when_everything_stops_under_load_and_starts_again(server: Running) -> None:
    with Load(server) as load:
        time.sleep(LOAD_SECONDS / 2)
        assert server.stop() == 0
    server.start()
    check_nothing_lost(server, load)


def test_nothing_is_lost_when_everything_is_killed_under_load(server: Running) -> None:
    with Load(server) as load:
        time.sleep(LOAD_SECONDS / 2)
        for name in ("web", "worker-1"):
            kill(server, name)
        server.process.kill()
        server.process.wait()
    server.start()
    check_nothing_lost(server, load)


def test_nothing_is_lost_or_doubled_when_redis_is_killed(tmp_path: Path) -> None:
    redis = RealRedis(tmp_path / "redis")
    redis.start()

    def kill_redis() -> None:
        redis.kill()
        time.sleep(0.3)
        redis.start()

    try:
        with running_server({"REDIS_URL": redis.url, "SPOOL_RECLAIM_SECONDS": "2", "DIGEST_BATCH": "50"}) as server:
            with Load(server) as load:
                at_random_times(kill_redis, times=2)
                time.sleep(1)
            check_nothing_lost(server, load)
    finally:
        redis.stop()
