"""Events through the API."""

from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import World
from tests.tracker.digested import NOON, digested
from tests.web.api_caller import Caller
from tracker.models import Event, Issue
from tracker.record.batch import record_batch
from tracker.record.dimensions import forget_dimensions
from tracker.record.issues import forget_keys

pytestmark = pytest.mark.django_db

PAYLOAD: dict[str, Any] = {
    "platform": "python",
    "level": "error",
    "release": "shop@1.0.0",
    "environment": "production",
    "server_name": "web-1",
    "transaction": "checkout",
    "logentry": {"message": "cannot charge %s", "params": ["card"], "formatted": "cannot charge card"},
    "exception": {
        "values": [
            {"type": "KeyError", "value": "'total'", "module": "builtins"},
            {
                "type": "ChargeError",
                "value": "declined",
                "mechanism": {"type": "django", "handled": False},
                "stacktrace": {
                    "frames": [
                        {"filename": "django/core.py", "function": "handle", "lineno": 9, "in_app": False},
                        {
                            "filename": "shop/billing.py",
                            "abs_path": "/srv/shop/billing.py",
                            "function": "charge",
                            "module": "shop.billing",
                            "lineno": 42,
                            "in_app": True,
                            "pre_context": ["def charge(card):", "    # once"],
                            "context_line": "    card.charge(total)",
                            "post_context": ["    return"],
                            "vars": {"card": "Card(1)"},
                        },
                    ]
                },
            },
        ]
    },
    "breadcrumbs": {"values": [{"type": "http", "category": "httplib", "data": {"url": "/pay"}, "timestamp": 1.5}]},
    "request": {
        "method": "POST",
        "url": "https://shop.example/pay",
        "query_string": {"a": "1"},
        "headers": {"Host": "shop.example"},
    },
    "user": {"id": "7", "email": "u@example.com", "plan": "gold"},
    "tags": {"shelf": "top"},
    "contexts": {"runtime": {"name": "CPython", "version": "3.11"}},
    "extra": {"cart": [1, 2]},
    "modules": {"django": "5.2"},
    "sdk": {"name": "sentry.python", "version": "2.0"},
    "fingerprint": ["{{ default }}", "x"],
    "dist": "7",
}


def hex_of(event: Event) -> str:
    return bytes(event.event_id).hex()


@pytest.fixture
def events(world: World) -> list[Event]:
    """Seven events of one issue, the newest first."""
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, n, "a", payload=orjson.dumps(PAYLOAD)) for n in range(7)], NOON)
    return list(Event.objects.order_by("-occurred_at"))


@pytest.fixture
def caller(world: World) -> Caller:
    return Caller(world.alice)


@pytest.fixture
def path(events: list[Event]) -> str:
    return f"issues/{Issue.objects.get().pk}/events/"


def entry(shape: dict[str, Any], kind: str) -> Any:
    return next(entry["data"] for entry in shape["entries"] if entry["type"] == kind)


def test_an_event_has_its_exceptions_oldest_cause_first(caller: Caller, path: str) -> None:
    cause, thrown = entry(caller.get(path + "latest/"), "exception")["values"]
    assert (cause["type"], cause["stacktrace"]) == ("KeyError", None)
    assert (thrown["type"], thrown["value"], thrown["mechanism"]["handled"]) == ("ChargeError", "declined", False)
    library, own = thrown["stacktrace"]["frames"]
    assert (library["inApp"], own["inApp"]) == (False, True)
    assert (own["filename"], own["absPath"], own["module"]) == (
        "shop/billing.py",
        "/srv/shop/billing.py",
        "shop.billing",
    )
    assert (own["function"], own["lineNo"], own["vars"]) == ("charge", 42, {"card": "Card(1)"})
    assert own["context"] == [
        [40, "def charge(card):"],
        [41, "    # once"],
        [42, "    card.charge(total)"],
        [43, "    return"],
    ]
    assert thrown["stacktrace"]["hasSystemFrames"] is True


def test_an_event_has_everything_else_that_was_sent(caller: Caller, path: str, events: list[Event]) -> None:
    shape = caller.get(path + "latest/")
    assert shape["id"] == shape["eventID"] == hex_of(events[0])
    assert (shape["groupID"], shape["projectID"]) == (str(events[0].issue_id), str(events[0].project_id))
    assert entry(shape, "message") == {"message": "cannot charge %s", "formatted": "cannot charge card"}
    assert entry(shape, "breadcrumbs")["values"][0]["data"] == {"url": "/pay"}
    request = entry(shape, "request")
    assert (request["method"], request["query"], request["headers"]) == (
        "POST",
        [["a", "1"]],
        [["Host", "shop.example"]],
    )
    assert (shape["user"]["email"], shape["user"]["data"]) == ("u@example.com", {"plan": "gold"})
    assert {"key": "shelf", "value": "top"} in shape["tags"]
    assert {"key": "environment", "value": "production"} in shape["tags"]
    assert shape["contexts"]["runtime"]["name"] == "CPython"
    assert (shape["context"], shape["packages"]) == ({"cart": [1, 2]}, {"django": "5.2"})
    assert (shape["sdk"], shape["dist"]) == ({"name": "sentry.python", "version": "2.0"}, "7")
    assert shape["release"]["version"] == "shop@1.0.0"
    assert shape["fingerprints"] == ["{{ default }}", "x"]
    assert shape["group"]["shortId"] == "SHOP-1"
    assert shape["location"] == "shop/billing.py"


def test_an_event_knows_its_neighbours(caller: Caller, path: str, events: list[Event]) -> None:
    ids = [hex_of(event) for event in events]
    for name, older, newer in (("latest", ids[1], None), ("oldest", None, ids[5]), (ids[3], ids[4], ids[2])):
        shape = caller.get(f"{path}{name}/")
        assert (shape["previousEventID"], shape["nextEventID"]) == (older, newer)
    assert caller.get(path + "recommended/")["id"] == ids[0]


def test_an_event_is_found_by_each_of_its_addresses(caller: Caller, path: str, events: list[Event]) -> None:
    id_ = hex_of(events[3])
    expected = caller.get(f"{path}{id_}/")
    assert caller.get(f"projects/acme/shop/events/{id_}/") == expected
    assert caller.get(f"organizations/acme/issues/SHOP-1/events/{id_}/") == expected
    place = caller.get(f"organizations/acme/eventids/{id_}/")
    assert (place["projectSlug"], place["groupId"], place["event"]["id"]) == ("shop", expected["groupID"], id_)


@pytest.mark.parametrize("event_id", ["f" * 32, "nothing", "0", "latestt", "é"])
def test_an_event_that_is_not_there_is_not_found(caller: Caller, path: str, event_id: str) -> None:
    for address in (f"{path}{event_id}/", f"projects/acme/shop/events/{event_id}/"):
        caller.get(address)
        assert caller.status == 404
    caller.get(f"organizations/acme/eventids/{event_id}/")
    assert caller.status == 404


def test_the_event_of_another_issue_is_not_found_under_this_one(caller: Caller, path: str, world: World) -> None:
    record_batch([digested(world.shop, 50, "b")], NOON)
    other = Event.objects.get(issue__value="b")
    caller.get(f"{path}{hex_of(other)}/")
    assert caller.status == 404


def test_events_are_listed_newest_first_page_by_page(caller: Caller, path: str, events: list[Event]) -> None:
    pages = list(caller.pages(path, limit=3))
    assert [row["id"] for page in pages for row in page] == [hex_of(event) for event in events]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert "entries" not in pages[0][0]
    assert entry(caller.get(path, full="true")[0], "exception")
    project_pages = list(caller.pages("projects/acme/shop/events/", limit=4))
    assert {row["id"] for page in project_pages for row in page} == {hex_of(event) for event in events}


def test_a_list_of_events_takes_the_same_few_statements_for_one_and_for_all(caller: Caller, path: str) -> None:
    caller.get(path, limit=1)
    with CaptureQueriesContext(connection) as few:
        caller.get(path, limit=1)
    with CaptureQueriesContext(connection) as many:
        caller.get(path, limit=100)
    assert len(many) == len(few)


def test_the_json_of_an_event_is_what_was_sent(caller: Caller, path: str, events: list[Event]) -> None:
    assert caller.get(path + "latest/json/") == PAYLOAD
    assert caller.get(f"projects/acme/shop/events/{hex_of(events[2])}/json/") == PAYLOAD


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"exception": [{"value": "bare list"}], "tags": [["a", "b"]], "user": "who", "request": [], "contexts": 7},
        {"breadcrumbs": [{"message": None}], "extra": None, "modules": [], "sdk": "x", "debug_meta": {"images": []}},
        {"csp": {"effective_directive": "img-src"}, "message": {"formatted": 1}, "stacktrace": {"frames": [None, {}]}},
        {"threads": {"values": [{"id": 1, "stacktrace": {"frames": [{"vars": [1]}]}}]}, "level": 17},
    ],
)
def test_an_odd_payload_is_still_answered(caller: Caller, world: World, payload: dict[str, Any]) -> None:
    forget_dimensions()
    forget_keys()
    record_batch([digested(world.shop, 1, "odd", payload=orjson.dumps(payload))], NOON)
    shape = caller.get("organizations/acme/issues/SHOP-1/events/latest/")
    assert caller.status == 200
    assert isinstance(shape["entries"], list)
