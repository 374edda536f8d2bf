"""A person must be able to ask why."""

import inspect
import re
from collections.abc import Iterator

import pytest

from grouping import catalogue, components, exceptions, stacks
from grouping.components import Component
from grouping.explain import REASONS, first_difference, sentence_for
from grouping.frames import apple, common, dart, dotnet, elixir, go, javascript, jvm, native, php, python, ruby, rust
from grouping.group import Grouping, group_event
from grouping.rules import EMPTY_RULES, parse_rules
from tests.grouping.test_group import A, B, error, event, frame


def explained(*functions: str, type_name: str = "ValueError", value: str = "") -> Grouping:
    frames = [frame(name, "shop.cart") for name in functions]
    return group_event(event(error(type_name, value, *frames)), EMPTY_RULES, explain=True)


def every(components: list[Component]) -> Iterator[Component]:
    for component in components:
        yield component
        yield from every(component.children)


def test_keys_are_the_same_with_and_without_an_explanation() -> None:
    one = event(error("KeyError", "x", A, B))
    with_why, without = group_event(one, EMPTY_RULES, explain=True), group_event(one, EMPTY_RULES)
    assert with_why.keys == without.keys
    assert with_why.components
    assert not without.components


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (explained("main", "pay_v2", "charge"), "first difference: frame 2, `pay` / `pay_v2`"),
        (explained("main", "pay", "charge", type_name="KeyError"), "first difference: type, `ValueError` / `KeyError`"),
        (explained("pay", "charge"), "first difference: frame 3, `shop.cart · main` / nothing"),
        (explained("main", "pay", "charge", value="other"), "no difference: they share a key"),
        (
            group_event(event(message="hello"), EMPTY_RULES, explain=True),
            "first difference: what speaks, `app` / `msg`",
        ),
    ],
)
def test_the_first_difference_is_said_in_words(other: Grouping, words: str) -> None:
    assert first_difference(explained("main", "pay", "charge"), other) == words


def test_two_messages_differ_in_their_templates() -> None:
    one, other = (group_event(event(message=text), EMPTY_RULES, explain=True) for text in ("job lost", "job found"))
    assert first_difference(one, other) == "first difference: message, `job lost` / `job found`"


def test_two_crashes_may_differ_in_the_source_line() -> None:
    one, other = (
        group_event(event(error("E", "", frame("pay", line=line))), EMPTY_RULES, explain=True)
        for line in ("return 1 / rate", "return rate / 0")
    )
    assert (
        first_difference(one, other)
        == "first difference: source line of frame 1, `return 1 / rate` / `return rate / 0`"
    )


def test_every_frame_says_whether_it_counts_and_why_not() -> None:
    library = frame("get", "requests.api", in_app=False)
    tree = group_event(event(error("KeyError", "x", library, A, B)), EMPTY_RULES, explain=True).components
    stack = next(component for component in every(tree) if component.id == "stack")
    assert [(child.contributes, child.reason) for child in stack.children] == [
        (False, "not-in-app"),
        (True, ""),
        (True, ""),
    ]
    assert stack.children[2].value == "shop.cart · pay"
    assert [line.contributes for child in stack.children for line in child.children] == [False, True]


def test_an_explicit_fingerprint_explains_itself_and_its_rule() -> None:
    rules = parse_rules("# ours\ntype:KeyError -> mine")
    root = group_event(event(error("KeyError", "x", A)), rules, explain=True).components[0]
    assert (root.id, root.reason, [child.value for child in root.children]) == (
        "fingerprint",
        "fingerprint-rule",
        ["line 2", "mine"],
    )


def test_every_reason_has_a_sentence() -> None:
    modules = [apple, common, dart, dotnet, elixir, go, javascript, jvm, native, php, python, ruby, rust]
    modules += [catalogue, exceptions, stacks, components]
    code = re.compile(r'(?:note\(|dropped(?:, draft\.library)? = |, )"([A-Z]\d{1,2})"')
    codes = {found for module in modules for found in code.findall(inspect.getsource(module))}
    assert len(codes) > 30
    assert codes <= REASONS.keys()
    for name in ("NOT_IN_APP", "BEYOND_DISPATCH", "BEYOND_INNERMOST", "BEYOND_LIMIT", "BY_RULE"):
        assert sentence_for(getattr(stacks, name)).endswith(".")
    for case in range(7):
        assert f"C{case}" in REASONS


def test_several_codes_make_several_sentences() -> None:
    assert sentence_for("J3 J5") == f"{REASONS['J3']} {REASONS['J5']}"
    assert sentence_for("") == ""
