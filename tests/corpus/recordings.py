"""Requests that unmodified SDKs really sent, byte for byte, and what a server must make of them.

`recorded.tar.xz` holds `<sdk>-<version>/<case>.<NN>.http`: the request line, the headers and the body as sent, still
compressed; only chunked framing was taken off. `expected.jsonl.xz` holds one line a case. To replay a request, drop its
`Transfer-Encoding`, set `Content-Length`, and change `Host`, the project (`PROJECT_ID`) and the key (`PUBLIC_KEY`).
"""

import base64
import gzip
import json
import lzma
import tarfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import brotli
import zstandard

PUBLIC_KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
PROJECT_ID = 7

_HERE = Path(__file__).parent
_EVENT_ITEMS = ("event", "transaction", "feedback")


@dataclass(frozen=True)
class Item:
    """One item of an envelope."""

    headers: dict[str, Any]
    payload: bytes

    @property
    def type(self) -> str:
        return str(self.headers.get("type", ""))


@dataclass(frozen=True)
class Recording:
    """One request as it came over the wire."""

    name: str
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def parse(cls, name: str, raw: bytes) -> "Recording":
        head, _, body = raw.partition(b"\r\n\r\n")
        request_line, *header_lines = head.decode("latin-1").split("\r\n")
        method, target, _protocol = request_line.split(" ", 2)
        headers = [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in header_lines)]
        return cls(name, method, target, headers, body)

    def header(self, name: str) -> str:
        """The header's value, empty where it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def is_envelope(self) -> bool:
        return self.method == "POST" and self.path.rstrip("/").endswith("/envelope")

    @property
    def is_store(self) -> bool:
        return self.path.rstrip("/").endswith("/store")

    @cached_property
    def content(self) -> bytes:
        """The body without its content encoding."""
        return _decompress(self.body, self.header("Content-Encoding").lower())

    @cached_property
    def envelope(self) -> tuple[dict[str, Any], list[Item]]:
        """The envelope's header and items."""
        return split_envelope(self.content)

    def event_payloads(self) -> list[bytes]:
        """The JSON of every event, transaction and feedback in the request."""
        if self.is_store:
            return [self._store_payload()]
        if self.is_envelope:
            return [item.payload for item in self.envelope[1] if item.type in _EVENT_ITEMS]
        return []

    def _store_payload(self) -> bytes:
        content = self.query["sentry_data"].encode() if self.method == "GET" else self.content
        if content.lstrip().startswith((b"{", b"[")):
            return content
        # The Raven clients sent base64 of zlib and said nothing about it.
        return zlib.decompress(content if content.startswith(b"x") else base64.b64decode(content))


@dataclass(frozen=True)
class Case:
    """What one program did with one SDK: the requests it led to, and what must come of them."""

    sdk: str
    version: str
    directory: str
    name: str
    protocol: str
    live: bool
    """False where the recording is no answer-independent traffic, such as what a tool does after a 404."""
    expect: Mapping[str, Any]
    observed: Mapping[str, Any]
    requests: list[Recording] = field(repr=False)

    @property
    def id(self) -> str:
        return f"{self.directory}/{self.name}"

    def event_payloads(self) -> list[bytes]:
        """The events of all requests, in the order in which they came."""
        return [payload for request in self.requests for payload in request.event_payloads()]


def iter_cases(protocol: str = "sentry") -> Iterator[Case]:
    """Every recorded case of a protocol (`sentry`, `rollbar`, `bugsnag`, `airbrake`, `honeybadger`, `otlp`)."""
    recordings = _recordings_by_case()
    for line in lzma.decompress((_HERE / "expected.jsonl.xz").read_bytes()).splitlines():
        case = json.loads(line)
        if case["protocol"] != protocol:
            continue
        yield Case(
            sdk=case["sdk"],
            version=case["version"],
            directory=case["dir"],
            name=case["case"],
            protocol=protocol,
            live=case["live"],
            expect=case["expect"],
            observed=case["observed"],
            requests=recordings[case["dir"], case["case"]],
        )


def split_envelope(content: bytes) -> tuple[dict[str, Any], list[Item]]:
    """The header and items of a well-formed envelope; an item without `length` ends at the line's end."""
    header_line, _, rest = content.partition(b"\n")
    items: list[Item] = []
    while rest.strip():
        item_line, _, rest = rest.partition(b"\n")
        if not item_line.strip():
            continue
        headers = json.loads(item_line)
        length = headers.get("length")
        if length is None:
            payload, _, rest = rest.partition(b"\n")
        else:
            payload, rest = rest[:length], rest[length:].removeprefix(b"\n")
        items.append(Item(headers, payload))
    return json.loads(header_line), items


@lru_cache(maxsize=1)
def _recordings_by_case() -> dict[tuple[str, str], list[Recording]]:
    found: dict[tuple[str, str], list[Recording]] = defaultdict(list)
    with tarfile.open(_HERE / "recorded.tar.xz") as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            content = archive.extractfile(member) if member.isfile() else None
            if content is None or not member.name.endswith(".http"):
                continue
            directory, file_name = member.name.split("/")[-2:]
            case_name = file_name.rsplit(".", 2)[0]
            found[directory, case_name].append(Recording.parse(f"{directory}/{file_name}", content.read()))
    return found


def _decompress(body: bytes, encoding: str) -> bytes:
    if encoding in ("gzip", "x-gzip"):
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    if encoding == "br":
        return bytes(brotli.decompress(body))
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return body
