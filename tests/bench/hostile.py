"""Knock at a running server with hundreds of thousands of hostile requests, and see that nothing comes of it.

    python -m tests.bench.hostile [--profile one-machine|servers] [--n 200000] [--first SEED]

While hundreds of slow clients trickle, every request of a seed is sent (tests/ingest/hostility.py, and one in eight is
broken as HTTP, too), every thousandth time a bomb or a mass. No answer is a 5xx but 503, every refusal has its reason,
a good event with an id of its own is read from its table after every hundred, no process takes more than 300 MB, the
log has no error, no dead letter, and the account adds up. Prints one JSON line; leaves with 1 where that was not
so. A request can be repeated by `--first SEED --n 1`.
"""

import argparse
import json
import os
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")
django.setup()

from tests.bench.hostile_wire import Wire  # noqa: E402
from tests.bench.scenes import Figure  # noqa: E402
from tests.bench.slow_clients import slow_clients  # noqa: E402
from tests.bench.target import PROFILES, Target, target  # noqa: E402
from tests.ingest.crowds import OVERSIZED  # noqa: E402
from tests.ingest.endpoint_setup import KEY, OTHER_KEY, Reply, event_envelope  # noqa: E402
from tests.ingest.hostility import TOKEN, Hostile  # noqa: E402

SENDERS = 4
SLOW = 300
MAX_MEGABYTES = 300
GOOD_EVERY = 100
MASS_EVERY = 1_000
ROW_SECONDS = 60.0


@dataclass
class Campaign:
    """What is sent to a server, and what is wrong with what it does."""

    to: Target
    wire: Wire
    statuses: Counter[int] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    good: int = 0
    slowest_row: float = 0.0
    peaks: Counter[str] = field(default_factory=Counter)
    """The most that each process ever had in memory (RSS, what it shares included), in megabytes."""
    _is_over: threading.Event = field(default_factory=threading.Event)

    def run(self, first: int, n: int) -> None:
        """Send the requests of `n` seeds from several threads, and look at what is left when all is digested."""
        with slow_clients(self.to, SLOW), self._memory_watched(), ThreadPoolExecutor(SENDERS) as senders:
            sent = [senders.submit(self._send, range(first + k, first + n, SENDERS)) for k in range(SENDERS)]
            try:
                for each in sent:
                    each.result()
            finally:
                # Ctrl-C would wait for the last of them otherwise.
                self._is_over.set()
        self._send_good("the end")
        self._look_behind()

    def report(self) -> dict[str, Any]:
        return {
            "profile": self.to.profile,
            "statuses": dict(sorted(self.statuses.items())),
            "good_events_read": self.good,
            "slowest_row_seconds": round(self.slowest_row, 2),
            "peak_mb": dict(self.peaks.most_common(5)),
            "complaints": self.complaints[:20],
        }

    def _send(self, seeds: range) -> None:
        for seed in seeds:
            if self._is_over.is_set():
                return
            self._judge(f"seed {seed}", partial(self.wire.ask_seed, seed))
            if seed % MASS_EVERY == 0:
                make = OVERSIZED[seed // MASS_EVERY % len(OVERSIZED)]
                body, headers = make()
                headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
                mass = Hostile("POST", "/api/7/envelope/", f"sentry_key={KEY}", body, None, headers)
                self._judge(make.__name__, partial(self.wire.ask, mass))
            if seed % GOOD_EVERY == 0:
                self._send_good(f"seed {seed}")

    def _judge(self, name: str, ask: Callable[[], Reply | None]) -> None:
        try:
            reply = ask()
        except OSError as error:
            self.complaints.append(f"{name}: {error!r}")
            return
        self.statuses[reply.status if reply else 0] += 1
        if wrong := complaint(reply):
            self.complaints.append(f"{name}: {wrong}")

    def _send_good(self, after: str) -> None:
        """An event of an issue of its own, until its row can be read."""
        event_id = uuid.uuid4().hex
        started = time.monotonic()
        good = Hostile(
            "POST", "/api/7/envelope/", f"sentry_key={KEY}", event_envelope(event_id, fingerprint=[event_id])
        )
        reply = self.wire.ask(good)
        if reply is None or reply.status != 200 or reply.json != {"id": event_id}:
            self.complaints.append(f"after {after} a good event was answered {reply}")
            return
        literal = f"X'{event_id}'" if self.to.servers is None else f"'\\x{event_id}'"
        while not self.to.query(f"SELECT count(*) FROM tracker_event WHERE event_id = {literal}"):
            if time.monotonic() - started > ROW_SECONDS:
                self.complaints.append(f"the good event {event_id} after {after} was answered 200 and is not stored")
                return
            time.sleep(0.05)
        self.good += 1
        self.slowest_row = max(self.slowest_row, time.monotonic() - started)

    @contextmanager
    def _memory_watched(self) -> Iterator[None]:
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(0.5):
                for name, kilobytes in self.to.peak_kilobytes().items():
                    self.peaks[name] = max(self.peaks[name], kilobytes // 1024)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()
        self.complaints += [f"{name} took {most} MB" for name, most in self.peaks.items() if most > MAX_MEGABYTES]

    def _look_behind(self) -> None:
        for table in ("tracker_deadletter", "tracker_failedjob"):
            if count := self.to.query(f"SELECT count(*) FROM {table}"):
                self.complaints.append(f"{count} rows in {table}")
        lines = self.to.server.log.splitlines()
        self.complaints += [line[:300] for line in lines if "Traceback" in line or " ERROR " in line][:10]
        if "everything adds up" not in (told := self.to.server.manage("verify")):
            self.complaints.append(told)


def complaint(reply: Reply | None) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if reply is None:
        return ""
    if reply.status >= 500 and reply.status != 503:
        return f"status {reply.status}"
    is_ours = "X-Sentry-Error" in reply.headers
    if is_ours and reply.body.startswith(b"{") and b'"detail"' not in reply.body:
        return "no reason"
    return ""


def campaign(profile: str, first: int, n: int) -> dict[str, Any]:
    """Run against a new server of a profile; returns the report."""
    with target(profile) as to:
        other = to.server.new_project()
        own, others = urlsplit(to.server.setup["dsn"]), urlsplit(other.setup["dsn"])
        names = {
            b"/api/7/": f"/api{own.path}/",
            b"/api/8/": f"/api{others.path}/",
            KEY.encode(): own.username or "",
            OTHER_KEY.encode(): others.username or "",
            TOKEN.encode(): to.server.setup["token"],
        }
        sent = Campaign(to, Wire(to.server.url, {name: ours.encode() for name, ours in names.items()}))
        started = time.monotonic()
        sent.run(first, n)
        return {"requests": n, "seconds": round(time.monotonic() - started), **sent.report()}


def hostile_scene(profile: str, events: int) -> list[Figure]:
    """Ten requests for every event that other scenes send."""
    report = campaign(profile, 0, events * 10)
    most = max(report["peak_mb"].values())
    told = f"{report['requests']:,} requests, {report['good_events_read']:,} good events read, {most} MB at most"
    complaints = "; ".join(report["complaints"]) or "none"
    return [Figure("hostile requests", profile, told, "≤ 300 MB"), Figure("  complaints", profile, complaints, "none")]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", choices=PROFILES, default=PROFILES[0])
    parser.add_argument("--n", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    report = campaign(arguments.profile, arguments.first, arguments.n)
    sys.stdout.write(json.dumps(report) + "\n")
    return 1 if report["complaints"] else 0


if __name__ == "__main__":
    sys.exit(main())
