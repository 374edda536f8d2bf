"""Which evidence speaks for an event, and when its message has to speak as well."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grouping.event import Event, ExceptionValue, Frame, Mechanism, Stacktrace, Thread
from grouping.group import group_event
from grouping.rules import EMPTY_RULES, parse_rules
from tests.grouping.test_group import A, B, error, event, frame, keys, primary, same

LIBRARIES = [frame(f"f{number}", "django.core", in_app=False) for number in range(7)]
UNREADABLE = Frame(function="?", in_app=True)
"""A frame that says nothing."""


def kinds(one: Event) -> list[str]:
    return [key.kind for key in keys(one)]


def said(text: str, *frames: Frame, platform: str = "python") -> Event:
    """A message, with the stack from which it was sent where there is one."""
    one = event(message=text, platform=platform)
    one.stacktrace = Stacktrace(list(frames)) if frames else None
    return one


def threaded(*threads: Thread, message: str = "") -> Event:
    one = event(message=message)
    one.threads = list(threads)
    return one


def thread(*frames: Frame, crashed: bool = False, current: bool = False) -> Thread:
    return Thread(crashed=crashed, current=current, stacktrace=Stacktrace(list(frames)))


def parted_by_message(make: Callable[[str], Event], first: str = "no stock", second: str = "no money") -> bool:
    """Whether two events that differ only in their messages are two issues."""
    return not same(make(first), make(second))


class TestGenericTypes:
    """A type that programmers raise for anything does not say what happened, however much the stack says."""

    @pytest.mark.parametrize("generic", ["RuntimeError", "Exception", "Error", "StandardError"])
    def test_their_message_counts_though_the_stack_says_enough(self, generic: str) -> None:
        assert parted_by_message(lambda text: event(error(generic, text, A, B)))

    def test_the_message_of_a_telling_type_does_not_count_where_the_stack_says_enough(self) -> None:
        assert not parted_by_message(lambda text: event(error("OutOfStock", text, A, B)))

    def test_numbers_and_quoted_values_in_the_message_do_not_count(self) -> None:
        assert not parted_by_message(
            lambda text: event(error("RuntimeError", text, A, B)),
            "order 1 of 'ann' is lost",
            "order 2 of 'bob' is lost",
        )

    def test_their_message_counts_where_libraries_stand_in_for_the_application(self) -> None:
        assert parted_by_message(lambda text: event(error("RuntimeError", text, *LIBRARIES)))

    def test_the_message_of_the_event_does_not_stand_in_for_the_message_that_the_error_lacks(self) -> None:
        one, other = (event(error("RuntimeError", "", A, B), message=text) for text in ("no stock", "no money"))
        assert same(one, other)


class TestErrorsWithoutAType:
    """SDKs make up an exception to carry a message, or send a minified type: then the message says what happened."""

    def test_their_message_counts_though_the_stack_says_enough(self) -> None:
        assert parted_by_message(lambda text: event(error("", text, A, B)))

    def test_so_does_the_stack(self) -> None:
        assert primary(event(error("", "no stock", A, B))) != primary(event(error("", "no stock", A)))

    def test_the_message_of_the_event_stands_in_for_the_one_that_they_lack(self) -> None:
        one, other = (event(error("", "", A, B), message=text) for text in ("no stock", "no money"))
        assert not same(one, other)
        assert same(one, event(error("", "no stock", A, B)))

    def test_a_made_up_type_is_none(self) -> None:
        made_up = Mechanism(synthetic=True)
        assert parted_by_message(lambda text: event(error("Fault", text, A, B, mechanism=made_up)))

    def test_a_minified_type_is_none(self) -> None:
        mapped = [replace(A, mapped=True), replace(B, mapped=True)]
        assert parted_by_message(lambda text: event(error("t", text, *mapped), platform="javascript"))

    def test_the_same_words_from_another_place_or_without_a_stack_are_the_same_issue(self) -> None:
        one = event(error("", "the queue is full", A, B))
        assert kinds(one) == ["app", "sys", "msg"]
        assert same(one, event(error("", "the queue is full", A, replace(B, function="ship"))))
        assert same(one, event(message="the queue is full"))

    def test_one_or_two_words_are_too_few_for_that(self) -> None:
        one = event(error("", "queue full", A, B))
        assert "msg" not in kinds(one)
        assert not same(one, event(message="queue full"))

    def test_a_telling_type_is_never_the_issue_of_its_message_alone(self) -> None:
        assert not same(event(error("QueueFull", "the queue is full", A, B)), event(message="the queue is full"))

    def test_without_a_stack_they_are_their_message(self) -> None:
        one = event(error("", "queue full"))
        assert kinds(one) == ["msg"]
        assert same(one, event(message="queue full"))

    def test_without_a_message_either_they_are_known_by_where_they_come_from(self) -> None:
        one = event(error("", ""), transaction="/a")
        assert kinds(one) == ["low"]
        assert not same(one, event(error("", ""), transaction="/b"))


class TestMessagesWithAStack:
    """`attach_stacktrace` sends the stack from which a message was sent."""

    def test_the_stack_tells_apart_messages_of_few_words(self) -> None:
        assert not same(said("full", A, B), said("full", A, replace(B, function="ship")))
        assert kinds(said("full", A, B)) == ["app", "sys"]

    def test_a_telling_message_is_the_same_with_and_without_its_stack(self) -> None:
        assert same(said("the queue is full", A, B), said("the queue is full"))
        assert not same(said("queue full", A, B), said("queue full"))

    def test_so_is_one_with_quoted_words_or_parameters(self) -> None:
        assert same(said("the queue 'mail' is full", A, B), said("the queue 'mail' is full"))
        one, other = said("the queue of Ann is full", A, B), said("the queue of Bob is full")
        one.message_template = other.message_template = "the queue of %s is full"
        assert same(one, other)

    @pytest.mark.parametrize("text", ["<a> %s %d", "17 of 99 %s", "id 4711 4712", "is full 17", "disk! queue! full!"])
    def test_placeholders_numbers_and_marks_are_no_telling_words(self, text: str) -> None:
        assert "msg" not in kinds(said(text, A, B))

    def test_three_words_are_telling(self) -> None:
        assert "msg" in kinds(said("queue is full", A, B))

    def test_the_words_before_their_parameters_are_put_in_are_what_counts(self) -> None:
        one, other = said("hello Ann", A, B), said("hello Bob", A, B)
        one.message_template = other.message_template = "hello %s"
        assert same(one, other)

    def test_a_stack_without_a_message_speaks_for_itself(self) -> None:
        assert kinds(said("", A, B)) == ["app", "sys"]
        assert keys(said("", A, B))[0].base is None
        assert not same(said("", A, B), said("", A))

    def test_an_empty_stack_is_none(self) -> None:
        one = said("queue full")
        one.stacktrace = Stacktrace()
        assert kinds(one) == ["msg"]
        assert same(one, said("queue full"))

    def test_one_that_cannot_be_read_leaves_the_message(self) -> None:
        assert not same(said("queue full", UNREADABLE), said("disk full", UNREADABLE))

    def test_where_nothing_of_it_can_be_read_and_there_is_no_message_a_template_error_speaks(self) -> None:
        one = said("", UNREADABLE)
        one.template = {"filename": "cart.html", "context_line": "{{ total }}"}
        assert kinds(one) == ["tpl"]

    def test_the_projects_rules_hold_for_the_stack(self) -> None:
        rules = parse_rules("", "function:pay -group")
        ruled = [group_event(said("", A, replace(B, function=name)), rules).keys for name in ("pay", "ship")]
        assert ruled[0][0] == keys(said("", A))[0]
        assert ruled[1][0] != ruled[0][0]

    def test_servers_and_browsers_that_say_the_same_are_one_program_and_other_languages_another(self) -> None:
        browser, server, ruby = (
            said("the queue is full", platform=platform) for platform in ("javascript", "node", "ruby")
        )
        assert same(browser, server)
        assert not same(server, ruby)
        assert same(said("the queue is full", A, B, platform="node"), browser)
        assert not same(said("the queue is full", A, B), browser)


class TestThreads:
    def test_the_crashed_thread_comes_before_the_current_one(self) -> None:
        one = threaded(thread(A, current=True), thread(A, B, crashed=True))
        assert kinds(one) == ["app", "sys"]
        assert primary(one) == primary(said("", A, B))

    def test_the_current_thread_comes_before_the_others(self) -> None:
        one = threaded(thread(A), thread(A, B, current=True), thread(B))
        assert primary(one) == primary(said("", A, B))

    def test_the_only_thread_with_a_stack_needs_no_mark(self) -> None:
        one = threaded(Thread(crashed=True), thread(A, B), Thread(current=True, stacktrace=Stacktrace()))
        assert primary(one) == primary(said("", A, B))

    @pytest.mark.parametrize(
        "threads",
        [
            [thread(A), thread(A, B)],
            [thread(A, crashed=True), thread(A, B, crashed=True)],
            [thread(A, current=True), thread(A, B, current=True)],
        ],
    )
    def test_where_none_stands_out_no_thread_speaks(self, threads: list[Thread]) -> None:
        assert kinds(threaded(*threads, message="queue full")) == ["msg"]

    def test_the_stack_of_the_crashed_thread_comes_before_the_events_own(self) -> None:
        one = threaded(thread(A, B, crashed=True))
        one.stacktrace = Stacktrace([A])
        assert primary(one) == primary(said("", A, B))

    def test_one_that_cannot_be_read_leaves_the_word_to_the_events_own_stack(self) -> None:
        one = threaded(thread(UNREADABLE, crashed=True))
        one.stacktrace = Stacktrace([A, B])
        assert primary(one) == primary(said("", A, B))


class TestBorrowedStacks:
    """An exception without a stack of its own crashed where the thread or the event says."""

    def test_a_thrown_exception_has_the_crashed_threads_stack(self) -> None:
        one = event(error("KeyError", "x"))
        one.threads = [thread(A, B, crashed=True)]
        assert same(one, event(error("KeyError", "x", A, B)))

    def test_or_the_events_own(self) -> None:
        one = event(error("KeyError", "x"))
        one.stacktrace = Stacktrace([A, B])
        assert same(one, event(error("KeyError", "x", A, B)))

    def test_the_threads_comes_first(self) -> None:
        one = event(error("KeyError", "x"))
        one.threads, one.stacktrace = [thread(A, B, crashed=True)], Stacktrace([A])
        assert primary(one) == primary(event(error("KeyError", "x", A, B)))

    def test_an_empty_stack_is_none(self) -> None:
        empty = ExceptionValue("KeyError", "x", stacktrace=Stacktrace())
        one = event(empty)
        one.stacktrace = Stacktrace([A, B])
        assert same(one, event(error("KeyError", "x", A, B)))

    def test_an_exception_with_a_stack_keeps_it(self) -> None:
        one = event(error("KeyError", "x", A, B))
        one.stacktrace = Stacktrace([frame("main")])
        assert same(one, event(error("KeyError", "x", A, B)))

    def test_a_cause_without_a_stack_borrows_none(self) -> None:
        outer = error("PaymentError", "no", A, B)
        one, other = event(error("Timeout", ""), outer), event(error("Timeout", ""), outer)
        other.stacktrace = Stacktrace([frame("elsewhere", "other.place")])
        assert primary(one) == primary(other)


class TestWhoseCodeIsUnknown:
    """Frames that do not say whose code they are count as the application's only if no frame of the event says it."""

    UNKNOWN = (replace(A, in_app=None), replace(B, in_app=None))

    def test_in_the_stack_of_another_exception(self) -> None:
        one = event(error("Timeout", "", frame("get", "requests.api", in_app=False)), error("E", "", *self.UNKNOWN))
        assert primary(one) != primary(event(error("Timeout", "", LIBRARIES[0]), error("E", "", A, B)))
        assert keys(one)[0].base is not None

    def test_in_the_stack_of_a_thread(self) -> None:
        one = event(error("E", "x", *self.UNKNOWN))
        assert keys(one)[0].base is None
        one.threads = [thread(LIBRARIES[0]), thread(LIBRARIES[1])]
        assert keys(one)[0].base is not None

    def test_in_the_stack_of_the_event(self) -> None:
        one = event(error("E", "x", *self.UNKNOWN))
        one.stacktrace = Stacktrace([LIBRARIES[0]])
        assert keys(one)[0].base is not None


class TestTheSourceLineOfTheCrash:
    @pytest.mark.parametrize("platform", ["python", "javascript", "node", "php", "ruby"])
    def test_it_counts_where_the_sdk_sends_the_line_that_ran(self, platform: str) -> None:
        assert not same(*self.two_lines(platform))

    @pytest.mark.parametrize("platform", ["java", "go", "csharp", "rust"])
    def test_it_does_not_count_on_other_platforms(self, platform: str) -> None:
        assert same(*self.two_lines(platform))

    def two_lines(self, platform: str) -> tuple[Event, Event]:
        outer = Frame(function="checkout", module="shop.cart", in_app=True, context_line="pay(order)")
        one, other = (
            event(error("PayError", "", outer, replace(outer, function="pay", context_line=line)), platform=platform)
            for line in ("a = load(b)", "c = store(d)")
        )
        return one, other

    def test_in_a_function_without_a_name_it_counts_on_every_platform(self) -> None:
        def crash(line: str) -> Event:
            literal = Frame(function="Handlers.func5", module="shop", in_app=True, context_line=line)
            return event(error("PayError", "", literal), platform="go")

        assert not same(crash("a := load(b)"), crash("c := store(d)"))

    def test_it_does_not_count_where_the_stack_overflowed(self) -> None:
        def overflow(line: str) -> Event:
            turns = [frame("walk", line="return walk(node.child)")] * 40
            return event(error("RecursionError", "maximum recursion depth exceeded", *turns, frame("walk", line=line)))

        assert same(overflow("return walk(node.child)"), overflow("return walk(node.other)"))

    def test_one_frame_and_its_line_are_enough(self) -> None:
        crash = frame("pay", line="return 1 / rate")
        assert not parted_by_message(lambda text: event(error("PayError", text, crash)))

    def test_one_frame_without_a_line_is_not(self) -> None:
        assert parted_by_message(lambda text: event(error("PayError", text, frame("pay"))))

    def test_nor_is_one_whose_line_raises_what_it_was_handed(self) -> None:
        assert parted_by_message(lambda text: event(error("PayError", text, frame("pay", line="raise error"))))
        assert parted_by_message(lambda text: event(error("PayError", text, frame("pay", line="throw error;"))))

    def test_two_frames_are_enough_without_lines(self) -> None:
        assert not parted_by_message(lambda text: event(error("PayError", text, frame("checkout"), frame("pay"))))

    def test_one_turn_of_a_stack_overflow_is_enough(self) -> None:
        turns = [frame("walk")] * 50
        assert not parted_by_message(
            lambda text: event(error("RecursionError", f"maximum recursion depth exceeded {text}", *turns))
        )


class TestWhereNoFrameOfTheApplicationIsUsable:
    def test_three_frames_of_libraries_are_enough_without_the_message(self) -> None:
        assert not parted_by_message(lambda text: event(error("E", text, *LIBRARIES[:3])))

    def test_beside_two_the_message_counts(self) -> None:
        assert parted_by_message(lambda text: event(error("E", text, *LIBRARIES[:2])))
        assert not same(event(error("E", "no stock", *LIBRARIES[:2])), event(error("E", "no stock", *LIBRARIES[1:3])))

    def test_quoted_values_in_it_do_not(self) -> None:
        assert not parted_by_message(
            lambda text: event(error("E", text, *LIBRARIES[:2])), "user 'ann' is gone", "user 'bob' is gone"
        )

    def test_only_the_five_innermost_count(self) -> None:
        assert same(event(error("E", "", *LIBRARIES[2:])), event(error("E", "", *LIBRARIES)))
        assert not same(event(error("E", "", *LIBRARIES[2:])), event(error("E", "", *LIBRARIES[3:])))

    def test_frames_of_the_application_that_cannot_be_told_apart_are_not_usable(self) -> None:
        nameless = [Frame(filename=f"/srv/shop/file{number}.py", in_app=True) for number in range(3)]
        assert parted_by_message(lambda text: event(error("E", text, *nameless)))

    def test_frames_of_libraries_that_cannot_be_told_apart_do_not_make_three(self) -> None:
        nameless = Frame(filename="/usr/lib/python3.11/json/decoder.py", in_app=False)
        assert parted_by_message(lambda text: event(error("E", text, *LIBRARIES[:2], nameless)))

    def test_where_they_crashed_counts_beside_the_message(self) -> None:
        one, other = (
            event(error("E", "no stock", Frame(filename=f"/srv/shop/{name}.py", in_app=True))) for name in ("a", "b")
        )
        assert keys(one)[0].base != keys(other)[0].base
        assert not same(one, other)

    def test_without_any_frame_quoted_words_count(self) -> None:
        assert parted_by_message(lambda text: event(error("E", text)), "no 'left' turn", "no 'right' turn")


class TestMinifiedStacks:
    """Where most frames of the application are minified, with the one that crashed, the stack says nothing."""

    def page(self, readable: Frame, text: str = "no stock") -> Event:
        bundle = [
            Frame(function="t", filename=f"https://x/js/app{n}.js", lineno=1, colno=4_000, in_app=True)
            for n in range(2)
        ]
        return event(error("PayError", text, readable, *bundle), platform="javascript")

    @pytest.mark.parametrize("in_app", [True, False])
    def test_readable_frames_among_them_do_not_count(self, in_app: bool) -> None:
        one, other = (Frame(function=name, filename="src/cart.js", in_app=in_app) for name in ("pay", "ship"))
        assert primary(self.page(one)) == primary(self.page(other))

    def test_the_message_does(self) -> None:
        readable = Frame(function="pay", filename="src/cart.js", in_app=True)
        assert parted_by_message(lambda text: self.page(readable, text))


class TestCauses:
    def test_the_source_line_counts_where_the_application_crashed(self) -> None:
        outer = error("PaymentError", "no", A, B)
        one, other = (
            event(error("Timeout", "", frame("call", "shop.net", line)), outer) for line in ("a = get(b)", "c = put(d)")
        )
        assert not same(one, other)

    def test_a_librarys_does_not(self) -> None:
        outer = error("PaymentError", "no", A, B)
        one, other = (
            event(error("Timeout", "", frame("call", "requests.api", line, in_app=False)), outer)
            for line in ("a = get(b)", "c = put(d)")
        )
        assert primary(one) == primary(other)

    def test_where_a_cause_crashed_counts(self) -> None:
        outer = error("PaymentError", "no", A, B)
        assert not same(event(error("Timeout", "", frame("a")), outer), event(error("Timeout", "", frame("b")), outer))

    def test_what_a_cause_says_does_not(self) -> None:
        outer = error("PaymentError", "no", A, B)
        assert same(event(error("Timeout", "after 3", A), outer), event(error("Timeout", "never", A), outer))


class TestMembersOfAGroup:
    """Members that are the same error count once: same type, same places, same message but for what varies."""

    def group(self, *members: ExceptionValue) -> Event:
        root = error("ExceptionGroup", "several", A, mechanism=Mechanism(exception_id=0, is_exception_group=True))
        for number, each in enumerate(members, start=1):
            each.mechanism = Mechanism(exception_id=number, parent_id=0)
        return event(*members[::-1], root)

    def is_one(self, first: ExceptionValue, second: ExceptionValue) -> bool:
        return primary(self.group(first, second)) == primary(event(first))

    def test_what_varies_in_their_messages_does_not_tell_them_apart(self) -> None:
        assert self.is_one(error("E", "order 1 of 'ann'", A, B), error("E", "order 2 of 'bob'", A, B))

    def test_their_types_do(self) -> None:
        assert not self.is_one(error("E", "", A, B), error("F", "", A, B))

    def test_their_messages_do(self) -> None:
        assert not self.is_one(error("E", "no stock", A, B), error("E", "no money", A, B))

    def test_their_places_do(self) -> None:
        assert not self.is_one(error("E", "", A, B), error("E", "", A, replace(B, function="ship")))

    def test_how_often_one_of_them_happened_does_not_matter(self) -> None:
        def errors(*names: str) -> list[ExceptionValue]:
            return [error(name, "", A, B) for name in names]

        assert same(self.group(*errors("E", "F", "E")), self.group(*errors("E", "F")))


class TestTheGuard:
    """Messages that differ by what nobody knows to mask share a base, so that they cannot make endless issues."""

    def base(self, text: str, logger: str = "", platform: str = "python") -> bytes | None:
        one = event(message=text, platform=platform)
        one.logger = logger
        return keys(one)[0].base

    def test_messages_of_one_length_that_begin_alike_share_it(self) -> None:
        assert self.base("user ann left") == self.base("user ann stays") is not None
        assert self.base("user ann left the building") == self.base("user ann came through windows")

    @pytest.mark.parametrize("other", ["user ann left early", "users ann left", "user bob left"])
    def test_others_do_not(self, other: str) -> None:
        assert self.base("user ann left") != self.base(other)

    def test_other_loggers_and_languages_do_not(self) -> None:
        assert self.base("user ann left", "shop") != self.base("user ann left", "mail")
        assert self.base("user ann left", platform="ruby") != self.base("user ann left")

    def test_a_stack_with_its_message_shares_it_with_the_same_stack_alone(self) -> None:
        one, other, elsewhere = (
            keys(event(error("RuntimeError", text, A, crash))) for text, crash in (("a", B), ("b", B), ("a", A))
        )
        assert one[0].base == other[0].base != elsewhere[0].base
        assert [key.kind for key in one] == ["app", "sys"]
        assert one[0].base != one[1].base

    def test_a_fingerprint_beside_the_default_has_none(self) -> None:
        for one in (event(message="user ann left"), event(error("RuntimeError", "x", A, B))):
            assert keys(one)[0].base is not None
            one.fingerprint = ["{{ default }}", "mine"]
            assert [key.base for key in keys(one)] == [None] * len(keys(one))


def test_quoted_words_of_a_message_alone_count() -> None:
    assert not same(said("no 'left' turn"), said("no 'right' turn"))


@pytest.mark.parametrize(
    ("one", "kind", "case"),
    [
        (event(error("MemoryError", "", A, B)), "exc", "C0"),
        (event(error("E", "", A, B)), "exc", "C1"),
        (event(error("RuntimeError", "x", A, B)), "exc", "C2"),
        (event(error("E", "x", *LIBRARIES)), "exc", "C3"),
        (event(error("E", "x", LIBRARIES[0])), "exc", "C4"),
        (event(error("E", "x")), "exc", "C5"),
        (event(error("", "")), "low", "C6"),
        (event(), "low", "C6"),
        (said("queue full"), "msg", "evidence-msg"),
        (said("queue full", A, B), "stk", "C2"),
        (threaded(thread(A, B)), "thr", "C1"),
    ],
)
def test_the_explanation_says_what_speaks_and_how_much_the_stack_says(one: Event, kind: str, case: str) -> None:
    (root,) = group_event(one, EMPTY_RULES, explain=True).components
    assert (root.id, root.contributes, root.reason) == (kind, True, case)


@pytest.mark.parametrize(
    ("one", "reason", "value"),
    [
        (event(error("E", "order 1", A, B)), "message-needless", ""),
        (event(error("RuntimeError", "order 1 of 'ann'", A, B)), "message-strong", "order <int> of <str>"),
        (event(error("E", "order 1 of 'ann'")), "", "order <int> of 'ann'"),
    ],
)
def test_the_explanation_says_what_of_the_message_counts(one: Event, reason: str, value: str) -> None:
    (root,) = group_event(one, EMPTY_RULES, explain=True).components
    message = next(part for part in root.children if part.id == "message")
    assert (message.contributes, message.reason, message.value) == (bool(value), reason, value)
    assert message.raw == one.exceptions[0].value


def test_the_explanation_makes_up_no_message() -> None:
    for one in (event(error("RuntimeError", "", A, B), message="said"), event(error("", "", A, B))):
        (root,) = group_event(one, EMPTY_RULES, explain=True).components
        assert next(part for part in root.children if part.id == "message").raw == ""


def test_errors_that_strike_anywhere_are_told_apart_by_type() -> None:
    one, other = (event(error(name, "", A, B), transaction="/pay") for name in ("MemoryError", "TimeLimitExceeded"))
    assert kinds(one) == ["app"]
    assert not same(one, other)
