"""Which fault shows when, in which release: drawn from the tables by a seed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tracker.demo.people import Person, customers, staff
from tracker.demo.rhythm import SCALE_DAYS, Clock, InUse, busy, has, in_use, intensity, moment_of, poisson
from tracker.demo.scenario import App, Fault, Life
from tracker.demo.values import Values
from tracker.demo.wire.common import Moment

SCALE_EVENTS = 20_000
"""For which the tables tell counts."""
HOUR = timedelta(hours=1)
MINUTES_OF_A_DAY = 1440
AWAKE = 0.5
"""A fault shows first when at least so much goes on, if that is not long after its release."""
MAX_HALF_HOURS = 6
HALF_HOURS_OF_A_DAY = 48


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event to be; everything else about it follows from `details`, a seed."""

    at: datetime
    app: App
    fault: Fault
    release: str
    environment: str
    details: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What all draws of a demo have in common."""

    seed: int
    clock: Clock
    events: int

    def random(self, *names: object) -> Random:
        """Chance of its own for each purpose, so that a change in one place changes nothing elsewhere."""
        return Random("/".join(map(str, (self.seed, *names))))


def draw_all(apps: tuple[App, ...], draw: Draw) -> list[Occurrence]:
    """All occurrences, in the order of time; about `draw.events` of them, and at least one in each life of a fault."""
    pairs = [(app, fault) for app in apps for fault in app.faults]
    expected = {fault.key: _expected(app, fault, draw.clock) for app, fault in pairs}
    in_spikes = sum(spike.share for _, fault in pairs for spike in fault.spikes)
    firsts = sum(len(fault.lives) for _, fault in pairs)
    ordinary = max(0.0, draw.events * (1 - in_spikes) - firsts)
    scale = ordinary / sum(sum(hours) for hours in expected.values())
    found: list[Occurrence] = []
    for app, fault in pairs:
        found += _draw(app, fault, [mean * scale for mean in expected[fault.key]], draw)
    return sorted(found, key=lambda occurrence: (occurrence.at, occurrence.details))


def _expected(app: App, fault: Fault, clock: Clock) -> list[float]:
    """Events in each hour, without chance."""
    return [fault.daily / 24 * intensity(app, fault, hour + HOUR / 2, clock) for hour in clock.hours]


def _draw(app: App, fault: Fault, expected: list[float], draw: Draw) -> list[Occurrence]:
    random = draw.random(fault.key, "times")
    times = [first_of(app, fault, life, random, draw.clock) for life in fault.lives]
    luck = 1.0
    for number, (hour, mean) in enumerate(zip(draw.clock.hours, expected, strict=True)):
        if number % 24 == 0:
            luck = random.gammavariate(7.0, 1 / 7.0)
        times += [hour + HOUR * random.random() for _ in range(poisson(random, mean * luck))]
    for spike in fault.spikes:
        times += [moment_of(spike, random, draw.clock) for _ in range(round(spike.share * draw.events))]
    found = []
    for place, at in enumerate(sorted(times)):
        choices = [each for each in in_use(app, at, draw.clock) if has(app, fault, each.release)]
        if choices and at <= draw.clock.now:
            use = random.choices(choices, [each.share for each in choices])[0]
            found.append(_occurrence(at, app, fault, use, f"{draw.seed}/{fault.key}/{place}"))
    return found


def first_of(app: App, fault: Fault, life: Life, random: Random, clock: Clock) -> datetime:
    """When a fault shows first in a life: soon after the release that brought it went to production."""
    ago = min(SCALE_DAYS, fault.starts)
    if life.since:
        ago = min(ago, next(release.ago for release in app.releases if release.version == life.since))
    # What is older than the demo spreads over its first hours; the rest follows a deploy.
    is_old = ago >= SCALE_DAYS
    at = clock.at(ago - (random.uniform(10, 600) if is_old else random.uniform(8, 30)) / MINUTES_OF_A_DAY)
    for _ in range(HALF_HOURS_OF_A_DAY if is_old or fault.rhythm == "nightly" else MAX_HALF_HOURS):
        if busy(fault.rhythm or app.rhythm, at) >= AWAKE:
            break
        at += HOUR / 2 * clock.days / SCALE_DAYS
    return min(at, clock.now - timedelta(minutes=2))


def _occurrence(at: datetime, app: App, fault: Fault, use: InUse, details: str) -> Occurrence:
    return Occurrence(at, app, fault, use.release.version, use.environment, details)


def person_of(occurrence: Occurrence, seed: int) -> Person | None:
    """Whom it happened to; the same few are affected more often than others."""
    fault, random = occurrence.fault, Random(f"{occurrence.details}/person")
    if not fault.people or not occurrence.app.users:
        return None
    everybody = staff() if fault.is_internal or occurrence.app.users == "staff" else customers(seed)
    affected = everybody[: max(3, round(len(everybody) * fault.people))]
    for _ in range(200):
        person = affected[int(len(affected) * random.random() ** 1.5)]
        if occurrence.app.wire == "android" or not fault.clients or person.client.name.startswith(fault.clients):
            break
    return person


def moment_for(occurrence: Occurrence, seed: int) -> Moment:
    """An occurrence with all that belongs to it."""
    random = Random(occurrence.details)
    person = person_of(occurrence, seed)
    known = {"date": f"{occurrence.at:%Y-%m-%d}", "month": f"{occurrence.at:%Y-%m}"}
    if person is not None:
        known |= {"email": person.email, "name": person.name, "locale": person.locale, "user": person.id}
        if person.locale[-3:-2] == "-":
            known["country"] = person.locale[-2:]
    servers = occurrence.fault.servers or occurrence.app.servers or ("",)
    server = random.choice(servers)
    return Moment(
        app=occurrence.app,
        fault=occurrence.fault,
        at=occurrence.at,
        release=occurrence.release,
        environment=occurrence.environment,
        person=person,
        server=f"staging-{server}" if occurrence.environment == "staging" else server,
        event_id=f"{random.getrandbits(128):032x}",
        random=random,
        values=Values(random, known),
    )
