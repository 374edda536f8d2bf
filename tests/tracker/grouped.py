"""Errors as the digest really groups them, for tests of rules, explanations and suggestions."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import orjson

from ingest.digest.event import Arrival, digest_event, load_configs
from tests.tracker.digested import NOON
from tracker.models import Event, Issue, Project
from tracker.record.batch import record_batch

_numbers = count(1)


def frame(function: str, module: str = "shop.billing", line: str = "", **fields: Any) -> dict[str, Any]:
    return {
        "function": function,
        "module": module,
        "filename": module.replace(".", "/") + ".py",
        "in_app": True,
        "lineno": 7,
        "context_line": line or f"    {function}()",
        **fields,
    }


def error(
    type_: str = "PaymentError", value: str = "declined", calls: Sequence[str] = ("checkout", "pay"), **fields: Any
) -> dict[str, Any]:
    """A payload of an error that was raised through the calls, each named by the line that makes it."""
    frames = [frame(name, line=f"    {after}(cart)") for name, after in pairwise(calls)]
    frames.append(frame(calls[-1], line="    raise error"))
    values = [{"type": type_, "value": value, "stacktrace": {"frames": frames}}]
    return {"platform": "python", "exception": {"values": values}, **fields}


def happen(project: Project, payload: dict[str, Any]) -> Issue:
    """Digest and record one event; returns its issue as it is now."""
    return record(project, payload).issue


def record(project: Project, payload: dict[str, Any]) -> Event:
    """Digest and record one event, one second after the one before."""
    number = next(_numbers)
    event_id = hashlib.md5(f"grouped {number}".encode()).hexdigest()
    arrival = Arrival(project.pk, 0, NOON + timedelta(seconds=number), None)
    config = load_configs([project.pk])[project.pk]
    record_batch([digest_event(orjson.dumps(payload), event_id, "error", arrival, config)], NOON)
    return Event.objects.select_related("issue__project", "project").get(event_id=bytes.fromhex(event_id))
