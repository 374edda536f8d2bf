"""The demo's world as a pure matter: the same seed makes the same payloads, and they are what they should be."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from grouping.group import group_event
from grouping.reader import read_event
from grouping.rules import EMPTY_RULES
from tracker.demo.apps import APPS
from tracker.demo.envelopes import Envelope, envelope_of
from tracker.demo.occurrences import Draw, Occurrence, draw_all
from tracker.demo.people import MEMBERS, customers
from tracker.demo.plan import Act, Publish, Step, make_plan
from tracker.demo.rhythm import Clock
from tracker.demo.scenario import Merge

SATURDAY = datetime(2026, 11, 28, 0, 20, tzinfo=UTC)
KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
MONTH = 30 - 1 / 24


def draw_of(seed: int = 1, *, now: datetime = SATURDAY, days: float = MONTH, events: int = 600) -> Draw:
    return Draw(seed, Clock(now, days), events)


@cache
def occurrences(seed: int = 1) -> list[Occurrence]:
    return draw_all(APPS, draw_of(seed))


def bodies(draw: Draw) -> list[bytes]:
    """Everything that is sent, as bytes."""
    sent = (step for step in make_plan(APPS, draw) if isinstance(step, (Occurrence, Envelope)))
    envelopes = (envelope_of(step, draw.seed) if isinstance(step, Occurrence) else step for step in sent)
    return [envelope.encode(KEY, SATURDAY) for envelope in envelopes]


def faults_named(step: Step) -> Iterator[str]:
    """The faults whose issues must be there when the step is done."""
    if isinstance(step, Act):
        yield step.action.fault
        yield from step.action.others if isinstance(step.action, Merge) else ()
    elif isinstance(step, Publish):
        for commit in step.release.commits:
            yield from re.findall(r"\{([\w.-]+)\}", commit.message)


def test_the_same_seed_and_end_make_the_same_payloads() -> None:
    assert bodies(draw_of()) == bodies(draw_of())


def test_another_seed_makes_others() -> None:
    assert not set(bodies(draw_of(1))) & set(bodies(draw_of(2)))


def test_about_as_many_events_are_made_as_were_asked_for() -> None:
    assert 550 <= len(occurrences()) <= 650
    assert 1_850 <= len(draw_all(APPS, draw_of(events=2_000))) <= 2_150


def test_everything_happens_within_the_days_and_in_order() -> None:
    times = [occurrence.at for occurrence in occurrences()]
    assert times == sorted(times)
    assert SATURDAY - timedelta(days=MONTH) <= times[0]
    assert times[-1] <= SATURDAY


@pytest.mark.parametrize("days", [MONTH, 7])
@pytest.mark.parametrize("hours", range(0, 168, 47))
def test_nobody_acts_on_an_issue_before_its_first_event(days: float, hours: int) -> None:
    draw = draw_of(hours, now=SATURDAY + timedelta(hours=hours), days=days, events=100)
    seen: set[str] = set()
    for step in make_plan(APPS, draw):
        if isinstance(step, Occurrence):
            seen.add(step.fault.key)
        assert seen >= set(faults_named(step)), step


def test_a_fault_shows_in_each_of_its_lives_and_in_no_other_release() -> None:
    for app in APPS:
        order = [release.version for release in app.releases]
        for fault in app.faults:
            found = [order.index(each.release) for each in occurrences() if each.fault is fault]
            lives = [
                (order.index(life.since) if life.since else 0, order.index(life.until) if life.until else len(order))
                for life in fault.lives
            ]
            assert all(any(first <= place < end for first, end in lives) for place in found), fault.key
            assert all(any(first <= place < end for place in found) for first, end in lives), fault.key


def test_every_fault_is_one_issue_in_every_release_and_with_all_its_values() -> None:
    groups: dict[str, set[bytes]] = defaultdict(set)
    for seed in (1, 2, 3):
        for occurrence in occurrences(seed):
            event = read_event(envelope_of(occurrence, seed).items[0][1])
            groups[occurrence.fault.key].add(group_event(event, EMPTY_RULES).keys[0].digest)
    assert {key: len(found) for key, found in groups.items() if len(found) > 1} == {}


def test_payloads_are_whole_and_no_placeholder_is_left() -> None:
    for occurrence in {occurrence.fault.key: occurrence for occurrence in occurrences()}.values():
        payload = envelope_of(occurrence, 1).items[0][1]
        event = json.loads(payload)
        assert event["release"] == occurrence.release and event["environment"] == occurrence.environment
        assert re.fullmatch(r"[0-9a-f]{32}", event["contexts"]["trace"]["trace_id"])
        assert read_event(payload).notes == []
        shown = json.dumps({**event, "transaction": "", "exception": _without_source(event.get("exception"))})
        assert not re.search(r"\{(?:order|sku|email|country|hex\d+|amount|small|slug)\}", shown), occurrence.fault.key


def _without_source(content: object) -> object:
    """What stands in source code and in the names of functions is no placeholder."""
    if isinstance(content, list):
        return [_without_source(each) for each in content]
    if isinstance(content, dict):
        code = ("pre_context", "context_line", "post_context", "function")
        return {name: _without_source(each) for name, each in content.items() if name not in code}
    return content


def test_nights_are_quiet_and_evenings_are_not() -> None:
    hours = Counter(each.at.hour for each in draw_all(APPS, draw_of(events=4_000)) if each.app.slug == "storefront")
    assert sum(hours[hour] for hour in (1, 2, 3)) * 3 < sum(hours[hour] for hour in (18, 19, 20))


def test_the_spike_stands_out_of_its_project() -> None:
    days = Counter(each.at.date() for each in draw_all(APPS, draw_of(events=4_000)) if each.app.slug == "payments")
    (_, most), (_, next_most) = days.most_common(2)
    assert most > 3 * next_most


def test_addresses_belong_to_nobody() -> None:
    for person in customers(1):
        assert re.search(r"(?:@|\.)example(?:\.com|\.org|\.net)?$", person.email), person
        assert person.ip_address.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
    assert all(colleague.email.endswith(".example") for colleague in MEMBERS)


def test_customers_write_in_many_scripts() -> None:
    names = "".join(person.name for person in customers(1))
    for script in ("äöüß", "佐藤", "Шевченко", "Παπαδόπουλος", "منصور", "शर्मा"):
        assert set(script) <= set(names)
