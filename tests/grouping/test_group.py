"""What is one issue, and what is two."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from grouping.event import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread
from grouping.group import group_event
from grouping.keys import Key
from grouping.rules import EMPTY_RULES


def frame(function: str, module: str = "shop.cart", line: str = "", in_app: bool | None = True) -> Frame:
    path = module.replace(".", "/") + ".py"
    return Frame(function=function, module=module, filename=path, context_line=line or None, in_app=in_app)


def error(
    type_name: str, value: str = "", *frames: Frame, source: str = "", mechanism: Mechanism | None = None
) -> ExceptionValue:
    stack = Stacktrace(list(frames)) if frames else None
    return ExceptionValue(type_name, value, stacktrace=stack, mechanism=mechanism or Mechanism(source=source))


def event(*exceptions: ExceptionValue, platform: str = "python", transaction: str = "", message: str = "") -> Event:
    return Event("0" * 32, platform=platform, exceptions=list(exceptions), transaction=transaction, message=message)


def keys(one: Event) -> list[Key]:
    return group_event(one, EMPTY_RULES).keys


def primary(one: Event) -> bytes:
    return keys(one)[0].digest


def same(one: Event, other: Event) -> bool:
    return bool({(key.kind, key.digest) for key in keys(one)} & {(key.kind, key.digest) for key in keys(other)})


A, B = frame("checkout", line="pay(order)"), frame("pay", line="return 1 / rate")


def test_type_and_frames_make_an_issue_and_line_numbers_do_not() -> None:
    moved = [replace(A, lineno=10), replace(B, lineno=99)]
    assert same(event(error("ZeroDivisionError", "x", A, B)), event(error("ZeroDivisionError", "y", *moved)))


@pytest.mark.parametrize(
    "other",
    [
        error("KeyError", "x", A, B),
        error("ZeroDivisionError", "x", A, replace(B, function="ship")),
        error("ZeroDivisionError", "x", A, replace(B, module="shop.other")),
        error("ZeroDivisionError", "x", A, replace(B, context_line="return 2 / rate")),
        error("ZeroDivisionError", "x", replace(A, function="refund"), B),
    ],
)
def test_another_type_place_or_line_is_another_issue(other: ExceptionValue) -> None:
    assert not same(event(error("ZeroDivisionError", "x", A, B)), event(other))


def test_five_frames_of_the_application_count_and_the_ones_beyond_do_not() -> None:
    inner = [frame(f"f{number}") for number in range(5)]
    one, other = event(error("A", "", frame("x"), *inner)), event(error("A", "", frame("y"), *inner))
    assert primary(one) == primary(other)
    assert primary(one) != primary(event(error("A", "", *inner[1:], frame("g"))))


def test_library_frames_do_not_count_where_the_application_is_there() -> None:
    library = frame("get", "requests.api", in_app=False)
    assert same(event(error("A", "", A, B, library)), event(error("A", "", A, B)))


def test_where_no_frame_knows_if_it_is_the_applications_all_that_are_no_librarys_are() -> None:
    unknown = [replace(A, in_app=None), replace(B, in_app=None)]
    assert primary(event(error("A", "", *unknown))) == primary(event(error("A", "", A, B)))


def test_the_keys_survive_a_changed_mind_about_what_is_in_app() -> None:
    library = frame("get", "vendored.api", in_app=False)
    before = event(error("A", "", A, B, library))
    after = event(error("A", "", A, B, replace(library, in_app=True)))
    assert primary(before) != primary(after)
    assert same(before, after)


class TestWhatSpeaks:
    """The order of evidence."""

    def test_a_checksum_comes_first(self) -> None:
        one = event(error("A", "", A, B))
        one.checksum, one.fingerprint = "abc", ["mine"]
        assert [key.kind for key in keys(one)] == ["cs"]

    def test_a_fingerprint_comes_before_the_exception(self) -> None:
        one, other = event(error("A", "", A, B)), event(error("B", "", B))
        one.fingerprint = other.fingerprint = ["mine"]
        assert [key.kind for key in keys(one)] == ["fp"]
        assert same(one, other)

    def test_the_crashed_thread_speaks_without_an_exception(self) -> None:
        one = event()
        one.threads = [
            Thread("1", stacktrace=Stacktrace([A])),
            Thread("2", crashed=True, stacktrace=Stacktrace([A, B])),
        ]
        other = event()
        other.stacktrace = Stacktrace([A, B])
        assert same(one, other)

    def test_a_stack_without_its_message_is_told_apart_from_one_with_another_message(self) -> None:
        one, other, again = (
            event(message="queue is full"),
            event(message="disk is full"),
            event(message="queue is full"),
        )
        for each in (one, other, again):
            each.stacktrace = Stacktrace([A, B])
        assert same(one, again)
        assert not same(one, other)

    def test_a_template_error_is_known_by_file_and_line(self) -> None:
        one, other = event(), event()
        one.template = {"filename": "/srv/a/templates/cart.html", "context_line": "{{ total|money }}", "lineno": 3}
        other.template = {"filename": "/opt/b/templates/cart.html", "context_line": "  {{ total|money }}", "lineno": 9}
        assert [key.kind for key in keys(one)] == ["tpl"]
        assert same(one, other)

    @pytest.mark.parametrize(
        ("blocked", "document", "alike"),
        [
            ("https://evil.example/a.js", "https://shop.example/cart", "https://evil.example/b.js?x=1"),
            ("inline", "https://shop.example/cart", "inline"),
            ("https://shop.example/a.js", "https://shop.example/cart", "https://shop.example/b.js"),
            ("data", "https://shop.example/cart", "data:text/plain,x"),
        ],
    )
    def test_a_security_report_is_known_by_directive_and_blocked_host(
        self, blocked: str, document: str, alike: str
    ) -> None:
        reports = []
        for uri in (blocked, alike, "https://other.example/a.js"):
            report = Event("0" * 32, type="csp")
            report.csp = {"effective-directive": "script-src", "blocked-uri": uri, "document-uri": document}
            reports.append(report)
        assert [key.kind for key in keys(reports[0])] == ["sec"]
        assert same(reports[0], reports[1])
        assert not same(reports[0], reports[2])

    def test_a_message_is_known_by_its_template(self) -> None:
        one, other = event(message="order 17 lost"), event(message="order 4711 lost")
        assert [key.kind for key in keys(one)] == ["msg"]
        assert same(one, other)
        assert not same(one, event(message="order 17 found"))

    def test_the_message_before_its_parameters_comes_before_the_formatted_one(self) -> None:
        one, other = event(message="hello Ann"), event(message="hello Bob")
        one.message_template = other.message_template = "hello %s"
        assert same(one, other)

    def test_events_that_say_nothing_are_told_apart_by_where_they_come_from(self) -> None:
        one, other = event(transaction="/a"), event(transaction="/b")
        assert [key.kind for key in keys(one)] == ["low"]
        assert not same(one, other)
        assert same(one, event(transaction="/a"))


class TestWhenTheStackSaysTooLittle:
    """Low information."""

    def test_a_generic_type_is_told_apart_by_its_message(self) -> None:
        go = "*errors.errorString"
        one, other = (event(error(go, text, frame("Run", "shop")), platform="go") for text in ("no stock", "no money"))
        assert not same(one, other)
        assert keys(one)[0].base == keys(other)[0].base is not None

    def test_quoted_values_in_such_a_message_do_not_count(self) -> None:
        one, other = (
            event(error("*errors.errorString", f"user '{name}' is gone", frame("Run", "shop")), platform="go")
            for name in ("ann", "bob")
        )
        assert same(one, other)

    def test_without_frames_type_and_message_speak(self) -> None:
        assert same(event(error("A", "order 1 lost")), event(error("A", "order 2 lost")))
        assert not same(event(error("A", "order 1 lost")), event(error("A", "order 1 found")))
        assert not same(event(error("A", "order 1 lost")), event(error("B", "order 1 lost")))

    def test_three_library_frames_stand_in_for_the_application(self) -> None:
        libraries = [frame(f"f{number}", "django.core", in_app=False) for number in range(7)]
        one = event(error("A", "x is bad", *libraries))
        assert same(one, event(error("A", "y is worse", *libraries[1:])))
        assert not same(one, event(error("A", "x is bad", *libraries[:3])))

    def test_a_line_that_raises_what_it_was_handed_is_told_apart_by_its_message(self) -> None:
        dispatch = frame("run", "shop.jobs", "return job(*args)")
        handed = frame("fail", line="raise ShopError(message)")
        spoken = frame("fail", line='raise ShopError("out of stock: %s" % item)')
        assert not same(event(error("ShopError", "no stock", handed)), event(error("ShopError", "no money", handed)))
        assert same(
            event(error("ShopError", "out of stock: a", spoken)), event(error("ShopError", "out of stock: b", spoken))
        )
        assert same(
            event(error("ShopError", "no stock", handed)), event(error("ShopError", "no stock", dispatch, handed))
        )

    def test_minified_frames_do_not_count(self) -> None:
        def built(name: str, function: str) -> Event:
            frames = [
                Frame(function=function, filename=f"https://x/js/{name}", lineno=1, colno=4_000 + n) for n in range(3)
            ]
            return event(error("TypeError", "x is not a function", *frames), platform="javascript")

        assert same(built("app-Ab12Cd34.js", "t"), built("app-Zz98Yy76.js", "q"))

    def test_beside_mapped_frames_the_minified_ones_do_not_count(self) -> None:
        def page(vendor: str, *dispatchers: Frame) -> Event:
            bundle = Frame(function="r", filename=f"https://x/{vendor}", lineno=1, colno=5_947, in_app=True)
            outer = mapped("src/page.ts", "button.addEventListener('click', () => extra(() => bug()));")
            crash = mapped("src/parse.ts", "return JSON.parse(text);")
            caller = mapped("src/page.ts", "const settings = () => parseSettings(text);")
            frames = [bundle, outer, *dispatchers, outer, caller, crash]
            return event(error("SyntaxError", "Unexpected end of JSON input", *frames), platform="javascript")

        def mapped(path: str, line: str) -> Frame:
            return Frame(function="t", filename=path, context_line=line, mapped=True, in_app=True, lineno=3, colno=9)

        runner = mapped("lib/extra.ts", "export const extra = (f) => new Runner(f).run();")
        assert primary(page("vendor.Ab12Cd34.js")) == primary(page("chunk-99.js", runner))


class TestErrorsWithoutAPlace:
    @pytest.mark.parametrize(
        "failure",
        [
            ("SoftTimeLimitExceeded", ""),
            ("MemoryError", ""),
            ("FatalError", "Allowed memory size of 1234 bytes exhausted"),
            ("Rack::Timeout::RequestTimeoutException", "Request ran for longer than 15000ms"),
        ],
    )
    def test_they_are_known_by_type_and_transaction(self, failure: tuple[str, str]) -> None:
        one = event(error(*failure, A), transaction="/pay")
        assert same(one, event(error(*failure, B), transaction="/pay"))
        assert not same(one, event(error(*failure, A), transaction="/ship"))

    def test_a_server_that_ends_a_slow_worker_is_one_too(self) -> None:
        abort = frame("handle_abort", "gunicorn.workers.base", in_app=False)
        one, other = (event(error("SystemExit", "1", crash, abort), transaction="/pay") for crash in (A, B))
        assert same(one, other)


class TestRecursion:
    def test_depth_does_not_count(self) -> None:
        turn = frame("walk", line="return walk(node.child)")
        end = frame("walk", line="return node.value")
        deep = event(error("KeyError", "", A, *[turn] * 40, end))
        assert same(deep, event(error("KeyError", "", A, turn, end)))

    def test_turns_of_several_functions_do_not_count(self) -> None:
        a, b = frame("a", "m"), frame("b", "m")
        assert same(event(error("K", "", A, a, b, a, b, a, b, B)), event(error("K", "", A, a, b, B)))

    def test_a_stack_overflow_is_its_cycle_wherever_it_was_cut(self) -> None:
        a, b = frame("a", "m", "b(n)"), frame("b", "m", "a(n)")
        one = event(error("RecursionError", "maximum recursion depth exceeded", A, *[a, b] * 50))
        other = event(error("RecursionError", "maximum recursion depth exceeded in comparison", B, *[b, a] * 40, b))
        third = event(error("RecursionError", "maximum recursion depth exceeded", A, *[a] * 50))
        assert same(one, other)
        assert not same(one, third)

    def test_a_comprehension_is_its_function_as_in_newer_pythons(self) -> None:
        line = "return [1 / rate for rate in rates]"
        old = event(error("Z", "", A, frame("pay", line=line), frame("<listcomp>", line=line)))
        assert same(old, event(error("Z", "", A, frame("pay", line=line))))


class TestChains:
    def test_another_cause_is_another_issue(self) -> None:
        outer = error("PaymentError", "no", A, B)
        one, other = event(error("Timeout", "", B), outer), event(error("Reset", "", B), outer)
        assert not same(one, other)

    def test_what_merely_happened_before_does_not_count(self) -> None:
        outer = error("PaymentError", "no", A, B)
        before = error("KeyError", "x", B, source="__context__")
        assert same(event(before, outer), event(outer))

    @pytest.mark.parametrize(
        "wrapper", ["InvocationTargetException", "ActionView::Template::Error", "AggregateException"]
    )
    def test_a_wrapper_does_not_hide_what_it_carries(self, wrapper: str) -> None:
        inner = error("KeyError", "x", A, B)
        assert primary(event(inner, error(wrapper, "", frame("render")))) == primary(event(inner))

    def test_a_wrapper_alone_is_an_error_like_any_other(self) -> None:
        assert keys(event(error("CompletionException", "", A, B)))[0].kind == "app"

    def test_a_chain_of_five_thousand_ends(self) -> None:
        chain = [error(f"E{number}", "", frame(f"f{number}")) for number in range(5_000)]
        assert same(event(*chain), event(*chain))


def member(number: int, parent: int | None, type_name: str, *, group: bool = False, crash: Frame = B) -> ExceptionValue:
    mechanism = Mechanism(exception_id=number, parent_id=parent, is_exception_group=group)
    return error(type_name, "", A, crash, mechanism=mechanism)


def test_an_error_of_apples_frameworks_is_known_by_domain_and_code() -> None:
    def ns_error(code: int) -> Event:
        meta = {"meta": {"ns_error": {"domain": "NSURLErrorDomain", "code": code}}}
        return event(error("NSError", "x", A, B, mechanism=Mechanism(raw=meta)), platform="cocoa")

    assert same(ns_error(-1009), ns_error(-1009))
    assert not same(ns_error(-1009), ns_error(-1001))


class TestExceptionGroups:
    def test_one_distinct_member_speaks_for_the_group(self) -> None:
        twins = [member(2, 0, "ValueError"), member(1, 0, "ValueError"), member(0, None, "ExceptionGroup", group=True)]
        assert primary(event(*twins)) == primary(event(error("ValueError", "", A, B)))

    def test_several_distinct_members_all_count(self) -> None:
        def group(second: str) -> Event:
            root = member(0, None, "ExceptionGroup", group=True)
            return event(member(2, 0, second), member(1, 0, "ValueError"), root)

        assert not same(group("KeyError"), group("TypeError"))
        assert same(group("KeyError"), group("KeyError"))

    @pytest.mark.parametrize(
        "links",
        [
            [(0, 0)],
            [(0, 1), (1, 0)],
            [(0, None), (0, None)],
            [(0, None), (1, 2), (2, 1)],
            [(5, 9), (6, 9), (7, None)],
            [(number, number - 1) for number in range(1, 400)],
        ],
    )
    def test_a_malformed_group_ends(self, links: Sequence[tuple[int, int | None]]) -> None:
        members = [member(number, parent, f"E{number}", group=True) for number, parent in links]
        assert keys(event(*members[::-1]))


class TestLateSourceMaps:
    def test_an_event_before_and_after_the_map_came_is_one_issue(self) -> None:
        sent = {"function": "t", "filename": "https://x/js/app.js", "lineno": 1, "colno": 4_321}
        raw = Frame(function="t", filename="https://x/js/app.js", lineno=1, colno=4_321, raw=sent)
        mapped = Frame(
            function="pay", filename="src/pay.ts", lineno=12, colno=3, context_line="a.b.c()", mapped=True, raw=sent
        )
        one, other = (event(error("TypeError", "a is undefined", f), platform="javascript") for f in (raw, mapped))
        one.release = other.release = "shop@1"
        assert primary(one) != primary(other)
        assert same(one, other)
        other.release = "shop@2"
        assert not same(one, other)


PROGRAM = """
from tests.grouping.test_group import A, B, error, event, keys
print([key.digest.hex() for key in keys(event(error("ZeroDivisionError", "ü 1", A, B)))])
"""


def test_keys_are_the_same_in_every_process() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert answers == {str([key.digest.hex() for key in keys(event(error("ZeroDivisionError", "ü 1", A, B)))]) + "\n"}


def test_keys_never_change_under_one_configuration() -> None:
    crash = event(error("ZeroDivisionError", "", A, B))
    assert [(key.kind, key.digest.hex()) for key in keys(crash)] == [
        ("app", "8ade369862683c550536190ca8ad69db"),
        ("sys", "4b035224c64b43fcc55a51340c830053"),
    ]
    assert keys(event(message="order 17 lost"))[0].digest.hex() == "3a4cf196ca11cc0a7b4f7a7f7a8f82b4"


def test_every_key_is_sixteen_bytes() -> None:
    go = event(error("*errors.errorString", "x", frame("Run", "shop")), platform="go")
    for one in (go, event(message="hello"), event(), event(error("A", "", A, B))):
        for key in keys(one):
            assert len(key.digest) == 16
            assert key.base is None or len(key.base) == 16
