"""One spool entry, read: its events, its sessions, and what became of each other item."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from grouping.reader import UnreadableEvent, decode_json
from grouping.reader.scalars import read_integer, read_name, read_time
from ingest.digest.event import NOT_STORED_YET, Arrival, LeftOut, ProjectConfig, digest_event
from ingest.digest.sessions import InvalidSession, Sessions, read_sessions
from ingest.encodings import decompress
from ingest.envelope import Envelope, Item, parse_envelope
from ingest.errors import Rejected
from ingest.item_types import category_of, quantity_of
from tracker.outcomes.recording import Outcome, OutcomeKey, minute_of
from tracker.record.digested import Digested
from tracker.spool import Entry

MAX_REASON_LENGTH = 60
MAX_CATEGORY_LENGTH = 30
MAX_DISCARDS = 100
MAX_REASONS = 200
"""Outcomes of one entry, before what else clients discarded is counted under one reason."""
OTHER_REASON = "other"
MAX_DISCARDED = 1_000_000_000
DEFAULT_CATEGORY = "default"


@dataclass(slots=True)
class Reading:
    """What one or several entries hold, ready to be recorded."""

    events: list[Digested] = field(default_factory=list)
    sessions: Sessions = field(default_factory=list)
    outcomes: Counter[OutcomeKey] = field(default_factory=Counter)

    def add(self, other: "Reading") -> None:
        self.events += other.events
        self.sessions += other.sessions
        self.outcomes.update(other.outcomes)


def count_item(
    outcomes: Counter[OutcomeKey], entry: Entry, category: str, outcome: str, reason: str, quantity: int
) -> None:
    """Count something received under its outcome, so that the sum balances."""
    minute = minute_of(entry.received_at)
    outcomes[OutcomeKey(entry.project_id, entry.key_id, minute, category, Outcome.RECEIVED)] += quantity
    outcomes[OutcomeKey(entry.project_id, entry.key_id, minute, category, outcome, reason[:MAX_REASON_LENGTH])] += (
        quantity
    )


def read_entry(entry: Entry, config: ProjectConfig) -> Reading:
    """Everything in an entry. Events are not counted yet: whether one is a duplicate shows when it is recorded."""
    reading = Reading()
    try:
        body = decompress(entry.body, entry.encoding)
        envelope = parse_envelope(body)
    except Rejected as rejected:
        count_item(reading.outcomes, entry, DEFAULT_CATEGORY, Outcome.INVALID, rejected.code, 1)
        return reading
    arrival = _arrival(entry, envelope)
    for item in envelope.items:
        _read_item(reading, item, entry, arrival, config)
    return reading


def _arrival(entry: Entry, envelope: Envelope) -> Arrival:
    received_at = datetime.fromtimestamp(entry.received_at, UTC)
    return Arrival(entry.project_id, entry.key_id, received_at, read_time(envelope.header.get("sent_at")))


def _read_item(reading: Reading, item: Item, entry: Entry, arrival: Arrival, config: ProjectConfig) -> None:
    """Events are counted when they are recorded; everything else here."""
    category = category_of(item)
    outcome, reason = Outcome.STORED, ""
    try:
        if item.type == "event":
            reading.events.append(digest_event(bytes(item.payload), "", category, arrival, config))
            return
        if read := READERS.get(item.type):
            read(reading, bytes(item.payload), entry, arrival)
        else:
            outcome, reason = Outcome.FILTERED, NOT_STORED_YET
    except LeftOut as left_out:
        outcome, reason = Outcome.FILTERED, str(left_out)
    except InvalidSession as invalid:
        outcome, reason = Outcome.INVALID, str(invalid)
    except (UnreadableEvent, RecursionError):
        outcome, reason = Outcome.INVALID, "not_json"
    count_item(reading.outcomes, entry, category, outcome, reason, quantity_of(item))


def _read_sessions(reading: Reading, payload: bytes, entry: Entry, arrival: Arrival) -> None:
    reading.sessions += read_sessions(payload, arrival.project_id, arrival.received_at)


def _read_client_report(reading: Reading, payload: bytes, entry: Entry, arrival: Arrival) -> None:
    _count_discards(reading.outcomes, payload, entry)


READERS: Mapping[str, Callable[[Reading, bytes, Entry, Arrival], None]] = {
    "session": _read_sessions,
    "sessions": _read_sessions,
    "client_report": _read_client_report,
}
"""Beside events, by the type of the item: see `ingest.item_types.ITEM_TYPES`."""


def _count_discards(outcomes: Counter[OutcomeKey], payload: bytes, entry: Entry) -> None:
    """What the client did not even send, beside the sum: it was never received."""
    minute = minute_of(entry.received_at)
    for discard in _discards(decode_json(payload)):
        quantity = read_integer(discard.get("quantity")) or 0
        category = read_name(discard.get("category"), MAX_CATEGORY_LENGTH) or DEFAULT_CATEGORY
        reason = read_name(discard.get("reason"), MAX_REASON_LENGTH)
        if quantity > 0:
            if len(outcomes) >= MAX_REASONS:
                category, reason = DEFAULT_CATEGORY, OTHER_REASON
            key = OutcomeKey(entry.project_id, entry.key_id, minute, category, Outcome.CLIENT_DISCARD, reason)
            outcomes[key] += min(quantity, MAX_DISCARDED)


def _discards(report: Any) -> Iterator[dict[str, Any]]:
    found = report.get("discarded_events") if isinstance(report, dict) else None
    if isinstance(found, list):
        yield from (discard for discard in found[:MAX_DISCARDS] if isinstance(discard, dict))
