"""What of an exception's type lasts."""

import pytest

from grouping.event import ExceptionValue, Frame, Mechanism, Stacktrace
from grouping.exceptions import is_generic, is_location_independent, is_overflow, is_wrapper, type_name


@pytest.mark.parametrize(
    ("platform", "raw", "name"),
    [
        ("python", "KeyError", "KeyError"),
        ("python", "RemoteFault_db6b", "RemoteFault"),
        ("python", "Order_dead", "Order_dead"),
        ("java", "PaymentError$1", "PaymentError"),
        ("java", "Shop$PaymentError", "Shop$PaymentError"),
        ("java", "PaymentError$$EnhancerByMockito$$a1", "PaymentError"),
        ("php", "Exception@anonymous\0/srv/a.php:12$0", "Exception@anonymous"),
        ("javascript", "t", ""),
        ("javascript", "TypeError", "TypeError"),
        ("dart", "minified:d1", ""),
        ("python", "<unknown>", ""),
        ("python", "", ""),
    ],
)
def test_what_was_generated_is_taken_off_a_type(platform: str, raw: str, name: str) -> None:
    assert type_name(ExceptionValue(raw), platform) == name


def test_a_type_that_the_sdk_made_up_does_not_count() -> None:
    assert type_name(ExceptionValue("Error", mechanism=Mechanism(synthetic=True)), "javascript") == ""


def test_lists_know_types_with_and_without_their_package() -> None:
    assert is_generic(ExceptionValue("Exception", module="java.lang"))
    assert is_generic(ExceptionValue("*errors.errorString"))
    assert not is_generic(ExceptionValue("KeyError"))
    assert is_wrapper(ExceptionValue("CompletionException", module="java.util.concurrent"))
    assert is_wrapper(ExceptionValue("ServletException", "Request processing failed: x"))
    assert not is_wrapper(ExceptionValue("ServletException", "No mapping"))
    assert is_location_independent(
        ExceptionValue("FatalErrorException", "Maximum execution time of 30 seconds exceeded")
    )
    assert is_overflow(ExceptionValue("RangeError", "Maximum call stack size exceeded"))
    assert is_overflow(ExceptionValue("InternalError", "too much recursion"))
    assert not is_overflow(ExceptionValue("RangeError", "Invalid array length"))


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ({"domain": "NSURLErrorDomain", "code": -1009}, "NSURLErrorDomain -1009"),
        ({"domain": "NSURLErrorDomain"}, "NSURLErrorDomain"),
        ({"code": -1009}, "NSError"),
        ("NSURLErrorDomain", "NSError"),
        (None, "NSError"),
    ],
)
def test_an_error_of_apples_frameworks_is_called_by_domain_and_code(error: object, name: str) -> None:
    mechanism = Mechanism(raw={"meta": {"ns_error": error}})
    assert type_name(ExceptionValue("NSError", mechanism=mechanism), "cocoa") == name
    assert type_name(ExceptionValue("NSError", mechanism=Mechanism(raw={"meta": "x"})), "cocoa") == "NSError"


@pytest.mark.parametrize("platform", ["javascript", "node"])
def test_a_type_of_one_or_two_letters_is_minified_where_scripts_run(platform: str) -> None:
    assert [type_name(ExceptionValue(name), platform) for name in ("t", "t2", "abc")] == ["", "", "abc"]
    assert type_name(ExceptionValue("t"), "python") == "t"


@pytest.mark.parametrize("platform", ["java", "android"])
def test_what_the_jvm_puts_behind_a_dollar_is_taken_off_there_alone(platform: str) -> None:
    assert type_name(ExceptionValue("PaymentError$1$2"), platform) == "PaymentError"
    assert type_name(ExceptionValue("PaymentError$1"), "php") == "PaymentError$1"


def test_a_type_is_trimmed_and_bounded() -> None:
    assert type_name(ExceptionValue(" KeyError\n"), "python") == "KeyError"
    assert type_name(ExceptionValue("x" * 600), "python") == "x" * 512


@pytest.mark.parametrize(
    ("functions", "strikes_anywhere"),
    [
        (["main", "handle_abort"], True),
        (["handle_abort", "exit", "exit"], True),
        (["handle_abort", "exit", "exit", "exit"], False),
        (["main"], False),
        ([], False),
    ],
)
def test_an_exit_strikes_anywhere_only_where_the_server_ends_its_worker(
    functions: list[str], strikes_anywhere: bool
) -> None:
    stack = Stacktrace([Frame(function=name) for name in functions])
    assert is_location_independent(ExceptionValue("SystemExit", "1", stacktrace=stack)) == strikes_anywhere
    assert not is_location_independent(ExceptionValue("SystemExit", "1"))


def test_what_strikes_anywhere_is_known_by_type_or_by_how_the_message_begins() -> None:
    assert is_location_independent(ExceptionValue("MemoryError", "x"))
    assert is_location_independent(ExceptionValue("ThreadAbortException", module="System.Threading"))
    assert is_location_independent(ExceptionValue("E", "Allowed memory size of 1"))
    assert not is_location_independent(ExceptionValue("E", "The Allowed memory size of 1"))
    assert not is_location_independent(ExceptionValue("KeyError", "x"))


def test_an_overflow_is_known_by_type_or_by_how_the_message_begins() -> None:
    assert is_overflow(ExceptionValue("RecursionError", "x"))
    assert not is_overflow(ExceptionValue("KeyError", "no maximum recursion depth exceeded"))


def test_wrappers_known_by_their_message_have_any_package() -> None:
    assert is_wrapper(
        ExceptionValue("org.springframework.web.util.NestedServletException", "Request processing failed")
    )
    assert is_wrapper(ExceptionValue("Error", "There was an error while hydrating"))
    assert not is_wrapper(ExceptionValue("KeyError", "Request processing failed"))


def test_a_type_that_is_missing_is_generic() -> None:
    assert is_generic(ExceptionValue(""))
