"""Everything that real SDKs recorded: what is explained afterwards is what was decided."""

from itertools import pairwise

import orjson
import pytest

from ingest.digest.event import Arrival, LeftOut, digest_event, load_configs
from tests.conftest import World
from tests.corpus.recordings import iter_cases
from tests.tracker.digested import NOON
from tracker.models import Event, Issue
from tracker.record.batch import record_batch
from tracker.record.digested import Digested
from tracker.rules.versions import RuleTexts
from tracker.similar.compare import compare
from tracker.similar.mixed import mixed_issue_report
from tracker.similar.proposals import propose_rules
from tracker.similar.suggestions import compare_new_issues
from tracker.similar.why import Part, explain


@pytest.fixture
def recorded(world: World) -> list[Event]:
    """Every recorded event, as issues of one project."""
    config = load_configs([world.shop.pk])[world.shop.pk]
    arrival = Arrival(world.shop.pk, 0, NOON, None)
    batch: list[Digested] = []
    for case in iter_cases():
        for payload in case.event_payloads():
            try:
                batch.append(digest_event(payload, "", "error", arrival, config))
            except LeftOut:
                continue
    record_batch(batch, NOON)
    return list(Event.objects.select_related("issue__project", "project").order_by("id"))


def reasons_missing(parts: tuple[Part, ...]) -> list[str]:
    """Parts that do not count and do not say why, and codes that have no words."""
    found = []
    for part in parts:
        if (not part.contributes and not part.reason) or any(code == part.reason for code in part.codes):
            found.append(f"{part.name} {part.codes} {part.raw[:60]}")
        found += reasons_missing(part.parts)
    return found


def test_every_event_s_explanation_gives_the_key_that_decided_and_words_for_all_of_it(recorded: list[Event]) -> None:
    assert len(recorded) > 100
    for event in recorded:
        why = explain(event)
        assert why.is_current, why
        assert reasons_missing(why.parts) == []
        assert orjson.loads(orjson.dumps(why.as_json())) == why.as_json()


def test_neighbouring_issues_are_told_apart_in_words_and_joined_by_the_rules_proposed(recorded: list[Event]) -> None:
    newest = list({event.issue_id: event for event in recorded}.values())
    for left, right in pairwise(newest):
        found = compare(left, right)
        assert not found.are_one
        assert found.difference.startswith("first difference: "), found.difference
        assert any(not row.is_same for row in found.rows)
        propose_rules(left, right, RuleTexts())


def test_every_issue_is_sketched_and_looked_through(recorded: list[Event]) -> None:
    compare_new_issues(NOON)
    for issue in Issue.objects.all():
        mixed_issue_report(issue)
