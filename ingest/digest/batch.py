"""A batch of spool entries to rows: read each, then record all in one transaction."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from ingest.digest.dead_letters import announce
from ingest.digest.entry import Reading, count_item, read_entry
from ingest.digest.event import ProjectConfig, load_configs
from tracker.models import DeadLetter, DigestReceipt, Project
from tracker.outcomes.recording import Outcome, OutcomeKey, minute_of, record_outcomes
from tracker.record.batch import record_batch
from tracker.record.digested import Digested, Recorded
from tracker.record.sessions import record_sessions
from tracker.spool import Claimed

KEPT_FOR = timedelta(days=7)
"""A worker's last receipt outlives it for as long; its entries come again within minutes of a worker's start."""


def find_recorded(claimed: Sequence[Claimed], but_by: str = "") -> set[str]:
    """Ids among those that come again whose rows are committed, by another than the consumer `but_by`.

    No query where all entries are new.
    """
    again = {each.id for each in claimed if each.attempts > 1}
    if not again:
        return set()
    receipts = DigestReceipt.objects.exclude(consumer=but_by).values_list("entry_ids", flat=True)
    return again & {entry_id for ids in receipts for entry_id in ids}


def write_receipt(consumer: str, entry_ids: Sequence[str], now: datetime) -> None:
    """Replace the consumer's receipt, in the transaction that records the entries."""
    DigestReceipt.objects.bulk_create(
        [DigestReceipt(consumer=consumer, entry_ids=list(entry_ids), recorded_at=now)],
        update_conflicts=True,
        unique_fields=["consumer"],
        update_fields=["entry_ids", "recorded_at"],
    )


def forget_receipts(now: datetime) -> None:
    """Remove receipts of workers that are long gone."""
    DigestReceipt.objects.filter(recorded_at__lt=now - KEPT_FOR).delete()


logger = logging.getLogger(__name__)

PAYLOAD_BYTES = 32_000_000
"""A transaction is closed early when its payloads weigh as much, so that large events do not pile up in memory."""
COUNT_BYTES = 1_000
"""What one count takes in memory, of sessions or of an outcome: a kilobyte sent may hold a hundred of them."""
MAX_ERROR_LENGTH = 4_000
SPIKE = "spike"
"""Why an event is counted on its issue but not stored: the issue is spiking."""


@dataclass(slots=True)
class _Gathered:
    reading: Reading = field(default_factory=Reading)
    broken: list[tuple[Claimed, Exception]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


class ClaimLost(Exception):
    """Another worker has the entries, or had them meanwhile: the database stood still for longer than a claim lasts."""


def digest_batch(
    claimed: Sequence[Claimed],
    consumer: str,
    now: datetime,
    is_held: Callable[[], bool] = lambda: True,
    progress: Callable[[], None] = lambda: None,
) -> list[str]:
    """Record entries from the front, in one transaction; returns the ids of those that are done.

    `progress` is called before each entry is read, and before they are recorded. An entry that cannot be read becomes
    a dead letter. Raises database errors, what `is_held` raises, and ClaimLost where the entries were no longer held at
    the end or are recorded by somebody else; then nothing of the batch is recorded.
    """
    recorded_before = find_recorded(claimed)
    configs = load_configs(each.entry.project_id for each in claimed)
    gathered = _gather(claimed, configs, recorded_before, progress)
    progress()
    with transaction.atomic():
        reading = gathered.reading
        recorded = record_batch(reading.events, now)
        _count_events(reading, recorded)
        record_sessions(reading.sessions, now)
        for each, error in gathered.broken:
            write_dead_letter(each, error, now)
            count_item(reading.outcomes, each.entry, "error", Outcome.INVALID, "set_aside", 1)
        record_outcomes(reading.outcomes)
        write_receipt(consumer, gathered.ids, now)
        if not is_held() or find_recorded(claimed, but_by=consumer) - recorded_before:
            raise ClaimLost
    return gathered.ids


def write_dead_letter(claimed: Claimed, error: Exception | str, now: datetime) -> DeadLetter:
    """Keep an entry that cannot be digested as a dead letter, for the administrator."""
    entry = claimed.entry
    readable = _readable(error if isinstance(error, str) else f"{type(error).__name__}: {error}")
    logger.error("an entry of project %d is a dead letter: %r", entry.project_id, readable.partition("\n")[0])
    project = Project.objects.filter(id=entry.project_id).first()
    if project is not None:
        announce(project, now)
    return DeadLetter.objects.create(
        project=project,
        received_at=datetime.fromtimestamp(entry.received_at, UTC),
        failed_at=now,
        error=readable,
        encoding=entry.encoding,
        body=entry.body,
        entry_id=claimed.id,
    )


def _readable(text: str) -> str:
    """Without what a database refuses: an error may quote the very bytes that caused it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:MAX_ERROR_LENGTH]


def _gather(
    claimed: Sequence[Claimed],
    configs: dict[int, ProjectConfig],
    recorded_before: set[str],
    progress: Callable[[], None],
) -> _Gathered:
    gathered = _Gathered()
    weight = 0
    for each in claimed:
        progress()
        gathered.ids.append(each.id)
        config = configs.get(each.entry.project_id)
        if config is None or each.id in recorded_before:
            continue
        try:
            reading = read_entry(each.entry, config)
        except Exception as error:
            gathered.broken.append((each, error))
            continue
        gathered.reading.add(reading)
        weight += sum(len(event.payload) for event in reading.events)
        weight += (len(reading.sessions) + len(reading.outcomes)) * COUNT_BYTES
        if weight >= PAYLOAD_BYTES:
            break
    return gathered


def _count_events(reading: Reading, recorded: Sequence[Recorded]) -> None:
    for event, row in zip(reading.events, recorded, strict=True):
        if row.is_only_counted:
            _count_event(reading, event, Outcome.FILTERED, SPIKE)
        else:
            _count_event(reading, event, Outcome.DUPLICATE if row.is_duplicate else Outcome.STORED)


def _count_event(reading: Reading, event: Digested, outcome: Outcome, reason: str = "") -> None:
    minute = minute_of(event.received_at.timestamp())
    for name, why in ((Outcome.RECEIVED, ""), (outcome, reason)):
        reading.outcomes[OutcomeKey(event.project_id, event.key_id, minute, event.category, name, why)] += 1
