"""Envelopes through the ingest endpoint, and waiting until they are digested."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.db.models import Sum

from tracker.demo.envelopes import Envelope
from tracker.demo.organization import DemoError
from tracker.models import OutcomeCount, ProjectKey

CONNECTIONS = 4
TIMEOUT_SECONDS = 30.0
STALLS_SECONDS = 90.0
"""A digest that takes nothing for so long is not running."""
LOOK_SECONDS = 0.02
Sent = Counter[tuple[str, str, int]]
"""Items by project, category and hour since 1970."""


class Sender:
    """Sends to one server over connections that are kept."""

    def __init__(self, address: str, keys: Mapping[str, ProjectKey]) -> None:
        self._address = urlsplit(address)
        self._keys = keys
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(CONNECTIONS)
        self.sent: Sent = Counter()

    @property
    def events(self) -> int:
        """How many were sent."""
        return sum(quantity for (_, category, _), quantity in self.sent.items() if category == "error")

    def is_known(self, project: str) -> bool:
        """Does a server take an empty envelope? False where none responds, or one that has another database."""
        try:
            status, _ = self._post(Envelope(project, datetime.now(UTC), "error", {}, (), "sentry.demo/1"))
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def send(self, envelopes: Iterable[Envelope]) -> None:
        """Send, several at a time. Raises DemoError where one is refused."""
        for envelope in self._pool.map(self._send, envelopes):
            self._count(envelope)

    def close(self) -> None:
        self._pool.shutdown()

    def _count(self, envelope: Envelope) -> None:
        self.sent[envelope.project, envelope.category, int(envelope.at.timestamp()) // 3600] += len(envelope.items)

    def _send(self, envelope: Envelope) -> Envelope:
        try:
            status, body = self._post(envelope)
        except (OSError, http.client.HTTPException):
            # A connection that was kept may have been closed meanwhile; an event that comes twice counts once.
            self._local.connection.close()
            status, body = self._post(envelope)
        if status != 200:
            raise DemoError(f"The server answered {status} to an envelope: {body[:300].decode(errors='replace')}")
        return envelope

    def _post(self, envelope: Envelope) -> tuple[int, bytes]:
        key = self._keys[envelope.project]
        headers = {
            "Content-Type": "application/x-sentry-envelope",
            "User-Agent": envelope.sdk,
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={key.public_key}, sentry_client={envelope.sdk}",
        }
        connection = self._connection()
        path = f"{self._address.path}/api/{key.project_id}/envelope/"
        connection.request("POST", path, envelope.encode(key.public_key, datetime.now(UTC)), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _connection(self) -> http.client.HTTPConnection:
        """This thread's own."""
        if not hasattr(self._local, "connection"):
            is_https = self._address.scheme == "https"
            kind = http.client.HTTPSConnection if is_https else http.client.HTTPConnection
            self._local.connection = kind(self._address.hostname or "", self._address.port, timeout=TIMEOUT_SECONDS)
        connection: http.client.HTTPConnection = self._local.connection
        return connection

    def wait(self) -> None:
        """Until everything that was sent is digested. Raises DemoError where that does not go on."""
        wanted = self.sent.total()
        found, moved_at = -1, time.monotonic()
        while (now_found := self._digested()) < wanted:
            if now_found != found:
                found, moved_at = now_found, time.monotonic()
            if time.monotonic() - moved_at > STALLS_SECONDS:
                raise DemoError(f"{wanted - found:,} items wait to be digested, and no worker takes them.")
            time.sleep(LOOK_SECONDS)

    def _digested(self) -> int:
        projects = [key.project_id for key in self._keys.values()]
        counted = OutcomeCount.objects.filter(project__in=projects, outcome="received")
        return counted.aggregate(total=Sum("quantity"))["total"] or 0
