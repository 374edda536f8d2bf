"""Requests that wish the door ill: good ones with a few things wrong, made from a random seed."""

import base64
import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import brotli
import orjson
import zstandard

from tests.ingest.door_world import EVENT_ID, KEY, OTHER_KEY, envelope_of

EVENT = orjson.dumps(
    {
        "event_id": EVENT_ID,
        "platform": "python",
        "timestamp": "2026-01-01T00:00:00Z",
        "exception": {
            "values": [{"type": "ValueError", "value": "bad \u00e9", "stacktrace": {"frames": [{"lineno": 1}]}}]
        },
        "breadcrumbs": {"values": [{"message": "SELECT 1", "timestamp": 1.5}]},
        "tags": [["a", "b"]],
        "extra": {"n": 12, "deep": [[[{"x": None}]]]},
    }
)
REPORT = b'{"csp-report":{"document-uri":"https://a.example/","effective-directive":"img-src","blocked-uri":"data"}}'
REPORTS = (
    b'[{"type":"csp-violation","age":10,"url":"https://a.example/","user_agent":"x","body":{"effectiveDirective":"img-src"'
    b',"blockedURL":"inline"}},{"type":"deprecation","body":{}},{"type":"network-error","body":{"phase":"dns"}}]'
)
ENVELOPES = (
    envelope_of(({"type": "event"}, EVENT), event_id=EVENT_ID),
    b'{"event_id":"%s","dsn":"https://%s@a.example/7"}\n{"type":"event"}\n%s'
    % (EVENT_ID.encode(), KEY.encode(), EVENT),
    envelope_of(
        ({"type": "profile"}, b'{"a":1}'),
        ({"type": "transaction"}, EVENT),
        ({"type": "attachment", "filename": "a.txt"}, b"\x00\n\xff" * 20),
        ({"type": "client_report"}, b'{"discarded_events":[{"reason":"x","category":"error","quantity":3}]}'),
    ),
    envelope_of(({"type": "log", "item_count": 2}, b'{"items":[{},{}]}'), ({"type": "unheard of"}, b"x"), sent_at="x"),
    b'{}\n{"type":"session"}\n{"started":"2026-01-01"}\n{"type":"event"}\n{}\n\n',
    b"{}",
)
TOKENS = (
    b"\n",
    b"\r\n",
    b"\x00",
    b"\\u0000",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"1" + b"0" * 400,
    b"-0",
    b"[" * 2000,
    b'{"a":' * 1500,
    b"]" * 50,
    b"}",
    b'"',
    b"\\",
    b'"event_id":7,',
    b'"event_id":"' + b"0" * 32 + b'",',
    b'"length":-1',
    b'"length":18446744073709551616',
    b'"type":"event","type":"session"',
    b'{"type":"event"}\n',
    b"{}\n" * 100,
    b'{"dsn":null}',
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"x" * 20_000,
)
GOOD_PATHS = (
    "/api/7/envelope/",
    "/x/y/api/7/envelope",
    "/api/7/store/",
    "/api/store/",
    "/api/7/security/",
    "/api/7/csp-report",
    "/api/7/nel/",
)
WRONG_PATHS = (
    "/api/8/envelope/",
    "/api/07/store/",
    "/api/7//envelope/",
    "/api/7/envelope/../store/",
    "/api/7/minidump",
    "/api/7/cron/a/b/",
    "/api/" + "7" * 60 + "/envelope/",
    "/api/7/envelope\x00/",
    "/api/-1/envelope/",
    "/api/7.0/envelope/",
    "/api/7/",
    "/api/%37/envelope/",
    "/api/\u00b2/envelope/",
)
METHODS = ("POST",) * 30 + ("GET", "OPTIONS", "PUT", "HEAD", "\u00dcBEL")
AUTHS = (
    f"Sentry sentry_key={KEY}, sentry_version=7",
    f"Sentry sentry_key={OTHER_KEY}",
    "Sentry sentry_key=",
    "Sentry",
    "\xff" * 50,
    "sentry_key=" * 2000,
    f"Sentry sentry_key={KEY}\x00",
    "Sentry sentry_key=" + "f" * 32,
    "Sentry sentry_key=${jndi:ldap}",
)
QUERIES = (
    f"sentry_key={KEY}",
    f"sentry_key={OTHER_KEY}",
    "sentry_key",
    "&" * 500,
    "a=b&" * 500,
    "sentry_key=%ff%00",
    "sentry_key[]=1",
    f"sentry_key={KEY}&sentry_data=%7B%7D",
    f"sentry_key={KEY}&sentry_environment=%00%ff&sentry_release=" + "r" * 5000,
)
ENCODING_NAMES = ("gzip", "deflate", "br", "zstd", "identity", "gzip, gzip", "compress", "\xff", "GZIP", "x" * 5000)
ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 1),
    "deflate": zlib.compress,
    "br": lambda body: bytes(brotli.compress(body, quality=1)),
    "zstd": lambda body: zstandard.ZstdCompressor(level=1).compress(body),
}


@dataclass
class Hostile:
    """One request; `length` is the declared Content-Length, -1 for none, None for the true one."""

    method: str
    path: str
    query: str
    body: bytes
    length: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


def hostile_request(seed: int) -> Hostile:
    """The same request for the same seed, on every machine."""
    dice = random.Random(seed)
    path = dice.choice(GOOD_PATHS if dice.random() < 0.95 else WRONG_PATHS)
    body = mutate(dice, dice.choice(ENVELOPES) if "envelope" in path else _other_body(dice, path))
    headers = {"HTTP_X_SENTRY_AUTH": AUTHS[0] if dice.random() < 0.85 else dice.choice(AUTHS)}
    if dice.random() < 0.05:
        headers["HTTP_AUTHORIZATION"] = dice.choice(AUTHS)
    if dice.random() < 0.4:
        name = dice.choice(list(ENCODE))
        body = ENCODE[name](body)
        headers["HTTP_CONTENT_ENCODING"] = name
        if dice.random() < 0.3:
            body = mutate(dice, body)
    if dice.random() < 0.05:
        headers["HTTP_CONTENT_ENCODING"] = dice.choice(ENCODING_NAMES)
    length = dice.choice([-1, 0, 1, len(body) + 5, max(0, len(body) - 5), 10**12]) if dice.random() < 0.08 else None
    query = dice.choice(QUERIES) if dice.random() < 0.1 else ""
    return Hostile(dice.choice(METHODS), path, query, body, length, headers)


def _other_body(dice: random.Random, path: str) -> bytes:
    if "store" in path:
        return dice.choice([EVENT, base64.b64encode(zlib.compress(EVENT)), zlib.compress(EVENT)])
    return dice.choice([REPORT, REPORTS, EVENT])


def mutate(dice: random.Random, body: bytes) -> bytes:
    """The bytes with nought to four things wrong."""
    changed = bytearray(body)
    for _ in range(dice.choice([0, 1, 1, 1, 2, 4])):
        at = dice.randrange(len(changed) + 1)
        to = min(len(changed), at + dice.choice([1, 1, 2, 10, 100]))
        dice.choice([_cut, _drop, _insert, _flip, _repeat, _replace])(dice, changed, at, to)
    return bytes(changed)


def _cut(dice: random.Random, body: bytearray, at: int, to: int) -> None:
    del body[at:]


def _drop(dice: random.Random, body: bytearray, at: int, to: int) -> None:
    del body[at:to]


def _insert(dice: random.Random, body: bytearray, at: int, to: int) -> None:
    body[at:at] = dice.choice(TOKENS)


def _flip(dice: random.Random, body: bytearray, at: int, to: int) -> None:
    for place in range(at, to):
        body[place] ^= 1 << dice.randrange(8)


def _repeat(dice: random.Random, body: bytearray, at: int, to: int) -> None:
    body[at:at] = bytes(body[at:to]) * dice.choice([1, 3, 50])


def _replace(dice: random.Random, body: bytearray, at: int, to: int) -> None:
    body[at:to] = dice.choice(TOKENS)
