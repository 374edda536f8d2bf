"""An ingest endpoint with real parts and a spool in memory, and what tests need to send requests to it."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from grouping.reader import decode_json
from ingest.encodings import decompress
from ingest.endpoint import Endpoint
from ingest.envelope import Envelope, parse_envelope
from ingest.receive.accept import Receiver
from ingest.receive.keys import KeyInfo, Keyring
from ingest.receive.windows import LocalWindows
from tests.ingest.memory_spool import MemorySpool
from tracker.outcomes.recording import OutcomeKey, Tally

KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
OTHER_KEY = "0ddba11c0ffee00c0ffee00c0ffee000"
DISABLED_KEY = "d15ab1edd15ab1edd15ab1edd15ab1ed"
EVENT_ID = "9ec79c33ec9942ab8353589fcb2e04dc"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


def pages(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("299 Pages", [])
    return [b"pages"]


@dataclass
class EndpointWorld:
    """Keys are known by a table instead of a database; everything behind that is what production runs."""

    keys: dict[str, KeyInfo] = field(
        default_factory=lambda: {
            KEY: KeyInfo(11, KEY, 7, True),
            OTHER_KEY: KeyInfo(12, OTHER_KEY, 8, True),
            DISABLED_KEY: KeyInfo(13, DISABLED_KEY, 7, False),
        }
    )
    spool: MemorySpool = field(default_factory=MemorySpool)
    tally: Tally = field(default_factory=Tally)
    wake_ups: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.receiver = Receiver(
            keyring=Keyring(self.keys.get),
            windows=LocalWindows(),
            spool=self.spool,
            wake_worker=lambda: self.wake_ups.append("wake-up"),
            count=self.tally.add,
        )
        self.endpoint = Endpoint(self.receiver, pages)

    def request(
        self, method: str, path: str, body: bytes = b"", query: str = "", *, length: int | None = None, **headers: Any
    ) -> Reply:
        """`length` is the declared Content-Length, by default the true one; -1 declares none."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            **headers,
        }
        if length != -1:
            environ["CONTENT_LENGTH"] = str(len(body) if length is None else length)
        replies: list[tuple[str, list[tuple[str, str]]]] = []
        content = b"".join(self.endpoint(environ, lambda status, headers, _=None: replies.append((status, headers))))  # type: ignore[arg-type]
        (status, answered), *_ = replies
        return Reply(int(status.split()[0]), dict(answered), content)

    def post(self, body: bytes, path: str = "/api/7/envelope/", query: str = "", **headers: Any) -> Reply:
        """POST with a good key, unless `headers` or `query` say otherwise."""
        if "HTTP_X_SENTRY_AUTH" not in headers and "sentry_key" not in query:
            headers["HTTP_X_SENTRY_AUTH"] = f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=test/1"
        return self.request("POST", path, body, query, **headers)

    def spooled(self) -> list[Envelope]:
        return [parse_envelope(decompress(entry.body, entry.encoding)) for entry in self.spool.entries.values()]

    def payloads(self) -> list[Any]:
        return [decode_json(bytes(item.payload)) for envelope in self.spooled() for item in envelope.items]

    def counts(self) -> dict[tuple[int, int, str, str, str], int]:
        """What the ingest endpoint has counted: (project, key, category, outcome, reason) → quantity."""
        counted: dict[tuple[int, int, str, str, str], int] = {}
        taken = self.tally.take()
        self.tally.add(taken.items())
        for key, quantity in taken.items():
            row = _without_minute(key)
            counted[row] = counted.get(row, 0) + quantity
        return counted


def _without_minute(key: OutcomeKey) -> tuple[int, int, str, str, str]:
    return key.project_id, key.key_id, key.category, str(key.outcome), key.reason


def envelope_of(*items: tuple[dict[str, Any], bytes], **header: Any) -> bytes:
    """The bytes of an envelope whose items declare their length."""
    lines = [orjson.dumps(header)]
    for item_header, payload in items:
        lines += [orjson.dumps(item_header | {"length": len(payload)}), payload]
    return b"\n".join(lines) + b"\n"


def event_envelope(event_id: str = EVENT_ID, **payload: Any) -> bytes:
    """An envelope with one good event."""
    content = orjson.dumps({"event_id": event_id, "message": "hello"} | payload)
    return envelope_of(({"type": "event"}, content), event_id=event_id)
