"""Senders that go on whatever happens, and what must be true of a server when they are done."""

import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.running import Running

SENDERS = 6
PAUSE_SECONDS = 0.02
COUNT = """
import json, time
from collections import Counter
from django.db.models import Sum
from tracker.spool import open_spool
from tracker.models import Event, OutcomeCount, DeadLetter
spool = open_spool()
deadline = time.monotonic() + 25
while spool.size() and time.monotonic() < deadline:
    time.sleep(0.05)
ids = Counter(bytes(event_id).hex() for event_id in Event.objects.values_list("event_id", flat=True))
outcomes = dict(OutcomeCount.objects.filter(category="error").values_list("outcome").annotate(Sum("quantity")))
dead_letters = DeadLetter.objects.count()
print(json.dumps({"waiting": spool.size(), "ids": ids, "outcomes": outcomes, "dead_letters": dead_letters}))
"""


@dataclass
class Load:
    """Senders that go on until they are told to stop; `accepted` are the ids that were answered with 200.

    With `is_stubborn`, what was not answered with 200 is sent again, as SDKs with a store of their own do it.
    """

    server: Running
    is_stubborn: bool = False
    pause_seconds: float = 0.0
    """Between two events of a sender."""
    sent: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    """Of the responses since it was last cleared."""
    rude: Counter[int] = field(default_factory=Counter)
    """Refusals that did not say when to come again, by status."""
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._send_on) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for(self, status: int, count: int = 20, seconds: float = 20) -> None:
        """Wait for so many responses of a status from now on."""
        self.statuses.clear()
        deadline = time.monotonic() + seconds
        while self.statuses[status] < count:
            assert time.monotonic() < deadline, f"{dict(self.statuses)}\n{self.server.log[-3000:]}"
            time.sleep(PAUSE_SECONDS)

    def _send_on(self) -> None:
        dsn = urlsplit(self.server.setup["dsn"])
        connection = http.client.HTTPConnection(dsn.hostname or "", dsn.port or 80, timeout=10)
        while not self._over.is_set():
            event_id = uuid.uuid4().hex
            self.sent.add(event_id)
            while not self._send(connection, event_id) and not self._over.wait(PAUSE_SECONDS) and self.is_stubborn:
                pass
            self._over.wait(self.pause_seconds)
        connection.close()

    def _send(self, connection: http.client.HTTPConnection, event_id: str) -> bool:
        dsn = urlsplit(self.server.setup["dsn"])
        event = {"event_id": event_id, "message": f"order {random.randrange(10)} failed", "platform": "python"}
        body = f'{{"event_id":"{event_id}"}}\n{{"type":"event"}}\n{json.dumps(event)}\n'
        try:
            connection.request("POST", f"/api{dsn.path}/envelope/?sentry_key={dsn.username}", body)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return False
        self.statuses[answer.status] += 1
        if answer.status == 200:
            self.accepted.add(event_id)
        elif answer.getheader("Retry-After") is None:
            self.rude[answer.status] += 1
        return answer.status == 200


def check_nothing_lost(server: Running, load: Load) -> None:
    """Every accepted event is stored once, every refusal was polite, and all sums balance."""
    found = json.loads(server.manage("shell", "--no-imports", "-c", COUNT))
    stored = set(found["ids"])
    assert len(load.accepted) > 50
    assert found["waiting"] == 0
    assert load.accepted - stored == set()
    assert stored - load.sent == set()
    assert set(found["ids"].values()) == {1}
    assert found["dead_letters"] == 0
    assert load.rude == Counter()
    outcomes = found["outcomes"]
    assert outcomes["stored"] == len(stored)
    assert outcomes["received"] == sum(outcomes.values()) - outcomes["received"]
    assert set(outcomes) <= {"received", "stored", "rate_limited", "duplicate"}
    assert load.is_stubborn or "duplicate" not in outcomes
    assert "everything adds up" in server.manage("verify")


def kill(server: Running, name: str) -> None:
    """`kill -9` a child of `serve`, as soon as it is there (again)."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((server.data_dir / "run" / f"{name}.pid").read_text()), signal.SIGKILL)
            return
        time.sleep(0.05)
    raise AssertionError(f"{name} did not come back")


def at_random_times(act: Callable[[], None], times: int, seconds: float) -> None:
    """Act so many times within so many seconds."""
    for _ in range(times):
        time.sleep(random.uniform(0.3, seconds / times))
        act()
