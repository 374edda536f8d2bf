"""The sessions that SDKs report: mostly good ones, and for each event one that was not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import orjson

from tracker.demo.envelopes import Envelope
from tracker.demo.occurrences import SCALE_EVENTS, Draw, Occurrence, person_of
from tracker.demo.people import customers
from tracker.demo.rhythm import busy, in_use
from tracker.demo.scenario import App
from tracker.demo.wire.common import Json, iso

MAX_AGGREGATES = 100
"""In one item, as the protocol has it."""
SDK = "sentry.demo/1"
PEOPLE_PER_DAY = 8
"""How many come in all for each who comes on a day."""
Place = tuple[str, str]
"""Release and environment."""


def session_reports(app: App, occurrences: Sequence[Occurrence], draw: Draw) -> Iterator[Envelope]:
    """The reports of one application, whose occurrences these are; none where its SDK knows no sessions."""
    if app.sessions is None:
        return
    count = app.sessions.per_event * len(occurrences)
    aggregates = (
        _by_person(app, occurrences, count, app.sessions.users, draw)
        if app.sessions.users
        else _by_hour(app, occurrences, count, draw)
    )
    by_place: dict[Place, list[tuple[datetime, Json]]] = defaultdict(list)
    for place, at, aggregate in aggregates:
        by_place[place].append((at, aggregate))
    for (release, environment), found in by_place.items():
        ordered = iter(sorted(found, key=lambda each: each[0]))
        while chunk := list(islice(ordered, MAX_AGGREGATES)):
            yield _report(app, release, environment, chunk)


def _report(app: App, release: str, environment: str, chunk: list[tuple[datetime, Json]]) -> Envelope:
    item = {
        "attrs": {"release": release, "environment": environment},
        "aggregates": [{"started": iso(at), **counts} for at, counts in chunk],
    }
    return Envelope(app.slug, chunk[-1][0], "session", {}, [({"type": "sessions"}, orjson.dumps(item))], SDK)


def is_crash(occurrence: Occurrence) -> bool:
    """Did it end the session?"""
    return any(not thrown.handled or thrown.mechanism == "panic" for thrown in occurrence.fault.thrown)


def _by_hour(
    app: App, occurrences: Sequence[Occurrence], count: float, draw: Draw
) -> Iterator[tuple[Place, datetime, Json]]:
    """What servers report: requests of an hour, good and bad."""
    random = draw.random(app.slug, "sessions")
    bad: dict[tuple[Place, datetime], Counter[str]] = defaultdict(Counter)
    for occurrence in occurrences:
        hour = _hour_of(occurrence.at)
        kind = "crashed" if is_crash(occurrence) else "errored"
        bad[(occurrence.release, occurrence.environment), hour][kind] += 1
    hours = [_hour_of(hour) for hour in draw.clock.hours]
    total = sum(busy(app.rhythm, hour) for hour in hours)
    for hour in hours:
        for use in in_use(app, hour, draw.clock):
            place = (use.release.version, use.environment)
            good = round(count * busy(app.rhythm, hour) / total * use.share * random.uniform(0.85, 1.15))
            if good:
                yield place, hour, {"exited": good, **bad.pop((place, hour), {})}
    for (place, hour), kinds in bad.items():
        yield place, hour, {"exited": 0, **kinds}


def _by_person(
    app: App, occurrences: Sequence[Occurrence], count: float, users: int, draw: Draw
) -> Iterator[tuple[Place, datetime, Json]]:
    """What clients report: the sessions of each person on a day."""
    random = draw.random(app.slug, "sessions")
    bad: dict[tuple[Place, str, datetime], Counter[str]] = defaultdict(Counter)
    for occurrence in occurrences:
        person = person_of(occurrence, draw.seed)
        if person is not None:
            day = _day_of(occurrence.at)
            kind = "crashed" if is_crash(occurrence) else "errored"
            bad[(occurrence.release, occurrence.environment), person.id, day][kind] += 1
    days = list(_days(draw))
    people = max(10, round(users * draw.events / SCALE_EVENTS))
    # Most of those who come never meet a fault, and are strangers to the table of customers.
    known = [person.id for person in customers(draw.seed)]
    everybody = known + [str(90_000 + number) for number in range(PEOPLE_PER_DAY * people)]
    per_person = max(1.0, count / len(days) / people)
    for day in days:
        for id_ in random.sample(everybody, round(people * random.uniform(0.85, 1.0))):
            at = _hour_of(day + timedelta(minutes=random.triangular(300, 1_430, 1_150)))
            if at > draw.clock.now:
                continue
            uses = in_use(app, at, draw.clock)
            use = random.choices(uses, [each.share for each in uses])[0]
            place = (use.release.version, use.environment)
            good = max(1, round(random.expovariate(1 / per_person)))
            yield place, at, {"did": id_, "exited": good, **bad.pop((place, id_, day), {})}
    for (place, id_, day), kinds in bad.items():
        yield place, _hour_of(min(day + timedelta(hours=18), draw.clock.now)), {"did": id_, "exited": 1, **kinds}


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _day_of(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(draw: Draw) -> Iterable[datetime]:
    """Midnights, the oldest first; of the last day only a part is over."""
    first, *_, last = map(_day_of, draw.clock.hours)
    while first <= last:
        yield first
        first += timedelta(days=1)
