"""When things happen: the hours of a day, the days of a week, what releases are in use, and chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from math import exp, log
from random import Random

from tracker.demo.scenario import App, Fault, Release, Spike

SCALE_DAYS = 30.0
DAY_HOURS = 24

HOURS: Mapping[str, Sequence[float]] = {
    # Of a day in UTC, from midnight on; the customers live one or two hours east of it.
    "shoppers": (4, 2, 2, 2, 3, 7, 14, 22, 28, 31, 33, 34, 36, 33, 30, 29, 31, 36, 44, 52, 50, 38, 22, 10),
    "office": (0, 0, 0, 0, 0, 2, 14, 38, 48, 50, 46, 30, 40, 48, 46, 36, 18, 6, 2, 1, 1, 0, 0, 0),
    "machines": (10, 10, 10, 10, 10, 11, 12, 14, 15, 15, 15, 15, 15, 15, 15, 15, 15, 16, 16, 16, 15, 13, 12, 11),
    "nightly": (0, 2, 60, 34, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}
WEEKDAYS: Mapping[str, Sequence[float]] = {
    # From Monday on.
    "shoppers": (1.0, 0.95, 0.95, 1.0, 1.05, 0.9, 1.2),
    "office": (1.1, 1.05, 1.0, 1.0, 0.85, 0.05, 0.02),
    "machines": (1.0, 1.0, 1.0, 1.0, 1.0, 0.9, 0.9),
    "nightly": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
}

_MEANS = {rhythm: sum(HOURS[rhythm]) / DAY_HOURS * sum(days) / len(days) for rhythm, days in WEEKDAYS.items()}


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of a demo: `days` of it, until `now`."""

    now: datetime
    days: float

    def at(self, ago: float) -> datetime:
        """The moment that a table calls `ago`."""
        return self.now - timedelta(days=ago * self.days / SCALE_DAYS)

    @property
    def hours(self) -> list[datetime]:
        """The start of each hour, the oldest first; the last one is still going on."""
        count = int(self.days * DAY_HOURS)
        return [self.now - timedelta(hours=count - hour) for hour in range(count)]


def busy(rhythm: str, at: datetime) -> float:
    """How much goes on at a moment, 1.0 on the average of a week."""
    hours, share = HOURS[rhythm], at.minute / 60
    between = hours[at.hour] * (1 - share) + hours[(at.hour + 1) % DAY_HOURS] * share
    return between * WEEKDAYS[rhythm][at.weekday()] / _MEANS[rhythm]


@dataclass(frozen=True, slots=True)
class InUse:
    """A release in use at some time, in an environment, by a share of all there."""

    release: Release
    environment: str
    share: float


def in_use(app: App, at: datetime, clock: Clock) -> list[InUse]:
    """The releases that run at a moment, to within five minutes; the shares of all sum up to 1."""
    return _in_use(app, at.replace(minute=at.minute - at.minute % 5, second=0, microsecond=0), clock)


@lru_cache(maxsize=16_384)
def _in_use(app: App, at: datetime, clock: Clock) -> list[InUse]:
    out = [release for release in app.releases if clock.at(release.ago) <= at] or list(app.releases[:1])
    reached = [1.0, *(_reached(app, at - clock.at(release.ago)) for release in out[1:])]
    shares = [upper - lower for upper, lower in zip(reached, [*reached[1:], 0.0], strict=True)]
    staged = [release for release in app.releases if clock.at(release.ago + release.staged) <= at]
    found = [
        InUse(release, "production", share * (1 - app.staging_share))
        for release, share in zip(out, shares, strict=True)
        if share > 0
    ]
    if app.staging_share:
        found.append(InUse((staged or out)[-1], "staging", app.staging_share))
    return found


def _reached(app: App, age: timedelta) -> float:
    """How many have come at least as far as a release of that age; those that came further are among them."""
    return 1.0 - exp(-age / timedelta(days=app.adoption_days))


def has(app: App, fault: Fault, release: Release) -> bool:
    """Is the fault in the release?"""
    return release.version in _versions_with(app, fault.key)


@cache
def _versions_with(app: App, key: str) -> frozenset[str]:
    fault = next(fault for fault in app.faults if fault.key == key)
    order = [release.version for release in app.releases]
    found: set[str] = set()
    for life in fault.lives:
        first = order.index(life.since) if life.since else 0
        found.update(order[first : order.index(life.until) if life.until else len(order)])
    return frozenset(found)


def intensity(app: App, fault: Fault, at: datetime, clock: Clock) -> float:
    """How often a fault shows at a moment, 1.0 on the average of a week; without spikes and chance."""
    if not clock.at(fault.starts) <= at <= clock.at(fault.ends):
        return 0.0
    present = sum(each.share for each in in_use(app, at, clock) if has(app, fault, each.release))
    progress = 1 - (clock.now - at) / timedelta(days=clock.days)
    return present * busy(fault.rhythm or app.rhythm, at) * (1 + fault.growth * progress)


def moment_of(spike: Spike, random: Random, clock: Clock) -> datetime:
    """A moment within a spike, which rises fast and falls slowly."""
    return clock.at(spike.ago) + timedelta(hours=spike.hours * random.betavariate(1.4, 3.0))


def poisson(random: Random, mean: float) -> int:
    """How many events there are where so many are to be expected."""
    if mean > 40:
        return max(0, round(random.gauss(mean, mean**0.5)))
    count, waited = 0, 0.0
    while mean > 0:
        waited -= log(1.0 - random.random())
        if waited > mean:
            break
        count += 1
    return count
