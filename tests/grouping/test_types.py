"""What of an exception's type lasts."""

import pytest

from grouping.event import ExceptionValue, Mechanism
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
