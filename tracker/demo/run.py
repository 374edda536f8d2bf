"""Making the demo: send in the order of time, and stop where somebody has to do something."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracker.demo.apps import APPS
from tracker.demo.backdating import backdate
from tracker.demo.envelopes import Envelope, envelope_of
from tracker.demo.occurrences import Draw, Occurrence, moment_for
from tracker.demo.organization import Company, make_company
from tracker.demo.performer import Performer, needs_issues
from tracker.demo.plan import Act, Deploy, Publish, Step, make_plan
from tracker.demo.rhythm import Clock
from tracker.demo.sender import Sender
from tracker.demo.server import server_for
from tracker.models import Issue

MAX_DAYS = 30 - 1 / 24
"""The digest dates what claims to be older by its arrival; an hour is left for sending."""
BATCH = 500
"""Envelopes between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, for the summary."""

    password: str
    events: int
    issues: int
    seconds: float


def make_demo(
    *, seed: int, events: int, days: float, password: str, tell: Callable[[str], None], now: datetime | None = None
) -> Made:
    """Fill the installation; `tell` hears of the progress. Raises DemoError.

    There must be no organization of the demo's slug.
    """
    began_at = time.monotonic()
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    draw = Draw(seed, Clock(now, min(days, MAX_DAYS)), events)
    tell("drawing what happens")
    plan = make_plan(APPS, draw)
    password = password or secrets.token_urlsafe(9)
    company = make_company(password)
    with server_for(lambda address: _is_ours(address, company)) as address:
        sender = Sender(address, company.keys)
        try:
            _send_plan(plan, sender, Performer(company, draw, _first_events(plan, seed)), tell)
        finally:
            sender.close()
        tell("moving the times of receipt")
        backdate(company, draw.clock, sender.sent)
    issues = Issue.objects.filter(project__organization=company.organization, merged_into=None).count()
    return Made(password, sender.events, issues, time.monotonic() - began_at)


def _is_ours(address: str, company: Company) -> bool:
    sender = Sender(address, company.keys)
    try:
        return sender.is_known(APPS[0].slug)
    finally:
        sender.close()


def _first_events(plan: Sequence[Step], seed: int) -> dict[str, str]:
    """The id of the first event of each fault."""
    firsts: dict[str, Occurrence] = {}
    for step in plan:
        if isinstance(step, Occurrence):
            firsts.setdefault(step.fault.key, step)
    return {key: moment_for(occurrence, seed).event_id for key, occurrence in firsts.items()}


def _send_plan(plan: Sequence[Step], sender: Sender, performer: Performer, tell: Callable[[str], None]) -> None:
    total = sum(isinstance(step, Occurrence) for step in plan)
    waiting: list[Occurrence | Envelope] = []
    for step in plan:
        if isinstance(step, (Occurrence, Envelope)):
            waiting.append(step)
            if len(waiting) < BATCH:
                continue
        sender.send(_envelopes(waiting, performer.draw.seed))
        waiting.clear()
        tell(f"{step.at:%-d %B}: {sender.events:,} of {total:,} events")
        if needs_issues(step):
            sender.wait()
        _do(step, performer)
    sender.send(_envelopes(waiting, performer.draw.seed))
    tell("waiting for the digest")
    sender.wait()


def _envelopes(steps: Sequence[Occurrence | Envelope], seed: int) -> Iterator[Envelope]:
    for step in steps:
        yield envelope_of(step, seed) if isinstance(step, Occurrence) else step


def _do(step: Step, performer: Performer) -> None:
    match step:
        case Publish():
            performer.publish(step)
        case Deploy():
            performer.deploy(step)
        case Act():
            performer.act(step)
