"""Issues through the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import World
from tests.tracker.digested import digested
from tests.web.api_caller import Caller
from tracker.models import Event, Issue, Status
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys
from tracker.releases.registry import create_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def caller(world: World, now: datetime) -> Caller:
    """Three issues: `a` of 5 events by 3 users, `b` of 2, `c` of 1 event twenty days old."""
    forget_dimensions()
    forget_keys()
    moments = {"a": 5, "b": 2, "c": 1}
    batch = [
        digested(
            world.shop,
            100 * place + n,
            name,
            occurred_at=now - timedelta(days=20 if name == "c" else 0, minutes=place, seconds=n),
            environment="staging" if name == "b" else "production",
            tags={"environment": "staging" if name == "b" else "production", "shelf": f"s{n}", "release": "shop@1.0.0"},
        )
        for place, (name, count) in enumerate(moments.items())
        for n in range(count)
    ]
    record_batch(batch, now)
    return Caller(world.alice)


def issue(name: str) -> Issue:
    return Issue.objects.select_related("project__organization").get(value=name)


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["metadata"]["value"] for row in rows]


def test_an_issue_has_sentrys_shape(caller: Caller, now: datetime) -> None:
    shape = caller.get("projects/acme/shop/issues/")[0]
    stored = issue("a")
    assert shape["id"] == str(stored.pk)
    assert shape["shortId"] == "SHOP-1"
    assert (shape["title"], shape["culprit"], shape["level"]) == (stored.title, stored.culprit, "error")
    assert (shape["status"], shape["substatus"], shape["statusDetails"]) == ("unresolved", "ongoing", {})
    assert (shape["count"], shape["userCount"], shape["isUnhandled"]) == ("5", 3, True)
    assert shape["permalink"] == "http://127.0.0.1:8000/o/acme/issues/SHOP-1/"
    assert shape["project"]["slug"] == "shop"
    assert datetime.fromisoformat(shape["lastSeen"]) == stored.last_seen_at
    assert len(shape["stats"]["24h"]) == 24
    assert sum(count for _, count in shape["stats"]["24h"]) == 5
    assert shape["metadata"] == {"type": "ValueError", "value": "a", "title": stored.title}


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        ("projects/acme/shop/issues/", {}, "abc"),
        ("projects/acme/shop/issues/", {"query": "is:resolved"}, ""),
        ("projects/acme/shop/issues/", {"query": "times_seen:>1"}, "ab"),
        ("projects/acme/shop/issues/", {"query": ""}, "abc"),
        ("projects/acme/shop/issues/", {"sort": "freq"}, "abc"),
        ("projects/acme/shop/issues/", {"environment": "staging"}, "b"),
        ("projects/acme/shop/issues/", {"environment": ["staging", "production"]}, "abc"),
        ("projects/acme/shop/issues/", {"status": "resolved"}, ""),
        ("projects/acme/shop/issues/", {"query": "nothing-like-it"}, ""),
        ("organizations/acme/issues/", {}, "abc"),
        ("organizations/acme/issues/", {"statsPeriod": "24h"}, "ab"),
        ("organizations/acme/issues/", {"statsPeriod": "90d"}, "abc"),
        ("organizations/acme/issues/", {"project": "shop"}, "abc"),
        ("organizations/acme/issues/", {"project": "-1"}, "abc"),
        ("organizations/acme/issues/", {"sort": "no-such", "cursor": "broken", "limit": "many"}, "abc"),
    ],
)
def test_a_list_is_searched_sorted_and_narrowed(
    caller: Caller, path: str, parameters: dict[str, Any], expected: str
) -> None:
    assert names(caller.get(path, **parameters)) == list(expected)
    assert caller.headers["X-Hits"] == str(len(expected))


def test_pages_go_forward_and_back(caller: Caller) -> None:
    pages = list(caller.pages("organizations/acme/issues/", limit=1))
    assert [names(page) for page in pages] == [["a"], ["b"], ["c"]]
    back = caller.link("previous")
    assert back["results"] == "true"
    assert names(caller.client.get(back["url"], headers={"Authorization": caller.authorization}).json()) == ["b"]


@pytest.mark.parametrize("text", ["SHOP-2", "shop-2", "event"])
def test_a_short_id_or_an_events_id_hits_directly(caller: Caller, text: str) -> None:
    if text == "event":
        event = Event.objects.filter(issue=issue("b")).first()
        assert event is not None
        text = bytes(event.event_id).hex()
    assert names(caller.get("organizations/acme/issues/", query=text)) == ["b"]
    assert caller.headers["X-Sentry-Direct-Hit"] == "1"


def test_a_query_that_cannot_be_read_says_where(caller: Caller) -> None:
    answer = caller.get("organizations/acme/issues/", query="level:loud")
    assert caller.status == 400
    assert "column 7" in answer["detail"]


def test_a_list_takes_as_many_statements_for_ten_issues_as_for_one(caller: Caller, world: World, now: datetime) -> None:
    caller.get("organizations/acme/issues/", limit=1)
    with CaptureQueriesContext(connection) as few:
        caller.get("organizations/acme/issues/", limit=1)
    record_batch([digested(world.shop, 900 + n, f"more {n}", occurred_at=now) for n in range(10)], now)
    with CaptureQueriesContext(connection) as many:
        assert len(caller.get("organizations/acme/issues/", limit=50)) == 13
    # One fewer: a page that holds everything is not counted.
    assert len(few) - 1 <= len(many) <= len(few)


@pytest.mark.parametrize(
    "path", ["issues/{id}/", "organizations/acme/issues/{id}/", "organizations/acme/issues/SHOP-1/"]
)
def test_one_issue_has_activity_tags_and_releases(caller: Caller, path: str) -> None:
    shape = caller.get(path.format(id=issue("a").pk))
    assert [activity["type"] for activity in shape["activity"]] == ["first_seen"]
    assert shape["firstRelease"]["version"] == "shop@1.0.0"
    assert {tag["key"]: tag["uniqueValues"] for tag in shape["tags"]} == {"environment": 1, "release": 1, "shelf": 5}
    assert set(shape["stats"]) == {"24h", "30d"}


@pytest.mark.parametrize(
    ("details", "expected", "activity"),
    [
        ({}, {}, ("set_resolved", {})),
        ({"inRelease": "shop@1.0.0"}, {"inRelease": "shop@1.0.0"}, ("set_resolved_in_release", "shop@1.0.0")),
        ({"inRelease": "latest"}, {"inRelease": "shop@1.0.0"}, ("set_resolved_in_release", "shop@1.0.0")),
        (
            {"inReleases": ["shop@1.0.1", "shop@2.0.0"]},
            {"inRelease": "shop@1.0.1", "inReleases": ["shop@1.0.1", "shop@2.0.0"]},
            ("set_resolved_in_release", "shop@1.0.1"),
        ),
        ({"inNextRelease": True}, {"inNextRelease": True}, ("set_resolved_in_release", "")),
        (
            {"inNextMinor": True},
            {"inNextRelease": True, "inNextMinor": True},
            ("set_resolved_in_release", ""),
        ),
        (
            {"inNextRelease": True, "inNextMajor": True},
            {"inNextRelease": True, "inNextMajor": True},
            ("set_resolved_in_release", ""),
        ),
        ({"inRange": ">=1.2 <2"}, {"inRange": ">=1.2 <2"}, ("set_resolved_in_release", "")),
        (
            {"inCommit": {"commit": "abcdef1234", "repository": "acme/shop"}},
            {"inCommit": {"id": "abcdef1234", "repository": {"name": "acme/shop"}}},
            ("set_resolved_in_commit", {"commit": "abcdef1234"}),
        ),
    ],
)
def test_an_issue_is_resolved_in_every_documented_way(
    caller: Caller, details: dict[str, Any], expected: dict[str, Any], activity: tuple[str, Any]
) -> None:
    shape = caller.put("organizations/acme/issues/SHOP-1/", {"status": "resolved", "statusDetails": details})
    assert caller.status == 200
    assert (shape["status"], shape["statusDetails"]) == ("resolved", expected)
    newest = shape["activity"][0]
    said = newest["data"] if isinstance(activity[1], dict) else newest["data"]["version"]
    assert (newest["type"], said) == activity
    assert newest["user"]["email"] == "alice@example.com"


def test_an_issue_is_archived_for_ever_or_until_something_happens(caller: Caller, now: datetime) -> None:
    path = "organizations/acme/issues/SHOP-1/"
    shape = caller.put(path, {"status": "ignored"})
    assert (shape["status"], shape["substatus"], shape["statusDetails"]) == ("ignored", "archived_forever", {})
    shape = caller.put(path, {"status": "ignored", "statusDetails": {"ignoreCount": 10, "ignoreUserCount": 2}})
    assert shape["substatus"] == "archived_until_condition_met"
    assert shape["statusDetails"] == {"ignoreCount": 10, "ignoreUserCount": 2}
    assert issue("a").archival == {"until_times_seen": 15, "until_users_affected": 5}
    shape = caller.put(path, {"status": "ignored", "statusDetails": {"ignoreDuration": 90}})
    until = datetime.fromisoformat(shape["statusDetails"]["ignoreUntil"])
    assert timedelta(minutes=89) < until - now < timedelta(minutes=92)
    day = datetime(2099, 1, 1, tzinfo=UTC)
    shape = caller.put(path, {"status": "ignored", "statusDetails": {"ignoreUntil": day.isoformat()}})
    assert datetime.fromisoformat(shape["statusDetails"]["ignoreUntil"]) == day
    assert caller.put(path, {"status": "unresolved"})["status"] == "unresolved"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"status": "resolved", "statusDetails": {"inCommit": {"commit": "zzz"}}}, "statusDetails"),
        ({"status": "resolved", "statusDetails": {"inRange": "soon"}}, "statusDetails"),
        ({"status": "ignored", "statusDetails": {"ignoreCount": 5, "ignoreWindow": 60}}, "statusDetails"),
        ({"status": "ignored", "statusDetails": {"ignoreCount": 0}}, "statusDetails"),
        ({"status": "ignored", "statusDetails": {"ignoreUntil": "tomorrow"}}, "statusDetails"),
        ({"status": "ignored", "statusDetails": {"ignoreDuration": 10**18}}, "statusDetails"),
        ({"assignedTo": "charlie@example.com"}, "assignedTo"),
        ({"assignedTo": "team:1"}, "assignedTo"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(caller: Caller, body: dict[str, Any], field: str) -> None:
    answer = caller.put("organizations/acme/issues/SHOP-1/", body)
    assert caller.status == 400
    assert field in answer
    assert issue("a").status == Status.UNRESOLVED


def test_an_issue_is_assigned_by_id_address_or_not_at_all(caller: Caller, world: World) -> None:
    path = "organizations/acme/issues/SHOP-1/"
    for name in (f"user:{world.bob.pk}", "Bob@example.com", str(world.bob.pk)):
        assert caller.put(path, {"assignedTo": name})["assignedTo"] == {
            "type": "user",
            "id": str(world.bob.pk),
            "name": "Bob",
            "email": "bob@example.com",
        }
        assert caller.put(path, {"assignedTo": ""})["assignedTo"] is None
    assert names(caller.get("organizations/acme/issues/", query="assigned:me")) == []


def test_many_issues_change_at_once_by_id_or_query(caller: Caller) -> None:
    ids = [str(issue(name).pk) for name in "ab"]
    answer = caller.put("projects/acme/shop/issues/", {"status": "resolved"}, id=ids)
    assert (caller.status, answer) == (200, {"status": "resolved"})
    assert issue("a").status == issue("b").status == Status.RESOLVED
    assert issue("c").status == Status.UNRESOLVED
    caller.put("organizations/acme/issues/", {"status": "ignored"}, query="is:resolved times_seen:2")
    assert [issue(name).status for name in "abc"] == [Status.RESOLVED, Status.ARCHIVED, Status.UNRESOLVED]
    caller.put("projects/acme/shop/issues/", {"status": "resolvedInNextRelease"}, status="unresolved")
    assert caller.get(f"issues/{issue('c').pk}/")["statusDetails"] == {"inNextRelease": True}


def test_ids_of_another_organization_are_passed_over(caller: Caller, world: World) -> None:
    record_batch([digested(world.secret, 1, "hidden")], timezone.now())
    hidden = Issue.objects.get(value="hidden")
    caller.put("organizations/acme/issues/", {"status": "resolved"}, id=[str(hidden.pk), "x", "9" * 30])
    caller.delete("organizations/acme/issues/", id=str(hidden.pk))
    hidden.refresh_from_db()
    assert hidden.status == Status.UNRESOLVED


def test_issues_are_merged_into_the_one_seen_most(caller: Caller) -> None:
    ids = [str(issue(name).pk) for name in "bac"]
    answer = caller.put("organizations/acme/issues/", {"merge": 1}, id=ids)
    assert answer["merge"]["parent"] == ids[1]
    assert set(answer["merge"]["children"]) == {ids[0], ids[2]}
    assert names(caller.get("organizations/acme/issues/")) == ["a"]
    assert caller.get(f"issues/{ids[0]}/")["id"] == ids[1]
    assert caller.get("organizations/acme/issues/SHOP-2/")["count"] == "8"
    caller.put("organizations/acme/issues/", {"merge": 1}, id=ids[1])
    assert caller.status == 400


def test_issues_are_deleted_one_or_many_but_never_all_by_mistake(caller: Caller) -> None:
    caller.delete("projects/acme/shop/issues/")
    assert (caller.status, Issue.objects.count()) == (400, 3)
    caller.delete("projects/acme/shop/issues/", query="times_seen:2")
    assert caller.status == 204
    caller.delete(f"issues/{issue('c').pk}/")
    assert caller.status == 202
    assert [found.value for found in Issue.objects.all()] == ["a"]
    assert Event.objects.count() == 5


def test_tags_come_with_their_most_frequent_values(caller: Caller) -> None:
    path = f"issues/{issue('a').pk}/tags/"
    by_key = {tag["key"]: tag for tag in caller.get(path)}
    assert by_key["release"]["topValues"][0]["value"] == "shop@1.0.0"
    assert by_key["release"]["topValues"][0]["count"] == 5
    assert [tag["key"] for tag in caller.get(path, key="shelf")] == ["shelf"]
    assert caller.get(path + "shelf/")["uniqueValues"] == 5
    pages = list(caller.pages(path + "shelf/values/", limit=2))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {value["value"] for page in pages for value in page} == {f"s{n}" for n in range(5)}
    for strange in ("nothing/", "nothing/values/"):
        caller.get(path + strange)
        assert caller.status == 404


def test_a_comment_is_written_changed_and_taken_back_by_its_author(caller: Caller, world: World) -> None:
    path = f"issues/{issue('a').pk}/comments/"
    note = caller.post(path, {"text": "Looking into it"})
    assert (caller.status, note["type"], note["data"]) == (201, "note", {"text": "Looking into it"})
    other = Caller(world.bob)
    other.put(f"{path}{note['id']}/", {"text": "x"})
    assert other.status == 403
    assert caller.put(f"{path}{note['id']}/", {"text": "Found it"})["data"] == {"text": "Found it"}
    assert [one["data"]["text"] for one in caller.get(f"issues/{issue('a').pk}/notes/")] == ["Found it"]
    assert caller.get(f"issues/{issue('a').pk}/")["numComments"] == 1
    caller.delete(f"{path}{note['id']}/")
    assert caller.get(path) == []
    caller.post(path, {"text": "  "})
    assert caller.status == 400


def test_comments_are_counted_wherever_an_issue_is_shown(caller: Caller) -> None:
    for text in ("One", "Two"):
        caller.post(f"issues/{issue('a').pk}/comments/", {"text": text})
    assert [row["numComments"] for row in caller.get("organizations/acme/issues/")] == [2, 0, 0]
    assert caller.get("organizations/acme/issues/", query="SHOP-1")[0]["numComments"] == 2
    assert caller.get("organizations/acme/issues/SHOP-1/")["numComments"] == 2
    assert caller.get("organizations/acme/issues/SHOP-1/events/latest/")["group"]["numComments"] == 2


def test_a_comment_is_bounded_when_it_is_changed_too(caller: Caller) -> None:
    path = f"issues/{issue('a').pk}/comments/"
    note = caller.post(path, {"text": "One"})
    for text in ("", "  ", "x" * 20_001):
        assert list(caller.put(f"{path}{note['id']}/", {"text": text})) == ["text"]
        assert caller.status == 400
    assert caller.get(path)[0]["data"] == {"text": "One"}


def test_activity_names_what_happened_in_sentrys_words(caller: Caller, world: World) -> None:
    path = "organizations/acme/issues/SHOP-1/"
    caller.put(path, {"assignedTo": "bob@example.com"})
    caller.put(path, {"status": "ignored"})
    caller.put(path, {"status": "unresolved"})
    activity = caller.get(path + "activities/")["activity"]
    assert [one["type"] for one in activity] == ["set_unresolved", "set_ignored", "assigned", "first_seen"]
    assert activity[2]["data"]["assignee"] == str(world.bob.pk)


def test_hashes_are_the_keys_with_their_newest_event(caller: Caller) -> None:
    (key,) = caller.get(f"issues/{issue('a').pk}/hashes/")
    assert len(key["id"]) == 32
    newest = Event.objects.filter(issue=issue("a")).order_by("-occurred_at").first()
    assert newest is not None
    assert key["latestEvent"]["eventID"] == bytes(newest.event_id).hex()


def test_an_issue_resolved_in_a_release_that_regresses_says_so(caller: Caller, world: World, now: datetime) -> None:
    create_release([world.shop], "shop@1.1.0", now=now)
    path = "organizations/acme/issues/SHOP-1/"
    caller.put(path, {"status": "resolved", "statusDetails": {"inRelease": "shop@1.1.0"}})
    later = timezone.now()
    record_batch([digested(world.shop, 990, "a", release="shop@1.0.0", occurred_at=later)], later)
    assert caller.get(path)["status"] == "resolved"
    assert caller.get(path)["expectedSinceResolved"] == 1
    record_batch([digested(world.shop, 991, "a", release="shop@1.1.0", occurred_at=later)], later)
    shape = caller.get(path)
    assert (shape["status"], shape["substatus"]) == ("unresolved", "regressed")
    regression = shape["activity"][0]
    assert (regression["type"], regression["data"]["release"]) == ("set_regression", "shop@1.1.0")
    assert regression["data"]["reason"] == "shop@1.1.0 is the release in which it was fixed"
