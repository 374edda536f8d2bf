"""What is measured, one function each; every one answers rows (figure, value, goal) for the table."""

import os
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from tests.bench.corpus import Corpus, decode_rate, make_corpus, one_issue, send
from tests.bench.target import Target, target


@dataclass(frozen=True)
class Figure:
    name: str
    profile: str
    value: str
    goal: str


def _rate(name: str, profile: str, per_second: float, limit: float, goal: str) -> Figure:
    share = per_second / limit
    return Figure(name, profile, f"{per_second:,.0f}/s ({share:.2f} of the limit of {limit:,.0f}/s)", goal)


def _send_all(to: Target, corpus: Corpus, events: int, start: int = 0, **how: float) -> tuple[float, dict[str, object]]:
    """Send and wait until the last is readable; returns events/s end to end, and what the generator said."""
    before = to.seen()
    sent = send(to, corpus, events=events, start=start, **how)  # type: ignore[arg-type]
    done = to.wait_for(before + events)
    return events / (done - float(sent["t_start"])), sent


def throughput(profile: str, events: int) -> list[Figure]:
    """End to end with 32 connections, memory idle and under load, and the burst of one issue's events."""
    corpus = make_corpus(events + 1_000, seed=1)
    with target(profile) as to:
        time.sleep(3)
        idle = sum(to.memory_kilobytes().values()) / 1024
        _send_all(to, corpus, 1_000)
        limit = decode_rate(corpus)
        before = to.processor_seconds()
        rate, sent = _send_all(to, corpus, events, start=1_000)
        spent = (to.processor_seconds() - before) / events * 1e6
        parts = to.memory_kilobytes()
        loaded = sum(parts.values()) / 1024
        figures = [
            _rate("end to end, 32 connections", profile, rate, limit, "≥ 1,500/s; aim at 2,500"),
            Figure("  answers while doing so", profile, f"{sent['status']}, p99 {sent['p99_ms']} ms", ""),
            Figure("  processor time of the server's processes", profile, f"{spent:,.0f} µs per event", ""),
            Figure("memory idle", profile, f"{idle:.0f} MB", "≤ 180 MB"),
            Figure("memory after load", profile, f"{loaded:.0f} MB", "≤ 350 MB"),
        ]
        figures += [Figure(f"  {name}", profile, f"{size / 1024:.0f} MB", "") for name, size in parts.items()]
        return figures


def latency(profile: str, rounds: int = 41) -> list[Figure]:
    """One event on an idle system until its row can be read."""
    corpus = make_corpus(2_000, seed=2)
    with target(profile) as to:
        _send_all(to, corpus, 500)
        times = []
        for number in range(rounds):
            time.sleep(0.3)
            before = to.seen()
            sent = send(to, corpus, events=1, start=500 + number, connections=1)
            while to.seen() == before:
                time.sleep(0.0005)
            times.append((time.time() - float(sent["t_start"])) * 1000)
        median, worst = statistics.median(times), max(times)
        return [Figure("one event until readable", profile, f"median {median:.0f} ms, max {worst:.0f} ms", "≤ 40 ms")]


@contextmanager
def worker_stopped(to: Target) -> Iterator[None]:
    """SIGSTOP for every process of the server but the web server and the one that watches."""
    parent = psutil.Process(to.server.process.pid)
    listening = {
        process.pid
        for process in parent.children(recursive=True)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    stopped = [process.pid for process in parent.children(recursive=True) if process.pid not in listening]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def acceptance(profile: str, events: int) -> list[Figure]:
    """What the ingest endpoint takes while nobody digests, and the digest of that backlog."""
    corpus = make_corpus(events + 1_000, seed=1)
    with target(profile) as to:
        _send_all(to, corpus, 1_000)
        limit = decode_rate(corpus)
        with worker_stopped(to):
            sent = send(to, corpus, events=events, start=1_000)
        started = time.time()
        done = to.wait_for(1_000 + events)
        accepted = float(sent["accepted_per_s"])
        return [
            _rate("accepted, worker stopped", profile, accepted, limit, "≥ 4,000/s"),
            Figure("  its latency", profile, f"p50 {sent['p50_ms']} ms, p99 {sent['p99_ms']} ms", "p99 ≤ 25 ms"),
            _rate("digest of the backlog", profile, events / (done - started), limit, ""),
        ]


def disk(profile: str, events: int) -> list[Figure]:
    """Bytes per event, indexes included, after checkpoint or vacuum."""
    corpus = make_corpus(events, seed=3)
    with target(profile) as to:
        before = to.bytes_on_disk()
        _send_all(to, corpus, events)
        time.sleep(2)
        size = (to.bytes_on_disk() - before) / events
        return [Figure(f"bytes on disk per event ({events:,})", profile, f"{size:,.0f}", "≤ 1,300")]


def start(profile: str) -> list[Figure]:
    """Cold start of an installation that has its data already, until /readyz."""
    with target(profile) as to:
        to.server.stop()
        times = []
        for _ in range(3):
            started = time.perf_counter()
            to.server.start()
            times.append(time.perf_counter() - started)
            to.server.stop()
        to.server.start()
        return [Figure("cold start until /readyz", profile, f"{statistics.median(times):.1f} s", "≤ 3 s")]


def burst(profile: str, events: int) -> list[Figure]:
    """Many events of one issue, against as many spread over 200 issues."""
    spread = make_corpus(events, seed=4)
    rates = []
    for corpus in (one_issue(spread), spread):
        with target(profile) as to:
            unbound = "from tracker.models import Project; Project.objects.update(spike_events_per_hour=0)"
            to.server.manage("shell", "-c", unbound)
            rates.append(_send_all(to, corpus, events)[0])
    measured = f"one issue {rates[0]:,.0f}/s, 200 issues {rates[1]:,.0f}/s ({rates[0] / rates[1]:.2f} of it)"
    return [Figure(f"burst of {events:,} events", profile, measured, "no slower than spread")]
