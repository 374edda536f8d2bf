"""Hostile requests as bytes on a connection, where more can be wrong with them than what they say."""

import random
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.ingest.endpoint_setup import Reply
from tests.ingest.hostility import Hostile, hostile_request, mutate

PATIENCE_SECONDS = 30.0
IMPATIENCE_SECONDS = 0.05
"""A server rightly waits for bytes that were declared and never come; then we hang up."""

MORE_HEADERS = (
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Content-Length: 3",
    b"Content-Length: -1",
    b"Content-Length: 1, 1",
    b"Content-Length: 18446744073709551617",
    b"Content-Length:",
    b"Expect: 100-continue",
    b"Expect: 999-nothing",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13",
    b"Upgrade: h2c\r\nHTTP2-Settings: x",
    b"Connection: keep-alive, upgrade, close",
    b"no colon",
    b" folded: line",
    b"X-Nul: a\x00b",
    b"X-Bare: a\rb",
    b"X-Latin: \xff\xfe",
    b": no name",
    b"X_Forwarded_For: 1.2.3.4",
    b"X-Forwarded-For: ${jndi:ldap://x}, \xff",
    b"Cookie: sessionid=" + b"x" * 5_000,
    b"Cookie: sessionid=\x01; csrftoken=\xff; =; ;;",
    b"Content-Type: multipart/form-data",
    b"Content-Type: multipart/form-data; boundary=" + b"x" * 900,
    b"Content-Type: application/x-www-form-urlencoded; charset=utf-7",
    b"Host: evil.example\r\nHost: other.example",
    b"Range: bytes=0-,-1",
    b"If-None-Match: " + b'"a",' * 2_000,
    b"Accept-Language: " + b"a," * 3_000,
    b"Origin: null\r\nReferer: \xff",
    b"X-" + b"n" * 9_000 + b": x",
    b"\r\n".join(b"X-%d: %d" % (number, number) for number in range(150)),
)
START_LINES = (
    b"POST http://evil.example/api/7/envelope/ HTTP/1.1",
    b"POST /api/7/envelope/ HTTP/1.0",
    b"POST /api/7/envelope/ HTTP/9.9",
    b"POST /api/7/envelope/",
    b"PRI * HTTP/2.0",
    b"OPTIONS * HTTP/1.1",
    b"CONNECT a.example:443 HTTP/1.1",
    b"GET //evil.example/%2e%2e HTTP/1.1",
    b"GET /static/../../etc/passwd HTTP/1.1",
    b"GET /static/%2e%2e/%2e%2e/manage.py HTTP/1.1",
    b"GET /%ff%00%ed%a0%80 HTTP/1.1",
    b"GET /o/%00/issues/?query=%00 HTTP/1.1",
    b"POST /accounts/login/ HTTP/1.1",
    b"GET /" + b"a/" * 5_000 + b" HTTP/1.1",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"",
)
CHUNKS = (
    b"ffffffffffffffff\r\n",
    b"-1\r\n",
    b"5;" + b"x" * 20_000 + b"\r\nhello\r\n0\r\n\r\n",
    b"0\r\nX-Trailer: a\r\n\r\n",
    b"0\r\n" + b"X-Trailer: a\r\n" * 3_000 + b"\r\n",
    b"2\r\n{}\r\nzz\r\n",
    b"2\r\n{}\n2\r\n",
)


@dataclass(frozen=True)
class Wire:
    """A server; `names` says what stands there for the keys, projects and tokens of hostile requests."""

    url: str
    names: Mapping[bytes, bytes]

    def ask(self, hostile: Hostile) -> Reply | None:
        """The answer on a connection of its own; None where the server hung up, as it may on what is not HTTP."""
        return self.send(on_the_wire(hostile), is_patient=hostile.length in (None, -1))

    def ask_seed(self, seed: int) -> Reply | None:
        """The hostile request of a seed; one in eight is wrong as HTTP, too."""
        dice = random.Random(-seed - 1)
        hostile = hostile_request(seed)
        if dice.random() < 0.875:
            return self.ask(hostile)
        return self.send(_broken(dice, on_the_wire(hostile)), is_patient=False, is_rude=dice.random() < 0.5)

    def send(self, raw: bytes, *, is_patient: bool, is_rude: bool = False) -> Reply | None:
        """Send and read what comes; who is rude resets the connection instead of closing it."""
        for name, ours in self.names.items():
            raw = raw.replace(name, ours)
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname, address.port or 80), PATIENCE_SECONDS) as connection:
            connection.settimeout(PATIENCE_SECONDS if is_patient else IMPATIENCE_SECONDS)
            with suppress(OSError):
                connection.sendall(raw)
            reply = _read_reply(connection)
            if is_rude:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return reply


def on_the_wire(hostile: Hostile) -> bytes:
    """The request as bytes."""
    target = hostile.path + ("?" + hostile.query if hostile.query else "")
    lines = [f"{hostile.method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.removeprefix('HTTP_').replace('_', '-')}: {value}" for name, value in hostile.headers.items()]
    if hostile.length == -1:
        lines.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hostile.body), hostile.body) if hostile.body else b"0\r\n\r\n"
    else:
        lines.append(f"Content-Length: {len(hostile.body) if hostile.length is None else hostile.length}")
        body = hostile.body
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


def _broken(dice: random.Random, raw: bytes) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    start, _, lines = head.partition(b"\r\n")
    match dice.randrange(7):
        case 0:
            return dice.randbytes(dice.randrange(1, 2_000))
        case 1:
            return raw[: dice.randrange(len(raw))]
        case 2:
            return mutate(dice, head) + b"\r\n\r\n" + body
        case 3:
            return dice.choice(START_LINES) + b"\r\n" + lines + b"\r\n\r\n" + body
        case 4:
            more = b"\r\n".join(dice.sample(MORE_HEADERS, dice.randint(1, 4)))
            return start + b"\r\n" + more + b"\r\n" + lines + b"\r\n\r\n" + body
        case 5:
            chunked = b"\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            return start + chunked + b"2\r\n{}\r\n" * dice.randrange(3) + dice.choice(CHUNKS)
        case _:
            kept = raw.replace(b"Connection: close", b"Connection: keep-alive")
            return kept * dice.randint(2, 20)


def _read_reply(connection: socket.socket) -> Reply | None:
    received = b""
    with suppress(OSError):
        while piece := connection.recv(65_536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if len(lines[0].split(" ")) < 2:
        return None
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return Reply(int(lines[0].split(" ")[1]), {name.title(): value for name, value in headers.items()}, body)
