"""EMAIL_URL says where mail goes and how it is encrypted."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tracker.config.mail import OUTBOX, read_email_url

NONE, STARTED, IMPLICIT = (False, False), (False, True), (True, False)


@pytest.mark.parametrize(
    ("url", "port", "encryption"),
    [
        ("smtp://mail.example", 25, NONE),
        ("smtp://u:p@mail.example:2525", 2525, NONE),
        ("smtp://mail.example:587/?tls=True", 587, STARTED),
        ("smtp+tls://mail.example", 587, STARTED),
        ("smtp+tls://mail.example:2525", 2525, STARTED),
        ("submission://mail.example", 587, STARTED),
        ("smtp://mail.example:465", 465, IMPLICIT),
        ("smtp://mail.example:465/?tls=True", 465, IMPLICIT),
        ("smtp://mail.example:2465/?ssl=True", 2465, IMPLICIT),
        ("smtp+ssl://mail.example", 465, IMPLICIT),
        ("smtps://mail.example", 465, IMPLICIT),
    ],
)
def test_port_and_encryption_follow_from_the_address(url: str, port: int, encryption: tuple[bool, bool]) -> None:
    found = read_email_url(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", port)
    assert (found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == encryption
    assert (found["EMAIL_BACKEND"], found["EMAIL_TIMEOUT"]) == (OUTBOX, None)


def test_user_and_password_are_read_and_a_timeout_may_be_chosen() -> None:
    found = read_email_url("smtp+tls://me%40x:p%3Aw@mail.example/?timeout=3")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"], found["EMAIL_TIMEOUT"]) == ("me@x", "p:w", 3)


def test_what_leaves_no_machine_stays_with_django() -> None:
    assert str(read_email_url("console:")["EMAIL_BACKEND"]).endswith("console.EmailBackend")


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        read_email_url("gopher://mail.example")
