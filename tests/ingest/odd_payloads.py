"""Payloads that are well-formed and full of nonsense: what passes the ingest endpoint and has to be digested."""

import json
import random
from copy import deepcopy
from typing import Any

from tests.journeys.poison import POISONS, poisoned_event

PATHS = ("../../etc/passwd", "..\\..\\boot.ini", "/dev/stdin", "a\x00.py", "file:///etc/shadow", "." * 300, "~/x", "")
RAW = ("NaN", "-Infinity", "1e400", "1" + "0" * 400, "-0", "[" * 90 + "]" * 90, '{"a":1,"a":2}', '"\\ud800\\u0000"')
"""JSON, or what passes for it, that no Python value stands for."""
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    2**64 + 1,
    -(2**63) - 1,
    0.1,
    1e308,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\U0010ffff",
    "e\u0301" * 50,
    "\u202e\u2066",
    "x" * 300,
    "x" * 70_000,
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59.999999+14:00",
    "-1",
    "1e400",
    "NaN",
    [],
    {},
    [None],
    [[]],
    {"": ""},
    {"\x00": "\ud800"},
    {"values": None},
    {"values": [None, 1, "a", [], {}]},
    {str(number): number for number in range(300)},
    [["a"] * 3] * 100,
    *POISONS,
    *PATHS,
)
EVENT = json.loads(poisoned_event("odd", "0" * 32, "python").split(b"\n")[2]) | {
    "timestamp": 1_790_000_000.5,
    "received": "2026-01-01T00:00:00Z",
    "type": "error",
    "culprit": "f",
    "errors": [{"type": "invalid_data", "name": "a"}],
    "_meta": {"a": {"": {"len": 3}}},
    "_metrics": {"bytes.ingested.event": 3},
    "spans": [{"span_id": "a", "op": "b"}],
    "csp": {"effective_directive": "img-src", "blocked_uri": "a"},
    "dist": "1",
    "template": {"filename": "a.html", "lineno": 3},
}
SESSION = {
    "sid": "9ec79c33-ec99-42ab-8353-589fcb2e04dc",
    "did": "alice",
    "init": True,
    "started": "2026-01-01T00:00:00Z",
    "timestamp": "2026-01-01T00:01:00Z",
    "status": "ok",
    "errors": 0,
    "seq": 1,
    "duration": 1.5,
    "attrs": {"release": "shop@1", "environment": "production"},
}
SESSIONS = {
    "aggregates": [{"started": "2026-01-01T00:00:00Z", "exited": 3, "errored": 1, "crashed": 1, "abnormal": 0}],
    "attrs": {"release": "shop@1", "environment": "production"},
}
CLIENT_REPORT = {"timestamp": 1, "discarded_events": [{"reason": "queue", "category": "error", "quantity": 3}]}


def odd_json(dice: random.Random, payload: Any, times: int) -> bytes:
    """The payload as JSON, with so many values somewhere in it replaced by nonsense."""
    root = {"": json.loads(json.dumps(payload))}
    raw: list[str] = []
    for _ in range(times):
        parent, place = dice.choice(_places(root))
        if dice.random() < 0.2:
            # A word that JSON can hold stands for what it cannot.
            parent[place] = f"raw {len(raw)} raw"
            raw.append(dice.choice(RAW))
        else:
            parent[place] = deepcopy(dice.choice(ODD))
    text = json.dumps(root[""])
    for number, what in enumerate(raw):
        text = text.replace(f'"raw {number} raw"', what)
    return text.encode()


def _places(root: Any) -> list[tuple[Any, Any]]:
    """Where values stand: containers with their keys and indexes, and a few keys that are not there yet."""
    found: list[tuple[Any, Any]] = []
    waiting = [root]
    while waiting:
        container = waiting.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], dict | list):
                waiting.append(container[key])
    return found
