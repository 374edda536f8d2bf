"""What tests of the digest share: entries made of items, and a spool to put them into."""

import gzip
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.conftest import World
from tracker.models import OutcomeCount
from tracker.spool import Claimed, Entry, Offer, SpoolFailure


def envelope(*items: tuple[dict[str, Any], object], **header: Any) -> bytes:
    """An envelope's bytes; a payload that is no bytes is written as JSON."""
    lines = [json.dumps(header).encode()]
    for item_header, payload in items:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        lines += [json.dumps({**item_header, "length": len(body)}).encode(), body]
    return b"\n".join(lines)


def event(message: str = "it failed", **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An `event` item with an id of its own."""
    return {"type": "event"}, {"event_id": uuid.uuid4().hex, "message": message, "platform": "python", **fields}


def entry(world: World, *items: tuple[dict[str, Any], object], **header: Any) -> Entry:
    """An entry of the world's project, received now."""
    body = gzip.compress(envelope(*items, **header))
    return Entry(world.shop.pk, world.key.pk, time.time(), "gzip", body)


def claimed(*entries: Entry, attempts: int = 1) -> list[Claimed]:
    return [Claimed(f"test:{number}:{id(each)}", each, attempts) for number, each in enumerate(entries)]


class ListSpool:
    """A real spool in memory: what is claimed and not acknowledged comes again."""

    consumer = worker = "list"

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.waiting = [Claimed(f"list:{number}", each, 0) for number, each in enumerate(entries)]

    def append(self, entry: Entry, share: float = 1.0) -> None:
        self.waiting.append(Claimed(f"list:{uuid.uuid4()}", entry, 0))

    def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
        for offer in offers:
            self.append(offer.entry)
        return [None] * len(offers)

    def claim(self, limit: int) -> list[Claimed]:
        self.waiting[:limit] = [replace(each, attempts=each.attempts + 1) for each in self.waiting[:limit]]
        return self.waiting[:limit]

    def begin_lone_try(self, claimed: Claimed) -> None:
        self._set_lone_tries(claimed, (*claimed.tried_alone_by, self.worker))

    def withdraw_lone_try(self, claimed: Claimed) -> None:
        self._set_lone_tries(claimed, claimed.tried_alone_by)

    def _set_lone_tries(self, claimed: Claimed, workers: tuple[str, ...]) -> None:
        self.waiting = [
            replace(each, tried_alone_by=workers) if each.id == claimed.id else each for each in self.waiting
        ]

    def is_held(self) -> bool:
        return True

    def ack(self, ids: Sequence[str]) -> None:
        self.waiting = [each for each in self.waiting if each.id not in set(ids)]

    def size(self) -> int:
        return len(self.waiting)

    def oldest_at(self) -> float | None:
        return min((each.entry.received_at for each in self.waiting), default=None)

    def close(self) -> None:
        return


def outcomes() -> dict[tuple[str, str, str], int]:
    """Quantities by category, outcome and reason."""
    found: dict[tuple[str, str, str], int] = {}
    for row in OutcomeCount.objects.all():
        key = (row.category, row.outcome, row.reason)
        found[key] = found.get(key, 0) + row.quantity
    return found
