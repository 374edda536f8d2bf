"""Knock at the machines' door with hundreds of thousands of hostile requests.

    python -m tests.bench.hostile --n 200000                            in this process, with a spool in memory
    python -m tests.bench.hostile --n 20000 --url http://127.0.0.1:8000 --key KEY --project 1    at a running server

Checks that no answer is a 5xx but 503, that every refusal has its reason, and that a good event is taken after every
hundred. Prints one JSON line: answers by status, the slowest requests, the process's peak of memory; leaves with 1
where a check failed. Every request is named by its seed, so that a failure can be repeated by `--first SEED --n 1`.
"""

import argparse
import json
import os
import resource
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from heapq import nlargest
from urllib.parse import urlsplit

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")
django.setup()

from tests.ingest.door_world import EVENT_ID, KEY, DoorWorld, Reply, event_envelope  # noqa: E402
from tests.ingest.hostility import Hostile, hostile_request  # noqa: E402

GOOD = Hostile(
    "POST", "/api/7/envelope/", "", event_envelope(), headers={"HTTP_X_SENTRY_AUTH": f"Sentry sentry_key={KEY}"}
)
_TIMEOUT_SECONDS = 20.0
_LIE_TIMEOUT_SECONDS = 0.05
"""A server rightly waits for bytes that were declared and never come; then we hang up."""


def in_process() -> Callable[[Hostile], Reply | None]:
    """Asks a door in this process; its spool is emptied now and then."""
    world = DoorWorld()

    def ask(hostile: Hostile) -> Reply | None:
        if world.spool.size() > 50:
            world.spool.ack(list(world.spool.entries))
        return world.request(
            hostile.method, hostile.path, hostile.body, hostile.query, length=hostile.length, **hostile.headers
        )

    return ask


def over_the_wire(url: str, key: str, project: str) -> Callable[[Hostile], Reply | None]:
    """Asks a server, one connection a request; None where the server hung up, as it may on what is not HTTP."""
    address = urlsplit(url)

    def ask(hostile: Hostile) -> Reply | None:
        raw = _on_the_wire(hostile).replace(KEY.encode(), key.encode())
        raw = raw.replace(b"/api/7/", f"/api/{project}/".encode())
        with socket.create_connection((address.hostname, address.port or 80), _TIMEOUT_SECONDS) as connection:
            connection.settimeout(_TIMEOUT_SECONDS if hostile.length in (None, -1) else _LIE_TIMEOUT_SECONDS)
            with suppress(OSError):
                connection.sendall(raw)
            return _read_reply(connection)

    return ask


def _on_the_wire(hostile: Hostile) -> bytes:
    target = hostile.path + ("?" + hostile.query if hostile.query else "")
    lines = [f"{hostile.method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name[5:].replace('_', '-')}: {value}" for name, value in hostile.headers.items()]
    if hostile.length == -1:
        lines.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hostile.body), hostile.body) if hostile.body else b"0\r\n\r\n"
    else:
        lines.append(f"Content-Length: {len(hostile.body) if hostile.length is None else hostile.length}")
        body = hostile.body
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


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


def complaint(reply: Reply | None) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if reply is None:
        return ""
    if reply.status >= 500 and reply.status != 503:
        return f"status {reply.status}"
    is_ours = "X-Sentry-Error" in reply.headers
    if is_ours and reply.body and not orjson.loads(reply.body).get("detail"):
        return "no reason"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--url")
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--project", default="7")
    arguments = parser.parse_args()
    ask = over_the_wire(arguments.url, arguments.key, arguments.project) if arguments.url else in_process()
    statuses: Counter[int] = Counter()
    complaints: list[str] = []
    slow: list[tuple[float, int]] = []
    for seed in range(arguments.first, arguments.first + arguments.n):
        hostile = hostile_request(seed)
        started = time.perf_counter()
        reply = ask(hostile)
        slow.append((time.perf_counter() - started, seed))
        statuses[reply.status if reply else 0] += 1
        if wrong := complaint(reply):
            complaints.append(f"seed {seed}: {wrong}")
        if seed % 100 == 0:
            good = ask(GOOD)
            if good is None or good.status != 200 or orjson.loads(good.body) != {"id": EVENT_ID}:
                complaints.append(f"seed {seed}: the good event after it was not taken")
        if len(slow) > 10_000:
            slow = nlargest(5, slow)
    report = {
        "requests": arguments.n,
        "statuses": dict(sorted(statuses.items())),
        "complaints": complaints[:20],
        "slowest_ms_and_seed": [(round(seconds * 1000, 1), seed) for seconds, seed in nlargest(5, slow)],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    sys.stdout.write(json.dumps(report) + "\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
