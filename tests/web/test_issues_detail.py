"""The page of one issue: its event in full, its history, and the way from event to event."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.conftest import World
from tests.web.factories import happen, happen_often, payload
from tracker.issues import actions
from tracker.issues.claims import ResolveIn
from tracker.models import Activity, ActivityKind, Event, Issue
from tracker.releases.commits import CommitInput, set_commits
from tracker.releases.registry import deploy

pytestmark = pytest.mark.django_db

ISSUE = "/o/acme/issues/SHOP-1/"


@pytest.fixture
def alice(client: Client, world: World) -> Client:
    client.force_login(world.alice)
    return client


def page(client: Client, address: str = ISSUE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_crashing_line_is_open_with_its_number_and_variables(alice: Client, world: World) -> None:
    happen(world.shop)
    text = page(alice)
    assert '<span class="source__number">42</span>' in text
    assert "cart" in text
    assert "&lt;Cart 7&gt;" in text


def test_library_frames_are_folded_and_can_be_unfolded(alice: Client, world: World) -> None:
    happen(world.shop)
    assert "2 library frames" in page(alice)
    assert "2 library frames" not in page(alice, ISSUE + "?frames=all")


def test_the_order_of_frames_can_be_turned_round(alice: Client, world: World) -> None:
    happen(world.shop)
    newest_first = page(alice, ISSUE + "?frames=all")
    oldest_first = page(alice, ISSUE + "?frames=all&order=oldest")
    assert newest_first.index(">checkout<") < newest_first.index(">get_response<")
    assert oldest_first.index(">checkout<") > oldest_first.index(">get_response<")


def test_a_chain_says_what_caused_what(alice: Client, world: World) -> None:
    chain = [{"type": "KeyError", "value": "'sku'"}, {"type": "PaymentError", "value": "charge failed"}]
    happen(world.shop, exception={"values": chain})
    text = page(alice)
    assert text.index(">PaymentError<") < text.index("Caused by") < text.index(">KeyError<")


def test_a_breadcrumb_names_only_what_has_a_value(alice: Client, world: World) -> None:
    crumb = {"category": "httplib", "timestamp": 1_700_000_000, "data": {"url": "https://x.example", "http.query": ""}}
    happen(world.shop, breadcrumbs={"values": [crumb]})
    text = alice.get("/o/acme/issues/SHOP-1/").content.decode()
    assert "https://x.example" in text
    assert "http.query" not in text


def test_request_breadcrumbs_contexts_extra_and_packages_are_shown(alice: Client, world: World) -> None:
    happen(
        world.shop,
        request={"url": "https://shop.example/pay", "method": "POST", "headers": [["Accept", "a/b"]], "data": {"n": 1}},
        breadcrumbs={"values": [{"category": "query", "message": "SELECT 1", "timestamp": 1_700_000_000}]},
        contexts={"runtime": {"name": "CPython", "version": "3.12.1"}},
        extra={"order": 1187},
        modules={"django": "5.2"},
    )
    text = page(alice)
    for shown in ("https://shop.example/pay", "Accept", "SELECT 1", "CPython", "3.12.1", "1187", "django", "plan"):
        assert shown in text
    assert "curl https://shop.example/pay" in text


def test_sections_of_any_shape_do_not_break_the_page(alice: Client, world: World) -> None:
    odd: list[Any] = [None, 7, "text", [], {}, [1, [2]], {"a": {"b": None}}, {"values": [None, 3, {"x": 1}]}]
    for number, value in enumerate(odd):
        sections = (
            "request",
            "breadcrumbs",
            "contexts",
            "extra",
            "modules",
            "user",
            "tags",
            "threads",
            "sdk",
            "message",
        )
        happen(world.shop, f"odd {number}", at=None, **dict.fromkeys(sections, value))
        page(alice, f"/o/acme/issues/SHOP-{number + 1}/")


def test_one_walks_from_the_oldest_event_to_the_latest(alice: Client, world: World) -> None:
    happen_often(world.shop, 3)
    ids = [
        bytes(event_id).hex() for event_id in Event.objects.order_by("occurred_at").values_list("event_id", flat=True)
    ]
    walked = []
    address = ISSUE + "events/oldest/"
    for _ in range(3):
        answer = alice.get(address)
        walked.append(answer.context["shown"].event_id)
        address = f"{ISSUE}events/{answer.context['neighbours'].newer}/"
    assert walked == ids
    assert alice.get(ISSUE).context["shown"].event_id == ids[-1]


def test_events_of_the_same_moment_are_all_passed(alice: Client, world: World) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(3):
        happen(world.shop, at=at)
    seen = set()
    address = ISSUE
    while address:
        answer = alice.get(address)
        seen.add(answer.context["shown"].event_id)
        older = answer.context["neighbours"].older
        address = f"{ISSUE}events/{older}/" if older else ""
    assert len(seen) == 3


def test_an_event_of_another_issue_is_not_shown_here(alice: Client, world: World) -> None:
    happen(world.shop, "a")
    happen(world.shop, "b")
    other = bytes(Event.objects.get(issue__number=2).event_id).hex()
    assert alice.get(f"{ISSUE}events/{other}/").status_code == 404
    assert alice.get(f"{ISSUE}events/{other}/json/").status_code == 404


def test_the_raw_event_is_what_was_stored(alice: Client, world: World) -> None:
    happen(world.shop)
    event_id = bytes(Event.objects.get().event_id).hex()
    answer = alice.get(f"{ISSUE}events/{event_id}/json/")
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content) == payload()


def test_every_event_stands_in_the_list_of_events(alice: Client, world: World) -> None:
    happen_often(world.shop, 3)
    text = page(alice, ISSUE + "events/")
    for event_id in Event.objects.values_list("event_id", flat=True):
        assert bytes(event_id).hex() in text


def test_an_issue_without_kept_events_still_shows_its_history(alice: Client, world: World) -> None:
    happen(world.shop)
    Event.objects.all().delete()
    text = page(alice)
    assert "No event is kept" in text
    assert "First seen" in text


def test_a_regression_names_the_release_in_which_it_came_back(alice: Client, world: World) -> None:
    issue = happen(world.shop)
    actions.resolve([issue], ResolveIn("in_release", ("shop@1.4.2",)), by=world.alice, now=datetime.now(UTC))
    happen(world.shop, release="shop@1.4.3")
    text = page(alice)
    assert "Regressed in shop@1.4.3" in text
    assert "Unresolved again" in text


def test_events_that_the_fix_does_not_cover_are_called_expected(alice: Client, world: World) -> None:
    issue = happen(world.shop)
    actions.resolve([issue], ResolveIn("in_release", ("shop@1.4.2",)), by=world.alice, now=datetime.now(UTC))
    happen(world.shop, release="shop@1.4.1")
    text = page(alice)
    assert "Resolved in shop@1.4.2" in text
    expected = 'still seen on <span title="shop@1.4.1">1.4.1</span> (1 event since, expected)'
    assert expected in text
    assert expected in alice.get("/o/acme/issues/?query=is:resolved").content.decode()


def test_the_short_id_may_be_typed_in_lower_case(alice: Client, world: World) -> None:
    happen(world.shop)
    assert alice.get("/o/acme/issues/shop-1/").status_code == 200


@pytest.mark.parametrize("short_id", ["SHOP-2", "SHOP", "-1", "SHOP-99999999999999999999", "SECRET-1"])
def test_what_is_not_there_is_not_found(alice: Client, world: World, short_id: str) -> None:
    happen(world.shop)
    happen(world.secret)
    assert alice.get(f"/o/acme/issues/{short_id}/").status_code == 404


def test_a_stranger_sees_no_issue_no_event_and_no_payload(client: Client, world: World) -> None:
    happen(world.shop)
    event_id = bytes(Event.objects.get().event_id).hex()
    client.force_login(world.charlie)
    for address in ("", "events/", f"events/{event_id}/", f"events/{event_id}/json/"):
        assert client.get(ISSUE + address).status_code == 404


def test_a_viewer_sees_everything_and_gets_no_controls(client: Client, world: World) -> None:
    happen(world.shop)
    client.force_login(world.viewer)
    text = page(client)
    assert "ZeroDivisionError" in text
    assert 'name="action"' not in text
    assert 'name="text"' not in text


def test_the_history_tells_who_did_what(alice: Client, world: World) -> None:
    issue = happen(world.shop)
    actions.assign([issue], world.bob, by=world.alice, now=datetime.now(UTC))
    actions.resolve([issue], ResolveIn("in_release", ("1.4.2",)), by=world.bob, now=datetime.now(UTC))
    text = page(alice)
    assert "<strong>Alice</strong> assigned it to Bob" in " ".join(text.split())
    assert "resolved in shop@1.4.2" in text


def test_every_kind_of_activity_has_its_words(alice: Client, world: World) -> None:
    issue = happen(world.shop)
    Activity.objects.bulk_create(Activity(project=issue.project, issue=issue, kind=kind) for kind in ActivityKind)
    assert page(alice).count('class="history__item ') == len(ActivityKind) + 1


def test_the_head_alone_is_fetched_anew(alice: Client, world: World) -> None:
    happen(world.shop)
    text = alice.get(ISSUE, headers={"HX-Request": "true", "HX-Target": "issue-head"}).content.decode()
    assert 'id="issue-head"' in text
    assert "issue-history" not in text


def test_times_stand_in_one_issue_however_long_its_name(alice: Client, world: World) -> None:
    happen(world.shop, exception={"values": [{"type": "E" * 300, "value": "v" * 9_000}]})
    page(alice)
    assert Issue.objects.count() == 1


def test_the_counts_are_fetched_anew_only_when_they_have_changed(alice: Client, world: World) -> None:
    happen(world.shop)
    version = alice.get(ISSUE).context["version"]
    headers = {"HX-Request": "true", "HX-Target": "issue-numbers", "X-Version": version}
    assert alice.get(ISSUE, headers=headers).status_code == 204
    happen(world.shop)
    text = alice.get(ISSUE, headers=headers).content.decode()
    assert 'title="2"' in text
    assert "issue-head" not in text


def test_commits_of_the_release_that_touch_the_stack_are_suspect(alice: Client, world: World) -> None:
    happen(world.shop)
    assert "Suspect commits" not in page(alice)
    commits = [
        CommitInput("ab" * 20, author_name="Ana", message="Check out <in> one step", files=("src/shop/views.py",)),
        CommitInput("cd" * 20, author_name="Ben", message="Say hello", files=("README.md",)),
    ]
    set_commits(list(world.shop.releases.all()), commits, now=datetime.now(UTC))
    text = page(alice)
    assert "Suspect commits" in text and "Check out &lt;in&gt; one step" in text and "where it crashed" in text
    assert "Say hello" not in text


def test_after_a_regression_the_commits_of_the_release_that_broke_it_anew_are_suspect(
    alice: Client, world: World
) -> None:
    issue = happen(world.shop)
    actions.resolve([issue], ResolveIn("in_release", ("shop@1.5.0",)), by=None, now=datetime.now(UTC))
    happen(world.shop, release="shop@1.5.0")
    for release in world.shop.releases.all():
        commit = CommitInput("ab" * 20, message=f"Made {release.version}", files=("shop/views.py",))
        set_commits([release], [commit], now=datetime.now(UTC))
    text = page(alice)
    assert "Made shop@1.5.0" in text and "Made shop@1.4.1" not in text


def test_deploys_are_marked_on_the_charts(alice: Client, world: World) -> None:
    happen(world.shop)
    assert "chart__deploy" not in page(alice)
    (release,) = world.shop.releases.all()
    deploy(release, "production", now=datetime.now(UTC) - timedelta(hours=2))
    text = page(alice)
    assert "shop@1.4.1 was deployed to production" in text and "to production" in text
    for address in ("/o/acme/issues/", "/o/acme/releases/", "/o/acme/projects/", "/o/acme/shop/releases/shop@1.4.1/"):
        assert "shop@1.4.1 was deployed to production" in alice.get(address).content.decode(), address
