"""Sessions as SDKs report them, one by one or summed up, to counts per release, environment and minute.

https://develop.sentry.dev/sdk/telemetry/sessions/
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from grouping.reader import decode_json
from grouping.reader.scalars import read_integer, read_name, read_time
from tracker.record.sessions import SessionCounts, SessionKey

LONGEST_RELEASE = 250
LONGEST_ENVIRONMENT = 64
MOST_AGGREGATES = 100
MOST_SESSIONS = 1_000_000
"""Of one kind in one aggregate; more is a broken client."""

Sessions = list[tuple[SessionKey, SessionCounts]]


class InvalidSession(ValueError):
    """Not a session; the text is the reason that is counted."""


def read_sessions(payload: bytes, project_id: int, received_at: datetime) -> Sessions:
    """What a `session` or `sessions` item adds. Raises InvalidSession, or `UnreadableEvent` where it is no JSON."""
    raw = decode_json(payload)
    if not isinstance(raw, dict):
        raise InvalidSession("not_an_object")
    attributes = raw.get("attrs") if isinstance(raw.get("attrs"), dict) else raw.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    release = read_name(attributes.get("release"), LONGEST_RELEASE)
    if not release:
        raise InvalidSession("no_release")
    environment = read_name(attributes.get("environment"), LONGEST_ENVIRONMENT)
    found = _summed(raw["aggregates"]) if isinstance(raw.get("aggregates"), list) else _single(raw)
    return [
        (SessionKey(project_id, release, environment, _minute(started, received_at)), counts)
        for started, counts in found
    ]


def _summed(aggregates: list[Any]) -> Iterator[tuple[Any, SessionCounts]]:
    for aggregate in aggregates[:MOST_AGGREGATES]:
        if isinstance(aggregate, dict):
            numbers = (read_integer(aggregate.get(kind)) or 0 for kind in ("exited", "errored", "crashed", "abnormal"))
            yield aggregate.get("started"), SessionCounts(*(min(max(0, number), MOST_SESSIONS) for number in numbers))


def _single(session: dict[str, Any]) -> Iterator[tuple[Any, SessionCounts]]:
    """A session's first report counts it, a later one moves it to another kind."""
    status, errors = session.get("status"), read_integer(session.get("errors")) or 0
    counts = SessionCounts()
    if status == "crashed":
        counts.crashed = 1
    elif status == "abnormal":
        counts.abnormal = 1
    elif errors:
        counts.errored = 1
    else:
        counts.exited = 1
    if session.get("init") is not True:
        counts.exited -= 1
        if errors > 1 and not counts.errored:
            # It was moved to the errored ones before.
            counts.exited, counts.errored = 0, -1
        elif errors > 1:
            return
    if counts != SessionCounts():
        yield session.get("started"), counts


def _minute(started: Any, received_at: datetime) -> datetime:
    moment = read_time(started) or received_at
    return min(moment, received_at).replace(second=0, microsecond=0)
