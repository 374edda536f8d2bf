"""Why: which layer decided, what counted, where two events differ."""

import orjson

from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, frame, record
from tracker.models import GroupKey
from tracker.rules.versions import save_rules
from tracker.similar.compare import align, compare
from tracker.similar.why import Part, Why, explain


def frames_of(why: Why) -> list[Part]:
    [evidence] = why.parts
    [stack] = [part for part in evidence.parts if part.id == "stack"]
    return list(stack.parts)


def test_the_key_that_decided_is_named_with_how_it_came_there(world: World) -> None:
    why = explain(record(world.shop, error()))
    assert (why.kind, why.origin, why.is_current) == ("app", "ingest", True)
    assert why.decided_by == "the application's part of the stack"
    [deciding] = [key for key in why.keys if key.is_deciding]
    assert deciding.digest == bytes(GroupKey.objects.get(kind="app").digest).hex()


def test_every_frame_counts_or_says_why_not_the_crash_first(world: World) -> None:
    payload = error()
    payload["exception"]["values"][0]["stacktrace"]["frames"].insert(
        0, frame("get_response", "django.core.handlers.base", in_app=False)
    )
    crash, caller, library = frames_of(explain(record(world.shop, payload)))
    assert (crash.name, crash.contributes, crash.value) == ("frame 1", True, "shop.billing · pay")
    assert (caller.name, caller.contributes) == ("frame 2", True)
    assert not library.contributes and library.reason == "Not the application's code."


def test_raw_and_normalised_stand_side_by_side(world: World) -> None:
    why = explain(record(world.shop, {"message": "user 4711 not found"}))
    [evidence] = why.parts
    [message] = evidence.parts
    assert (message.raw, message.value) == ("user 4711 not found", "user <int> not found")
    assert message.is_changed


def test_a_frame_names_the_line_of_the_rule_that_left_it_out(world: World) -> None:
    save_rules(world.shop, "", "# ours\nfunction:checkout -group", by=None, now=NOON)
    why = explain(record(world.shop, error()))
    [left_out] = [part for part in frames_of(why) if not part.contributes]
    assert left_out.rule_line == 2 and "rule of the project" in left_out.reason
    assert why.rules_version == 1 and why.as_json()["rules"] == {"version": 1, "inForce": 1, "lines": [2]}


def test_an_event_from_before_the_rules_is_explained_as_it_was_grouped(world: World) -> None:
    event = record(world.shop, error())
    save_rules(world.shop, "type:PaymentError -> payments", "", by=None, now=NOON)
    why = explain(event)
    assert (why.kind, why.rules_version, why.rules_version_in_force, why.is_current) == ("app", 0, 1, False)
    assert explain(record(world.shop, error())).origin == "rules"


def test_the_explanation_is_json(world: World) -> None:
    found = explain(record(world.shop, error())).as_json()
    assert orjson.loads(orjson.dumps(found)) == found
    assert found["config"] == "g1" and found["layer"] == "app" and len(found["key"]) == 32
    assert found["variants"][0]["parts"][0]["parts"]


def test_two_events_part_at_their_first_difference(world: World) -> None:
    left = record(world.shop, error(calls=("checkout", "pay")))
    right = record(world.shop, error(calls=("checkout", "pay_v2")))
    found = compare(left, right)
    assert not found.are_one
    assert found.difference == "first difference: frame 1, `pay` / `pay_v2`"

    assert [(row.name, row.is_same) for row in found.rows] == [
        ("type", True),
        ("frame 1", False),
        ("source line", True),
        ("frame 2", True),
    ]
    assert orjson.loads(orjson.dumps(found.as_json()))["rows"][1]["right"] == "shop.billing · pay_v2"


def test_equal_parts_stand_beside_each_other_and_what_one_lacks_beside_nothing() -> None:
    def parts(names: str) -> list[Part]:
        return [Part("frame", name, True, value=name) for name in names]

    rows = [(row.left and row.left.name, row.right and row.right.name) for row in align(parts("abcd"), parts("axd"))]
    assert rows == [("a", "a"), ("b", "x"), ("c", None), ("d", "d")]
    assert list(align([], [])) == []


def test_two_events_of_one_issue_share_a_key(world: World) -> None:
    found = compare(record(world.shop, error(value="a")), record(world.shop, error(value="b")))
    assert found.are_one and "app" in found.shared_keys


def test_an_event_whose_key_is_gone_is_explained_by_what_it_says(world: World) -> None:
    event = record(world.shop, error())
    GroupKey.objects.all().delete()
    assert explain(event).origin_words == "The key that decided is gone."
