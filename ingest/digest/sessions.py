"""Sessions as SDKs report them, one by one or summed up, to counts per release, environment and minute.

https://develop.sentry.dev/sdk/telemetry/sessions/
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from grouping.reader import decode_json
from grouping.reader.scalars import read_integer, read_name, read_time
from tracker.counters.distinct import person_hash
from tracker.record.sessions import SessionCounts, SessionKey

MAX_RELEASE_LENGTH = 250
MAX_ENVIRONMENT_LENGTH = 64
MAX_IDENTITY_LENGTH = 200
MAX_AGGREGATES = 100
MAX_SESSIONS = 1_000_000
"""Of one kind in one aggregate; more is a broken client."""
OLDEST = timedelta(days=365)
"""What began earlier, began so long ago: a clock was wrong."""

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
    release = read_name(attributes.get("release"), MAX_RELEASE_LENGTH)
    if not release:
        raise InvalidSession("no_release")
    environment = read_name(attributes.get("environment"), MAX_ENVIRONMENT_LENGTH)
    found = _summed(raw["aggregates"]) if isinstance(raw.get("aggregates"), list) else _single(raw)
    sessions = []
    for report, counts in found:
        _name_person(report, counts, project_id)
        key = SessionKey(project_id, release, environment, _minute(report.get("started"), received_at))
        sessions.append((key, counts))
    return sessions


def _name_person(report: dict[str, Any], counts: SessionCounts, project_id: int) -> None:
    """Whose session it is, as a hash: SDKs that know send a distinct id."""
    identity = read_name(report.get("did"), MAX_IDENTITY_LENGTH)
    if identity:
        person = {person_hash(identity, project_id)}
        counts.users |= person
        counts.crashed_users |= person if counts.crashed > 0 else set()


def _summed(aggregates: list[Any]) -> Iterator[tuple[dict[str, Any], SessionCounts]]:
    for aggregate in aggregates[:MAX_AGGREGATES]:
        if isinstance(aggregate, dict):
            exited, errored, unhandled, crashed, abnormal = (
                min(max(0, read_integer(aggregate.get(kind)) or 0), MAX_SESSIONS)
                for kind in ("exited", "errored", "unhandled", "crashed", "abnormal")
            )
            yield aggregate, SessionCounts(exited, errored + unhandled, crashed, abnormal)


def _single(session: dict[str, Any]) -> Iterator[tuple[dict[str, Any], SessionCounts]]:
    """A session's first report counts it, a later one moves it to another kind.

    What a session was before is told by its errors: SDKs report its first error at once, and a crash is an error too.
    """
    status, errors = session.get("status"), max(0, read_integer(session.get("errors")) or 0)
    counts = SessionCounts()
    counts.count(_kind(status, errors), 1)
    if session.get("init") is not True:
        is_told_now = status in ("ok", "crashed", "unhandled")
        counts.count(_kind("ok", errors - 1 if is_told_now else errors), -1)
    yield session, counts


def _kind(status: Any, errors: int) -> str:
    if status in ("crashed", "abnormal"):
        return str(status)
    return "errored" if errors > 0 or status == "unhandled" else "exited"


def _minute(started: Any, received_at: datetime) -> datetime:
    moment = read_time(started) or received_at
    return max(min(moment, received_at), received_at - OLDEST).replace(second=0, microsecond=0)
