"""The load: made once for a size and seed, and the rate at which one core decodes it."""

import gzip
import hashlib
import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench.target import Target, run_python

LOAD = Path(__file__).parent / "load"


@dataclass(frozen=True)
class Corpus:
    """`prefix`.bin and `prefix`.idx, as `payloads.py` writes them."""

    prefix: Path
    events: int


def make_corpus(events: int, seed: int) -> Corpus:
    """Deterministic but for the time: events happen in the minutes before now."""
    folder = Path(tempfile.gettempdir()) / "stacktale-bench"
    folder.mkdir(exist_ok=True)
    prefix = folder / f"corpus-{events}-{seed}"
    marker = prefix.with_suffix(".idx")
    if not marker.exists() or time.time() - marker.stat().st_mtime > 3600:
        run_python(str(LOAD / "payloads.py"), str(prefix), "--n", str(events), "--seed", str(seed))
    return Corpus(prefix, events)


def one_issue(corpus: Corpus) -> Corpus:
    """As many events, all of the corpus' most frequent group, each with an id of its own."""
    rows = [line.split() for line in corpus.prefix.with_suffix(".idx").read_text().splitlines()]
    [(group, _)] = Counter(row[4] for row in rows).most_common(1)
    blob = corpus.prefix.with_suffix(".bin").read_bytes()
    originals = [
        (row[0].encode(), gzip.decompress(blob[int(row[1]) : int(row[1]) + int(row[2])]))
        for row in rows
        if row[4] == group
    ]
    prefix = corpus.prefix.with_name(corpus.prefix.name + "-one")
    offset = 0
    with prefix.with_suffix(".bin").open("wb") as bodies, prefix.with_suffix(".idx").open("w") as index:
        for number in range(corpus.events):
            event_id, original = originals[number % len(originals)]
            own_id = hashlib.md5(b"%d" % number).hexdigest()
            body = gzip.compress(original.replace(event_id, own_id.encode()), 6)
            bodies.write(body)
            index.write(f"{own_id} {offset} {len(body)} {len(original)} {group}\n")
            offset += len(body)
    return Corpus(prefix, corpus.events)


def decode_rate(corpus: Corpus, events: int = 3000) -> float:
    """The limit: events/s at which one core gunzips and JSON-decodes the bodies."""
    blob = corpus.prefix.with_suffix(".bin").read_bytes()
    bodies = []
    for line in corpus.prefix.with_suffix(".idx").read_text().splitlines()[:events]:
        _, offset, length = line.split()[:3]
        bodies.append(blob[int(offset) : int(offset) + int(length)])
    started = time.process_time()
    for body in bodies:
        orjson.loads(gzip.decompress(body).split(b"\n", 2)[2])
    return len(bodies) / (time.process_time() - started)


def send(
    to: Target, corpus: Corpus, *, events: int, start: int = 0, connections: int = 32, rate: float = 0
) -> dict[str, Any]:
    """Send a part of the corpus; returns what the generator printed (accepted_per_s, p99_ms, status, t_start …)."""
    setup = to.server.setup
    arguments = [
        *("--url", f"{to.server.url}/api/{setup['project_id']}/envelope/"),
        *("--key", setup["dsn"].split("//")[1].split("@")[0]),
        *("--corpus", str(corpus.prefix)),
        *("--n", str(events), "--start", str(start), "-c", str(connections), "--rate", str(rate)),
    ]
    answer: dict[str, Any] = json.loads(run_python(str(LOAD / "load.py"), *arguments))
    return answer
