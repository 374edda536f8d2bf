"""From what happened to the bytes that an SDK sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from tracker.demo.occurrences import Occurrence, moment_for
from tracker.demo.wire import android, go, java, javascript, php, python, rust
from tracker.demo.wire.common import Json, iso

EVENT_OF = {
    "python": python.event_of,
    "javascript": javascript.event_of,
    "go": go.event_of,
    "java": java.event_of,
    "android": android.event_of,
    "rust": rust.event_of,
    "php": php.event_of,
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that lacks only what is known when it is sent: the key and the time."""

    project: str
    at: datetime
    category: str
    """In which its items are counted."""
    header: Mapping[str, Any]
    items: Sequence[tuple[Json, bytes]]
    sdk: str
    """Name and version, as an SDK names itself in the request's headers."""

    def encode(self, public_key: str, sent_at: datetime) -> bytes:
        """The request's body."""
        header = {**self.header, "sent_at": iso(sent_at)}
        if "trace" in header:
            header["trace"] = {**header["trace"], "public_key": public_key}
        lines = [orjson.dumps(header)]
        for item, payload in self.items:
            lines += [orjson.dumps({**item, "length": len(payload)}), payload]
        return b"\n".join(lines) + b"\n"


def envelope_of(occurrence: Occurrence, seed: int) -> Envelope:
    """The envelope of one event."""
    event = EVENT_OF[occurrence.app.wire](moment_for(occurrence, seed))
    sdk = {"name": event["sdk"]["name"], "version": event["sdk"]["version"]}
    trace = {
        "trace_id": event["contexts"]["trace"]["trace_id"],
        "environment": occurrence.environment,
        "release": occurrence.release,
    }
    return Envelope(
        project=occurrence.app.slug,
        at=occurrence.at,
        category="error",
        header={"event_id": event["event_id"], "sdk": sdk, "trace": trace},
        items=[({"type": "event", "content_type": "application/json"}, orjson.dumps(event))],
        sdk=f"{sdk['name']}/{sdk['version']}",
    )
