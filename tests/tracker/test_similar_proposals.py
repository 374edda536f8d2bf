"""The rule that would have joined two issues, and the one that would split a mixed one."""

from typing import Any

import pytest

from grouping.group import group_event
from grouping.reader import read_event
from grouping.rules import parse_rules
from tests.conftest import World
from tests.tracker.digested import NOON
from tests.tracker.grouped import error, frame, happen, record
from tracker.models import GroupKey
from tracker.rules.versions import RuleTexts, rules_of, save_rules
from tracker.similar.mixed import mixed_issue_report, variants_of
from tracker.similar.proposals import common_pattern, propose_rules, quoted, slug

PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (error(calls=("checkout", "pay")), error(calls=("checkout", "pay_v2"))),
    (error(calls=("checkout", "pay")), error(calls=("cancel", "refund"))),
    (error(calls=("run", "retry", "pay")), error(calls=("run", "pay"))),
    ({"message": "could not reach berlin in time"}, {"message": "could not reach paris in time"}),
    (error("TimeoutError", "slow"), error("ConnectionError", "gone")),
    (error(value='say "hi" [1]?*'), error("Other", 'a \\ b "x"', calls=("a", 'odd"name\\[x]'))),
]


@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_every_proposal_makes_the_two_one_issue(world: World, left: dict[str, Any], right: dict[str, Any]) -> None:
    a, b = record(world.shop, left), record(world.shop, right)
    assert a.issue != b.issue
    proposals = propose_rules(a, b, RuleTexts())
    assert proposals
    for proposal in proposals:
        texts = proposal.added_to(RuleTexts("type:Nothing -> nothing", "function:nothing -group"))
        rules = parse_rules(texts.fingerprint_rules, texts.stacktrace_rules)
        left_keys, right_keys = (set(group_event(read_event(payload), rules).keys) for payload in (left, right))
        assert left_keys & right_keys, proposal.lines


def test_the_narrowest_idea_comes_first(world: World) -> None:
    a, b = (record(world.shop, error(calls=("checkout", name))) for name in ("pay", "pay_v2"))
    first = propose_rules(a, b, RuleTexts())[0]
    assert first.lines == 'type:"PaymentError" module:"shop.billing" function:"pay*" -> paymenterror-pay'


def test_a_frame_that_only_one_of_them_has_is_left_out(world: World) -> None:
    a, b = (
        record(world.shop, {**error(), "exception": {"values": [stacked(*names)]}})
        for names in (("pay",), ("retry", "pay"))
    )
    first = propose_rules(a, b, RuleTexts())[0]
    assert first.lines == 'module:"shop.billing" function:"retry" -group' and not first.is_fingerprint


def stacked(*names: str) -> dict[str, Any]:
    """An exception whose lines name no calls, so that every frame counts."""
    frames = [frame(name, context_line=None) for name in ("checkout", *names)]
    return {"type": "PaymentError", "value": "declined", "stacktrace": {"frames": frames}}


def test_events_that_are_one_already_need_no_rule(world: World) -> None:
    a, b = record(world.shop, error()), record(world.shop, error())
    assert propose_rules(a, b, RuleTexts()) == []


def test_a_proposal_can_be_put_in_force(world: World) -> None:
    a, b = (record(world.shop, error(calls=("checkout", name))) for name in ("pay", "pay_v2"))
    texts = propose_rules(a, b, rules_of(world.shop))[0].added_to(rules_of(world.shop))
    save_rules(world.shop, texts.fingerprint_rules, texts.stacktrace_rules, by=None, now=NOON)
    assert happen(world.shop, error(calls=("checkout", "pay_v3"))) == a.issue


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("could not reach berlin in time", "could not reach paris in time", "could not reach * in time"),
        ("a b c", "x y z", ""),
        ("one word", "one thing", ""),
        ("is [1]? odd", "is [1]? even", "is ?1]? *"),
        ("", "", ""),
    ],
)
def test_a_pattern_keeps_the_words_that_both_have(a: str, b: str, expected: str) -> None:
    assert common_pattern(a, b) == expected


def test_names_of_fingerprints_are_readable() -> None:
    assert slug("PaymentError could not reach * in time") == "paymenterror-could-not-reach-in-time"


def test_patterns_are_quoted_so_that_they_can_be_read_again() -> None:
    assert quoted('say "hi"\\now') == '"say \\"hi\\"\\\\now"'


# ── Mixed issues ─────────────────────────────────────────────────────────────────────────────────────────────────────

SENTENCES = (
    "could not reach the gateway",
    "disk is full again today",
    "nobody answered within time",
    "wrong password given twice",
    "unexpected end of input stream",
)


def test_an_issue_with_many_unlike_messages_looks_mixed_and_a_rule_parts_it(world: World) -> None:
    for sentence in SENTENCES:
        issue = happen(world.shop, error(value=sentence))
    found = mixed_issue_report(issue)
    assert found.is_mixed and len(found.templates) == 5
    assert {variant.text for variant in found.templates} == set(SENTENCES)
    rules = parse_rules(found.rule)
    assert len({group_event(read_event(error(value=text)), rules).keys[0] for text in SENTENCES}) == 5


def test_an_issue_that_crashes_in_many_places_looks_mixed_and_a_rule_parts_it(world: World) -> None:
    save_rules(world.shop, "type:PaymentError -> payments", "", by=None, now=NOON)
    for name in ("pay", "refund", "charge"):
        issue = happen(world.shop, error(calls=("checkout", name)))
    found = mixed_issue_report(issue)
    assert found.is_mixed and found.crashes[0].text.startswith("shop.billing · ")
    assert "{{ function }}" in found.rule


def test_an_issue_whose_messages_differ_by_ids_alone_is_not_mixed(world: World) -> None:
    for number in range(9):
        issue = happen(world.shop, error(value=f"order {number} of user {number * 7} declined"))
    found = mixed_issue_report(issue)
    assert not found.is_mixed and len(found.templates) == 1 and found.rule == ""


def test_what_people_merged_is_not_held_against_an_issue(world: World) -> None:
    whole = happen(world.shop, error(value=SENTENCES[0]))
    for sentence, name in zip(SENTENCES[1:], ("refund", "charge", "bill", "book"), strict=True):
        part = happen(world.shop, error(value=sentence, calls=("checkout", name)))
        part.events.update(issue=whole)
        GroupKey.objects.filter(issue=part).update(issue=whole, merged_from=part)
    assert not mixed_issue_report(whole).is_mixed


def test_no_more_events_are_read_once_the_time_is_over(world: World) -> None:
    issue = happen(world.shop, error())
    assert mixed_issue_report(issue).texts == ("declined",)
    assert mixed_issue_report(issue, seconds=-1).texts == ()


def test_errors_that_strike_anywhere_are_not_mixed_for_it() -> None:
    events = [read_event(error("MemoryError", "", calls=("run", name))) for name in ("a", "b", "c", "d")]
    assert not variants_of(events).is_mixed


def test_kinds_of_text_that_the_guard_put_there_are_counted(world: World) -> None:
    for word in ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibex", "jay"):
        happen(world.shop, {"message": f"lost sight of {word} quite suddenly"})
    oldest = GroupKey.objects.order_by("id").first()
    assert oldest is not None
    found = mixed_issue_report(oldest.issue)
    assert found.guarded_keys == 2
    assert found.guard_rule == 'message:"lost sight of * quite suddenly" -> lost-sight-of-quite-suddenly'
    save_rules(world.shop, found.guard_rule, "", by=None, now=NOON)
    assert mixed_issue_report(oldest.issue).guarded_keys == 0, "the rule has taken care of it"


def test_a_stack_without_python_modules_is_named_by_its_path(world: World) -> None:
    def browser(function: str) -> dict[str, Any]:
        frames = [frame(function, module="", filename="https://shop.example/src/cart.js", line="throw error")]
        values = [{"type": "TypeError", "value": "x is null", "stacktrace": {"frames": frames}}]
        return {"platform": "javascript", "exception": {"values": values}}

    a, b = record(world.shop, browser("renderCart")), record(world.shop, browser("renderItems"))
    assert any("path:" in proposal.lines for proposal in propose_rules(a, b, RuleTexts()))
