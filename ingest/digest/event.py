"""One event payload to the value that is recorded."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import orjson

from grouping.budget import UNLIMITED, Budget, Clock, OverBudget
from grouping.event import Event
from grouping.group import Key, group_event
from grouping.reader import read_event, skim_event
from grouping.reader.remarks import SLOW
from grouping.tags import derive_tags
from grouping.titles import title_of
from ingest.digest.coarse import hide_texts, scrub_event
from ingest.digest.scrub import hide_environment
from ingest.digest.words import ScrubRules
from tracker.models import Project
from tracker.models.issues import LEVEL_BY_NAME, Level
from tracker.record.digested import Digested
from tracker.rules.versions import Rules, earlier_keys, rules_in_force


@dataclass(slots=True, frozen=True)
class ProjectConfig:
    rules: Rules
    scrub: ScrubRules


def load_configs(project_ids: Iterable[int]) -> dict[int, ProjectConfig]:
    """Configs by project id; a project that is gone is absent. One query, and one more where rules have changed."""
    rows = list(
        Project.objects.filter(id__in=set(project_ids)).values_list(
            "id", "config_generation", "scrub_fields", "scrub_ip_addresses"
        )
    )
    rules = rules_in_force({id_: version for id_, version, _, _ in rows})
    configs = {}
    for id_, _, fields, ip_addresses in rows:
        names = fields if isinstance(fields, list) else []
        scrub = ScrubRules(tuple(name for name in names if isinstance(name, str)), ip_addresses)
        configs[id_] = ProjectConfig(rules[id_], scrub)
    return configs


CORRECTED_FROM = timedelta(seconds=60)
"""A smaller difference between clocks cannot be told from the time that sending took."""
OLDEST = timedelta(days=30)
"""An event that claims to be older is dated by its arrival: it would be filed where no one looks for it."""


def occurred_at(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """The event's time by the server's clock: corrected once by the envelope's `sent_at`, never in the future."""
    if timestamp is None:
        return received_at
    try:
        if sent_at is not None and abs(received_at - sent_at) >= CORRECTED_FROM:
            timestamp += received_at - sent_at
        is_believable = received_at - OLDEST <= timestamp <= received_at
    except OverflowError:
        return received_at
    return timestamp if is_believable else received_at


NOT_STORED_YET = "not_stored_yet"
_OTHER_THAN_ERRORS = frozenset({"transaction", "feedback"})


def reason_to_leave_out(event: Event) -> str:
    """The reason under which an event is counted as filtered; empty for one that is kept."""
    return NOT_STORED_YET if event.type in _OTHER_THAN_ERRORS else ""


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


EVENT_SECONDS = 1.0
"""Of processor time: more than a thousand times what an event usually takes."""


def digest_event(
    payload: bytes,
    event_id: str,
    category: str,
    arrival: Arrival,
    config: ProjectConfig,
    clock: Clock = time.thread_time,
) -> Digested:
    """Scrub, read, filter, group, tag; an event that takes longer than it may is kept without its free texts.

    Raises LeftOut, or `UnreadableEvent` where the bytes are no JSON object.
    """
    budget = Budget.of(EVENT_SECONDS, clock)
    try:
        return _digest(scrub_event(payload, config.scrub, budget), event_id, category, arrival, config, budget)
    except OverBudget:
        plain = hide_texts(payload, config.scrub, SLOW)
        return _digest(plain, event_id, category, arrival, config, UNLIMITED)


def _digest(
    scrubbed: bytes, event_id: str, category: str, arrival: Arrival, config: ProjectConfig, budget: Budget
) -> Digested:
    budget.check("scrub")
    event = skim_event(scrubbed, event_id=event_id)
    if reason := reason_to_leave_out(event):
        raise LeftOut(reason)
    kept = scrubbed if event.is_skimmed else _clean_payload(event)
    budget.check("read")
    grouping = group_event(event, config.rules.current)
    title = title_of(event)
    budget.check("group")
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
