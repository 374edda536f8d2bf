"""One event payload to the value that is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import orjson

from grouping.event import Event
from grouping.group import Key, group_event
from grouping.reader import read_event, skim_event
from grouping.titles import title_of
from ingest.digest.clock import occurred_at
from ingest.digest.filters import reason_to_leave_out
from ingest.digest.projects import ProjectConfig
from ingest.digest.scrub import hide_environment, scrub
from tracker.groups.rules import Rules, earlier_keys
from tracker.models.issues import LEVEL_BY_NAME, Level
from tracker.record.digested import Digested
from tracker.tags import derive_tags


class LeftOut(Exception):
    """An event that is not kept; the text is the reason that is counted."""


@dataclass(slots=True, frozen=True)
class Arrival:
    """Whose event it is, and when it came."""

    project_id: int
    key_id: int
    received_at: datetime
    sent_at: datetime | None
    """By the client's clock, from the envelope."""


def digest_event(payload: bytes, event_id: str, category: str, arrival: Arrival, config: ProjectConfig) -> Digested:
    """Scrub, read, filter, group, tag. Raises LeftOut, or `UnreadableEvent` where the bytes are no JSON object."""
    scrubbed = scrub(payload, config.scrub)
    event = skim_event(scrubbed, event_id=event_id)
    if reason := reason_to_leave_out(event):
        raise LeftOut(reason)
    kept = scrubbed if event.is_skimmed else _clean_payload(event)
    grouping = group_event(event, config.rules.current)
    title = title_of(event)
    return Digested(
        project_id=arrival.project_id,
        key_id=arrival.key_id,
        event_id=bytes.fromhex(event.event_id),
        occurred_at=occurred_at(event.timestamp, arrival.sent_at, arrival.received_at),
        received_at=arrival.received_at,
        grouping=grouping,
        legacy_keys=partial(_legacy_keys, kept, config.rules, grouping.keys),
        title=(grouping.title or title.title)[:255],
        type=title.type[:255],
        value=title.value[:1024],
        culprit=title.culprit[:255],
        platform=event.platform[:30],
        logger=event.logger[:100],
        level=LEVEL_BY_NAME.get(event.level, Level.ERROR),
        is_unhandled=any(exception.mechanism.handled is False for exception in event.exceptions),
        release=event.release[:250],
        environment=event.environment[:64],
        user_identity=event.user.identity[:210],
        user_email=event.user.email[:200],
        user_username=event.user.username[:200],
        user_ip_address=event.user.ip_address[:45],
        tags=derive_tags(event),
        payload=kept,
        category=category,
    )


def _clean_payload(event: Event) -> bytes:
    hide_environment(event.raw)
    return orjson.dumps(event.raw)


def _legacy_keys(payload: bytes, rules: Rules, known: Sequence[Key]) -> list[Key]:
    """The keys under earlier rules; the event is read again, because keeping it for the few that ask costs more."""
    return earlier_keys(read_event(payload), rules, known) if rules.previous else []
