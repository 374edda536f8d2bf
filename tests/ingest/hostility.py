"""Requests that wish the ingest endpoint ill: good ones with a few things wrong, made from a random seed."""

import base64
import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import brotli
import orjson
import zstandard

from tests.ingest.endpoint_setup import EVENT_ID, KEY, OTHER_KEY, envelope_of
from tests.ingest.odd_payloads import CLIENT_REPORT, PATHS, SESSION, SESSIONS, odd_json
from tests.ingest.odd_payloads import EVENT as RICH_EVENT

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
MINIDUMP = (
    b'--b\r\nContent-Disposition: form-data; name="upload_file_minidump"; filename="../../a.dmp"\r\n\r\nMDMP\x93\xa7'
    b'\r\n--b\r\nContent-Disposition: form-data; name="sentry"\r\n\r\n{"a":1}\r\n--b--\r\n'
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
    *("/api/7/envelope/",) * 4,
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
    "/api/7/minidump/",
    f"/api/7/unreal/{KEY}/",
    f"/api/7/events/{EVENT_ID}/attachments/",
    "/api/7/cron/a/b/",
    f"/api/7/cron/../../../etc/passwd/{KEY}/",
    "/api/7/integration/otlp/v1/traces/",
    "/api/7/otlp/v1/logs",
    "/api/0/envelope/",
    "/api/7/store/../../0/organizations/",
    "/api/9223372036854775808/store/",
    "/api/7;a=b/envelope/",
    "/api/7/envelope/%2e%2e/%2e%2e/etc/passwd",
    "/api/7%2f..%2f8/envelope/",
    "/api/8/store/",
    "/api/" + "7" * 60 + "/envelope/",
    "/api/7/envelope\x00/",
    "/api/-1/envelope/",
    "/api/7.0/envelope/",
    "/api/7/",
    "/api/%37/envelope/",
    "/api/\u00b2/envelope/",
)
TOKEN = "a-token-of-the-api"
API_PATHS = (
    "organizations/{org}/",
    "organizations/{org}/issues/",
    "organizations/{org}/releases/",
    "organizations/{org}/releases/{odd}/commits/",
    "organizations/{org}/releases/{odd}/deploys/",
    "organizations/{org}/releases/{odd}/",
    "organizations/{org}/accounting/",
    "organizations/{org}/eventids/{odd}/",
    "organizations/{org}/chunk-upload/",
    "projects/{org}/{project}/issues/",
    "projects/{org}/{project}/events/{odd}/",
    "projects/{org}/{project}/releases/",
    "projects/{org}/{project}/files/dsyms/",
    "issues/{odd}/",
    "issues/{odd}/events/latest/",
    "issues/{odd}/tags/{odd}/values/",
    "issues/{odd}/comments/",
    "{odd}",
)
API_NAMES = {"org": ["acme"] * 30, "project": ["shop"] * 30, "odd": ["1", "2", "3", "shop@1", "SHOP-1", EVENT_ID]}
API_ODD = (
    "%00",
    "%ff",
    "%ed%a0%80",
    "..",
    "%2e%2e%2fetc",
    "9" * 30,
    "-1",
    "a" * 900,
    "%0a",
    "'",
    "%25",
    "\u00e9",
    "None",
)
API_QUERIES = (
    "query=%00",
    "query=is:unresolved+" + "a:b+" * 200,
    "query=" + "(" * 500,
    "query=timesSeen:>1e400",
    "query=firstSeen:-99999999999d",
    "query=%ff&cursor=%00",
    "cursor=0:-1:0",
    "cursor=9999999999999999999:0:0",
    "limit=-1",
    "limit=99999999999999999999",
    "statsPeriod=99999999d&sort=%00",
    "start=9999-99-99&end=0000-00-00",
    "project=-1&project=%00&environment=%00",
    "per_page=NaN&sort=date&full=1",
    "id=1&id=99999999999999999999&status=resolved",
)
API_BODY = {
    "version": "shop@1",
    "projects": ["shop"],
    "ref": "main",
    "url": "https://a.example/",
    "dateReleased": "2026-01-01T00:00:00Z",
    "commits": [{"id": "a" * 40, "message": "Fixes SHOP-1", "author_name": "A", "timestamp": "2026-01-01T00:00:00Z"}],
    "refs": [{"repository": "a", "commit": "a" * 40}],
    "environment": "production",
    "dateStarted": "2026-01-01T00:00:00Z",
    "status": "resolved",
    "statusDetails": {"inRelease": "shop@1", "ignoreCount": 3},
    "assignedTo": "owner@example.com",
    "text": "hello",
}
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
    """The same request for the same seed, on every machine; no two seeds bring the same event id."""
    dice = random.Random(seed)
    path = _path(dice)
    if path.startswith("/api/0/"):
        return _api_request(dice, path)
    body = _body(dice, path).replace(EVENT_ID.encode(), b"%032x" % dice.getrandbits(128))
    headers = {"HTTP_X_SENTRY_AUTH": AUTHS[0] if dice.random() < 0.85 else dice.choice(AUTHS)}
    if dice.random() < 0.05:
        headers["HTTP_AUTHORIZATION"] = dice.choice(AUTHS)
    if "minidump" in path:
        headers["CONTENT_TYPE"] = "multipart/form-data; boundary=b"
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


def _path(dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.85:
        return dice.choice(GOOD_PATHS)
    if kind < 0.96:
        return dice.choice(WRONG_PATHS)
    return "/api/0/" + dice.choice(API_PATHS).format(
        **{name: dice.choice([*values, *API_ODD]) for name, values in API_NAMES.items()}
    )


def _body(dice: random.Random, path: str) -> bytes:
    kind = dice.random()
    if kind < 0.02:
        return dice.randbytes(dice.randrange(3_000))
    if "store" in path:
        event = odd_json(dice, RICH_EVENT, dice.randrange(4)) if kind < 0.5 else EVENT
        return (
            event
            if kind < 0.3
            else mutate(dice, dice.choice([event, base64.b64encode(zlib.compress(event)), zlib.compress(event)]))
        )
    if "envelope" in path and kind < 0.5:
        return _odd_envelope(dice)
    if "envelope" in path:
        return mutate(dice, dice.choice(ENVELOPES))
    return mutate(dice, dice.choice([REPORT, REPORTS, EVENT, MINIDUMP]))


def _odd_envelope(dice: random.Random) -> bytes:
    """Well-formed, so that its nonsense passes the ingest endpoint."""
    attachment = {"type": "attachment", "filename": dice.choice(PATHS), "attachment_type": dice.choice(PATHS)}
    items = [
        ({"type": "event"}, odd_json(dice, RICH_EVENT | {"event_id": EVENT_ID}, dice.randrange(6))),
        (attachment, dice.randbytes(20)),
        ({"type": "session"}, odd_json(dice, SESSION, dice.randrange(3))),
        ({"type": "sessions"}, odd_json(dice, SESSIONS, dice.randrange(3))),
        ({"type": "client_report"}, odd_json(dice, CLIENT_REPORT, dice.randrange(3))),
        ({"type": dice.choice(["feedback", "user_report", "check_in", "statsd", *PATHS])}, b"{}"),
    ]
    return envelope_of(*dice.sample(items, dice.randint(1, len(items))), event_id=EVENT_ID)


def _api_request(dice: random.Random, path: str) -> Hostile:
    """A program with a token, or a machine that takes its DSN's key for one."""
    authorization = dice.choice([f"Bearer {TOKEN}"] * 6 + [f"DSN http://{KEY}@a.example/7", *AUTHS])
    headers = {"HTTP_AUTHORIZATION": authorization, "CONTENT_TYPE": dice.choice(["application/json"] * 5 + ["x", ""])}
    body = b""
    method = dice.choice(["GET", "GET", "POST", "PUT", "OPTIONS"])
    if method in ("POST", "PUT"):
        body = odd_json(dice, API_BODY, dice.randrange(1, 4))
        body = mutate(dice, body) if dice.random() < 0.3 else body
    query = dice.choice(API_QUERIES) if dice.random() < 0.5 else ""
    return Hostile(method, path, query, body, None, headers)


def mutate(dice: random.Random, body: bytes) -> bytes:
    """The bytes with 0 to four things wrong."""
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
