"""A dead letter goes through the spool again."""

from datetime import UTC, datetime

import pytest
from django.db.models import Sum

from ingest.digest.batch import digest_batch, write_dead_letter
from ingest.digest.dead_letters import retry
from ingest.digest.entry import Reading, count_item
from tests.conftest import World
from tests.ingest.digest_setup import ListSpool, claimed, entry, event
from tracker.models import DeadLetter, Event, OutcomeCount
from tracker.outcomes.recording import Outcome, record_outcomes

pytestmark = pytest.mark.django_db


def set_one_aside(world: World) -> DeadLetter:
    """A good entry that the digest could not take before a defect was mended."""
    [mine] = claimed(entry(world, event("it failed")))
    counted = Reading()
    count_item(counted.outcomes, mine.entry, "error", Outcome.INVALID, "set_aside", 1)
    record_outcomes(counted.outcomes)
    return write_dead_letter(mine, "a defect", datetime.now(UTC))


def totals() -> dict[str, int]:
    rows = OutcomeCount.objects.values_list("outcome").annotate(Sum("quantity"))
    return {outcome: quantity for outcome, quantity in rows if quantity}


def test_an_entry_is_digested_as_if_it_had_just_come_in(world: World) -> None:
    spool = ListSpool()
    retry(set_one_aside(world), spool)
    assert not DeadLetter.objects.exists()
    digest_batch(spool.claim(10), spool.consumer, datetime.now(UTC))
    assert Event.objects.get().project == world.shop
    assert totals() == {"received": 1, "stored": 1}


def test_the_key_it_came_in_with_is_known_again(world: World) -> None:
    spool = ListSpool()
    retry(set_one_aside(world), spool)
    assert spool.claim(1)[0].entry.key_id == world.key.pk


def test_without_its_counts_it_is_tried_all_the_same(world: World) -> None:
    spool = ListSpool()
    kept = set_one_aside(world)
    OutcomeCount.objects.all().delete()
    retry(kept, spool)
    assert spool.size() == 1 and not OutcomeCount.objects.exists()


def test_an_entry_of_a_deleted_project_is_forgotten(world: World) -> None:
    spool = ListSpool()
    kept = set_one_aside(world)
    kept.project = None
    kept.save()
    retry(kept, spool)
    assert spool.size() == 0 and not DeadLetter.objects.exists()
