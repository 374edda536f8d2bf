"""Why events are one issue, merging issues, and taking them apart."""

import re

import pytest
from django.test import Client

from tests.conftest import World
from tests.web.factories import happen, happen_poisoned
from tracker.models import Event, GroupKey, Issue

pytestmark = pytest.mark.django_db

TRIAGE = "/o/acme/issues/triage/"


@pytest.fixture
def bob(client: Client, world: World) -> Client:
    client.force_login(world.bob)
    return client


def grouping_of(number: int) -> str:
    event = Event.objects.filter(issue__number=number).earliest("id")
    return f"/o/acme/issues/SHOP-{number}/events/{bytes(event.event_id).hex()}/grouping/"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_counted_is_named_and_what_did_not_says_why(bob: Client, world: World) -> None:
    happen(world.shop)
    text = text_of(bob, grouping_of(1))
    assert "ZeroDivisionError" in text
    assert "checkout" in text
    assert "Not the application&#x27;s code." in text


def test_the_event_s_page_fetches_the_part_alone(bob: Client, world: World) -> None:
    happen(world.shop)
    answer = bob.get(grouping_of(1), headers={"HX-Request": "true", "HX-Target": "event-grouping"})
    assert "<html" not in answer.content.decode()


def test_two_issues_are_told_apart(bob: Client, world: World) -> None:
    happen(world.shop, "a")
    happen(world.shop, "b", exception={"values": [{"type": "KeyError", "value": "'sku'"}]})
    assert "First difference" in text_of(bob, grouping_of(1) + "?with=SHOP-2")


@pytest.mark.parametrize("other", ["SHOP-99", "SECRET-1", "nonsense", "%00"])
def test_an_issue_that_one_may_not_see_cannot_be_compared_with(bob: Client, world: World, other: str) -> None:
    happen(world.shop)
    happen(world.secret)
    assert "There is no issue" in text_of(bob, grouping_of(1) + f"?with={other}")


def test_markup_in_an_event_is_text_here_too(bob: Client, world: World) -> None:
    happen_poisoned(world.shop)
    text = text_of(bob, grouping_of(1))
    assert "<img" not in text
    assert "<script>" not in text


def test_a_stranger_is_told_nothing(client: Client, world: World) -> None:
    happen(world.shop)
    client.force_login(world.charlie)
    assert client.get(grouping_of(1)).status_code == 404


def test_merged_issues_go_on_as_the_oldest_and_its_address_stays(bob: Client, world: World) -> None:
    issues = [happen(world.shop, name) for name in "abc"]
    bob.post(TRIAGE, {"issue": [issue.pk for issue in issues], "action": "merge"})
    assert set(Event.objects.values_list("issue__number", flat=True)) == {1}
    answer = bob.get("/o/acme/issues/SHOP-3/", follow=True)
    assert answer.redirect_chain == [("/o/acme/issues/SHOP-1/", 302)]
    assert "SHOP-3 was merged into SHOP-1." in answer.content.decode()
    assert "merged SHOP-2 and SHOP-3 into it" in answer.content.decode()


def test_an_issue_is_merged_into_the_one_that_is_named(bob: Client, world: World) -> None:
    issues = [happen(world.shop, name) for name in "ab"]
    bob.post(TRIAGE, {"issue": issues[0].pk, "action": "merge", "into": "shop-2"})
    assert Issue.objects.get(number=1).merged_into == issues[1]


@pytest.mark.parametrize(("into", "sentence"), [("SHOP-77", "no issue SHOP-77"), ("SECRET-1", "no issue SECRET-1")])
def test_merging_into_what_is_not_there_is_refused(bob: Client, world: World, into: str, sentence: str) -> None:
    issue = happen(world.shop)
    happen(world.secret)
    answer = bob.post(TRIAGE, {"issue": issue.pk, "action": "merge", "into": into}, headers={"HX-Request": "true"})
    assert sentence in answer.content.decode()
    assert Issue.objects.get(pk=issue.pk).merged_into is None


def test_a_merged_issue_is_taken_apart_by_its_keys(bob: Client, world: World) -> None:
    issues = [happen(world.shop, name) for name in "ab"]
    bob.post(TRIAGE, {"issue": [issue.pk for issue in issues], "action": "merge"})
    text = text_of(bob, grouping_of(1))
    assert "What was SHOP-2" in text
    [keys] = re.findall(r'name="key" value="([^"]+)"', text)
    bob.post(TRIAGE, {"issue": issues[0].pk, "key": keys, "action": "unmerge"})
    assert sorted(Event.objects.values_list("issue__number", flat=True)) == [1, 2]


def test_keys_of_another_issue_do_not_leave_it(bob: Client, world: World) -> None:
    issues = [happen(world.shop, name) for name in "ab"]
    foreign = GroupKey.objects.get(issue=issues[1])
    bob.post(TRIAGE, {"issue": issues[0].pk, "key": foreign.pk, "action": "unmerge"})
    assert GroupKey.objects.get(pk=foreign.pk).issue == issues[1]
