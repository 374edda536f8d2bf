"""Fingerprint rules and stack-trace rules: read, refused with a place, and applied as their syntax promises."""

import random

import pytest
from sentry_ophio.enhancers import Cache, Component, Enhancements
from sentry_ophio.glob import is_glob_match

from grouping.event import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread
from grouping.group import group_event
from grouping.rules import EMPTY_RULES, RuleError, RuleSet, parse_rules
from grouping.rules.stacktraces import StackRules, parse_stack_rules
from grouping.rules.syntax import compile_glob


def crash(*functions: str, type_name: str = "ValueError", value: str = "bad", platform: str = "python") -> Event:
    frames = [Frame(function=name, module="shop.cart", filename="shop/cart.py", in_app=True) for name in functions]
    return Event(
        "0" * 32,
        platform=platform,
        exceptions=[ExceptionValue(type_name, value, stacktrace=Stacktrace(frames))],
    )


def test_no_rules_are_the_empty_rules() -> None:
    assert RuleSet.empty() is EMPTY_RULES
    assert group_event(crash("a"), parse_rules("", "# only a comment\n\n")) == group_event(crash("a"), EMPTY_RULES)


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("error.type:ValueError", True),
        ("type:Value*", True),
        ("type:valueerror", False),
        ("!type:KeyError", True),
        ("error.value:BAD", True),
        ('message:"*AD*"', True),
        ("logger:shop.*", True),
        ("logger:Shop.*", False),
        ("level:ERROR", True),
        ("tags.region:eu", True),
        ("tags.region:us", False),
        ("!tags.missing:x", True),
        ("stack.function:pay", True),
        ("function:pay module:shop.cart", True),
        ("function:pay module:other", False),
        ("function:main path:**/shop/*.py", True),
        ("path:shop/*.py", True),
        ("path:*.py", False),
        ("path:SHOP/**", True),
        ("app:yes", True),
        ("app:no", False),
        ("family:other", True),
        ("family:javascript,native", False),
        ("family:all", True),
        ("sdk:sentry.python", True),
        ("release:shop@1.*", True),
        ("[ function:main ] | function:pay", True),
        ("[ function:pay ] | function:main", False),
        ("[ !function:pay ] | function:main", False),
        ("function:main | [ function:pay ]", True),
        ("type:ValueError function:pay", True),
        ("thread.crashed:yes thread.name:worker", True),
        ("thread.crashed:no", False),
    ],
)
def test_a_fingerprint_rule_matches_what_it_says(rule: str, matches: bool) -> None:
    event = crash("main", "pay")
    event.logger, event.release, event.sdk_name = "shop.jobs", "shop@1.2", "sentry.python"
    event.tags = {"region": "eu"}
    event.threads = [Thread(id="1", name="worker", crashed=True)]
    grouping = group_event(event, parse_rules(f"{rule} -> mine"))
    assert (grouping.keys[0].kind == "fp") is matches


def test_the_first_rule_wins_and_wins_over_the_client() -> None:
    event = crash("pay")
    event.fingerprint = ["client"]
    rules = parse_rules("type:Nothing -> a\ntype:ValueError -> b\ntype:* -> c")
    expected = group_event(Event("0" * 32, fingerprint=["b"]), EMPTY_RULES)
    assert group_event(event, rules).keys == expected.keys


def test_a_title_has_its_variables_filled_in() -> None:
    event = crash("pay", value="order 17 is gone")
    event.transaction, event.tags = "/pay", {"region": "eu"}
    rules = parse_rules(
        'type:* -> x title="{{ error.type }} in {{ transaction }} ({{tags.region}}): {{ value }} {{ what }}"'
    )
    assert group_event(event, rules).title == "ValueError in /pay (eu): order 17 is gone <unrecognized-variable-what>"


def test_variables_tell_events_apart_and_values_in_messages_do_not() -> None:
    rules = parse_rules("type:* -> {{ function }}, {{ message }}")
    keys = [
        group_event(crash(function, value=value), rules).keys[0].digest
        for function, value in (("pay", "order 1 is gone"), ("pay", "order 2 is gone"), ("ship", "order 1 is gone"))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_a_hybrid_fingerprint_splits_what_would_have_been_one_issue() -> None:
    plain, salted, other = crash("a", "pay"), crash("a", "pay"), crash("a", "pay")
    salted.fingerprint, other.fingerprint = ["{{ default }}", "eu"], ["{{default}}", "us"]
    keys = [group_event(event, EMPTY_RULES).keys[0] for event in (plain, salted, other)]
    assert len({key.digest for key in keys}) == 3
    assert {key.kind for key in keys} == {"app"}


@pytest.mark.parametrize("fingerprint", [["{{ default }}"], ["{{default}}"], [], [""]])
def test_the_default_fingerprint_is_no_fingerprint(fingerprint: list[str]) -> None:
    event = crash("pay")
    event.fingerprint = fingerprint
    assert group_event(event, EMPTY_RULES).keys == group_event(crash("pay"), EMPTY_RULES).keys


@pytest.mark.parametrize(
    ("fingerprint_text", "stack_text", "line", "column"),
    [
        ("type:A -> a\nnonsense:B -> b", "", 2, 1),
        ("type:A", "", 1, 7),
        ("type:A ->", "", 1, 10),
        ("type: -> a", "", 1, 6),
        ('type:"A -> a', "", 1, 6),
        ("-> a", "", 1, 1),
        ("type:A -> a b", "", 1, 13),
        ("app:perhaps -> a", "", 1, 12),
        ("tags.:x -> a", "", 1, 1),
        ("", "function:a", 1, 11),
        ("", "\n\nfunction:a *app", 3, 12),
        ("", "function:a +ap", 1, 12),
        ("", "[ function:a function:b", 1, 14),
        ("", "logger:a -app", 1, 1),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_its_place(
    fingerprint_text: str, stack_text: str, line: int, column: int
) -> None:
    with pytest.raises(RuleError) as refused:
        parse_rules(fingerprint_text, stack_text)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_the_size_of_a_rule_text_is_bounded() -> None:
    with pytest.raises(RuleError):
        parse_rules("type:A -> a\n" * 1_001)
    with pytest.raises(RuleError):
        parse_rules("#" * 70_000)


def keys_under(event: Event, stack_text: str) -> bytes:
    return group_event(event, parse_rules("", stack_text)).keys[0].digest


def test_a_frame_taken_out_of_grouping_is_as_if_it_had_not_been_there() -> None:
    assert keys_under(crash("a", "noise", "pay"), "function:noise -group") == keys_under(crash("a", "pay"), "")


def test_a_frame_called_library_code_leaves_the_primary_key() -> None:
    assert keys_under(crash("a", "noise", "pay"), "function:noise -app") == keys_under(crash("a", "pay"), "")


def test_a_range_reaches_towards_the_crash_or_away_from_it() -> None:
    event = crash("a", "panic", "b", "c")
    assert keys_under(event, "function:panic ^-group") == keys_under(crash("a", "panic"), "")
    assert keys_under(event, "function:panic v-group") == keys_under(crash("panic", "b", "c"), "")


def test_fewer_frames_count_where_a_rule_says_so() -> None:
    event, other = crash("a", "b", "c", "d"), crash("x", "b", "c", "d")
    assert keys_under(event, "") != keys_under(other, "")
    assert keys_under(event, "function:d max-frames=3") == keys_under(other, "function:d max-frames=3")


def test_a_stack_shorter_than_asked_does_not_count() -> None:
    rule = "function:pay min-frames=3"
    assert keys_under(crash("a", "pay"), rule) == keys_under(crash("b", "pay"), rule)


def test_a_rule_about_another_exception_does_nothing() -> None:
    event = crash("a", "noise", "pay")
    assert keys_under(event, "type:KeyError function:noise -group") == keys_under(event, "")
    assert keys_under(event, "type:ValueError function:noise -group") != keys_under(event, "")


def test_the_explanation_names_the_line_of_the_rule() -> None:
    rules = parse_rules("", "# first\nfunction:noise -group")
    grouping = group_event(crash("a", "noise", "pay"), rules, explain=True)
    stack = next(child for child in grouping.components[0].children if child.id == "stack")
    noise = stack.children[1]
    assert (noise.contributes, noise.reason, noise.children[0].value) == (False, "rule", "line 2")


WORDS = ["a", "ab", "b", "abc/b", "a/b/c", "/a/b", "x.py", "a.b.c", "", "A", "aab", "b/a.py", "a[b]", "a\\b"]
PATTERNS = [
    "*",
    "**",
    "a*",
    "*b",
    "a*b",
    "a**c",
    "**/b",
    "*/b/*",
    "?b",
    "a?",
    "[ab]*",
    "[!a]*",
    "a*b*c",
    "**/*.py",
    "a/**/c",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("path", [True, False])
def test_globs_match_like_sentrys(pattern: str, path: bool) -> None:
    for word in WORDS:
        expected = is_glob_match(word, pattern, double_star=path, path_normalize=path)
        value = word.replace("\\", "/") if path else word
        assert bool(compile_glob(pattern, path=path).match(value)) == expected, (pattern, word, path)


def test_a_hostile_glob_ends() -> None:
    assert not compile_glob("*a" * 200 + "b").match("a" * 5_000)
    assert not compile_glob("**/a*" * 40 + "b", path=True).match("/a" * 2_000)


FUNCTIONS = ["main", "run", "pay", "panic", "lambda$1"]
MODULES = ["shop.cart", "shop.jobs", "django.core", ""]
PATHS = ["/srv/shop/cart.py", "shop/jobs.py", "C:\\shop\\x.py", ""]
RULES = [
    "function:{f} -app",
    "function:{f} +app",
    "module:shop.* -app",
    "path:**/shop/* +app",
    "function:{f} ^-app",
    "function:{f} v+app",
    "[ function:{f} ] | module:shop.* -app",
    "module:shop.* | [ function:{f} ] +app",
    "!function:{f} category=other",
    "category:other -app",
    "function:{f} category=entry",
    "category:ent* ^+app",
    "app:no function:{f} category=lib",
    "app:yes category=own",
    "[ !function:{f} ] | module:* -app",
    "family:other function:{f} -app",
    "family:javascript -app",
    "type:ValueError function:{f} -app",
    "type:KeyError -app",
    "value:*bad* function:{f} +app",
]


@pytest.mark.parametrize("seed", range(60))
def test_stack_trace_rules_do_to_random_frames_what_sentrys_do(seed: int) -> None:
    chance = random.Random(seed)
    text = "\n".join(chance.choice(RULES).format(f=chance.choice(FUNCTIONS)) for _ in range(chance.randint(1, 6)))
    frames = [
        Frame(
            function=chance.choice(FUNCTIONS),
            module=chance.choice(MODULES),
            abs_path=chance.choice(PATHS),
            in_app=chance.choice([True, False]),
        )
        for _ in range(chance.randint(1, 8))
    ]
    theirs = Enhancements.parse(text, Cache(100)).apply_modifications_to_frames(
        [
            {
                "function": frame.function.encode() or None,
                "module": frame.module.encode() or None,
                "path": frame.abs_path.lower().replace("\\", "/").encode() or None,
                "family": b"other",
                "package": None,
                "category": None,
                "in_app": frame.in_app,
                "orig_in_app": None,
            }
            for frame in frames
        ],
        {"ty": b"ValueError", "value": b"a bad value", "mechanism": b"generic"},
    )
    exception = ExceptionValue("ValueError", "a bad value", mechanism=Mechanism(type="generic"))
    verdict = StackRules(parse_stack_rules(text)).judge(frames, "other", exception, all_unknown=False)
    ours = [frame.in_app if ruled is None else ruled for frame, ruled in zip(frames, verdict.in_app, strict=True)]
    assert ours == [in_app for _, in_app in theirs], text


@pytest.mark.parametrize("seed", range(40))
def test_frames_count_for_grouping_as_they_do_in_sentry(seed: int) -> None:
    chance = random.Random(seed)
    rules = [
        "function:{f} -group",
        "function:{f} ^-group",
        "module:shop.* +group",
        "function:{f} v-group",
        "app:no -group",
    ]
    text = "\n".join(chance.choice(rules).format(f=chance.choice(FUNCTIONS)) for _ in range(chance.randint(1, 5)))
    frames = [
        Frame(function=chance.choice(FUNCTIONS), module=chance.choice(MODULES), in_app=chance.choice([True, False]))
        for _ in range(chance.randint(1, 8))
    ]
    components = [Component(contributes=None) for _ in frames]
    Enhancements.parse(text, Cache(100)).assemble_stacktrace_component(
        [
            {
                "function": frame.function.encode(),
                "module": frame.module.encode() or None,
                "path": None,
                "package": None,
                "category": None,
                "family": b"other",
                "in_app": frame.in_app,
                "orig_in_app": None,
            }
            for frame in frames
        ],
        {"ty": None, "value": None, "mechanism": None},
        components,
    )
    verdict = StackRules(parse_stack_rules(text)).judge(frames, "other", None, all_unknown=False)
    assert [ruled is False for ruled in verdict.grouped] == [one.contributes is False for one in components], text
