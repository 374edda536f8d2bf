"""Mail is a row when it is written, and handed to a real mail server afterwards."""

import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import World
from tests.servers import free_port
from tests.tracker.receivers import MailReceiver, mail_receiver, silent_receiver
from tracker.config.mail import OUTBOX
from tracker.deliver import attempts
from tracker.deliver.attempts import send_again
from tracker.deliver.loop import claim_delivery, is_any_due
from tracker.jobs.backoff import DELIVER_BACKOFF
from tracker.models import AttemptOutcome, DeliveryAttempt, JobStatus, OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_settings(settings: Settings) -> None:
    django_settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    settings.EMAIL_BACKEND = OUTBOX
    settings.SENDS_MAIL = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_SSL = settings.EMAIL_USE_TLS = False
    settings.EMAIL_TIMEOUT = 10


@pytest.fixture
def receiver(settings: Settings) -> Iterator[MailReceiver]:
    with mail_receiver() as receiving:
        settings.EMAIL_PORT = receiving.port
        yield receiving


def write(*to: str) -> list[OutboxMessage]:
    send_mail("Grüße", "Line one\nthe secret link\n", None, list(to or ("bob@example.com",)))
    return list(OutboxMessage.objects.order_by("recipient"))


def deliver(at: timedelta = timedelta()) -> OutboxMessage:
    delivery = claim_delivery(timezone.now() + at)
    assert delivery is not None
    delivery.run()
    return OutboxMessage.objects.order_by("-attempts").first() or OutboxMessage()


def last_attempt() -> tuple[str, str]:
    attempt = DeliveryAttempt.objects.latest("id")
    return attempt.outcome, attempt.answer


def test_a_mail_is_only_a_row_until_a_worker_delivers_it() -> None:
    [row] = write()
    assert (row.status, row.recipient, row.target, row.attempts) == (JobStatus.WAITING, "bob@example.com", "mail", 0)


def test_a_delivered_mail_is_whole_and_its_content_forgotten(receiver: MailReceiver) -> None:
    [row] = write()
    delivered = deliver()
    [mail] = receiver.received
    assert mail["Subject"] == "=?utf-8?b?R3LDvMOfZQ==?="
    assert mail["Message-ID"] == f"<{row.pk}@127.0.0.1>"
    assert "the secret link" in str(mail.get_payload(decode=True))
    assert (delivered.status, delivered.payload, delivered.last_error) == (JobStatus.DONE, {}, "")
    assert last_attempt() == (AttemptOutcome.DELIVERED, "250 taken")
    assert not send_again(delivered, timezone.now())


def test_every_recipient_gets_a_mail_of_their_own(receiver: MailReceiver) -> None:
    write("ann@example.com", "bob@example.com")
    for _ in range(2):
        deliver()
    assert receiver.recipients == ["ann@example.com", "bob@example.com"]
    assert len({mail["Message-ID"] for mail in receiver.received}) == 2


def test_a_mail_with_html_and_odd_names_arrives(receiver: MailReceiver) -> None:
    mail = EmailMultiAlternatives("s", "text ü", "Zoë <zoe@exämple.com>", ["Ann Ö <ann@exämple.com>"])
    mail.attach_alternative("<p>ü</p>", "text/html")
    mail.send()
    deliver()
    assert receiver.recipients == ["ann@xn--exmple-cua.com"]
    assert [part.get_content_type() for part in receiver.received[0].walk()][1:] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("recipient", "content", "outcome", "status"),
    [
        ("550 no such user", "250 taken", AttemptOutcome.REFUSED, JobStatus.FAILED),
        ("450 come again", "250 taken", AttemptOutcome.FAILED, JobStatus.WAITING),
        ("250 ok", "554 spam", AttemptOutcome.REFUSED, JobStatus.FAILED),
        ("250 ok", "451 busy", AttemptOutcome.FAILED, JobStatus.WAITING),
    ],
)
def test_what_the_server_says_tells_whether_it_is_tried_again(
    receiver: MailReceiver, recipient: str, content: str, outcome: AttemptOutcome, status: JobStatus
) -> None:
    receiver.answer_to_recipient, receiver.answer = recipient, content
    write()
    row = deliver()
    said = recipient if not recipient.startswith("250") else content
    assert last_attempt() == (outcome, said)
    assert (row.status, row.last_error) == (status, said)
    assert row.payload, "it may be sent again"


def test_a_mail_server_that_is_away_is_tried_after_1_2_4_seconds() -> None:
    write()
    for attempt, seconds in enumerate((1, 2, 4), start=1):
        row = deliver(timedelta(hours=attempt))
        assert (row.status, row.attempts) == (JobStatus.WAITING, attempt)
        assert abs(row.run_at - timezone.now() - timedelta(seconds=seconds)) < timedelta(seconds=1)
    assert "ConnectionRefusedError" in last_attempt()[1]


def test_a_mail_server_that_says_nothing_is_left_after_a_while(settings: Settings) -> None:
    with silent_receiver() as port:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = port, 0.2
        write()
        assert deliver().status == JobStatus.WAITING
    assert "timed out" in last_attempt()[1]


def test_a_mail_server_that_trickles_is_left_when_the_time_of_the_whole_attempt_is_over(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "DELIVERY_SECONDS", 0.3)
    with silent_receiver(trickles=True) as port:
        settings.EMAIL_PORT = port
        write()
        assert deliver().status == JobStatus.WAITING
    answer = last_attempt()[1]
    assert "it took longer than" in answer and "Line too long" not in answer, "we ended it"


def test_after_a_day_a_mail_is_given_up_until_an_administrator_sends_it_again(receiver: MailReceiver) -> None:
    receiver.answer = "451 busy"
    write()
    OutboxMessage.objects.update(attempts=DELIVER_BACKOFF.max_attempts - 1)
    row = deliver()
    assert (row.status, is_any_due(timezone.now() + timedelta(days=9))) == (JobStatus.FAILED, False)
    receiver.answer = "250 taken"
    assert send_again(row, timezone.now())
    assert deliver().status == JobStatus.DONE
    assert len({mail["Message-ID"] for mail in receiver.received}) == 1


def test_without_a_mail_server_what_was_written_before_waits(settings: Settings) -> None:
    write()
    settings.SENDS_MAIL = False
    assert deliver().status == JobStatus.WAITING
    assert last_attempt() == (AttemptOutcome.FAILED, "EMAIL_URL names no mail server")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the key and the certificate of 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
        " -keyout key -out certificate",
        shell=True,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    whole = folder / "whole.pem"
    whole.write_bytes((folder / "key").read_bytes() + (folder / "certificate").read_bytes())
    return whole


@pytest.mark.parametrize("is_known", [True, False])
def test_implicit_tls_encrypts_from_the_first_byte_and_trusts_no_stranger(
    settings: Settings, certificate: Path, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_receiver(tls=context) as receiver:
        settings.EMAIL_PORT, settings.EMAIL_USE_SSL = receiver.port, True
        write()
        assert deliver().status == (JobStatus.DONE if is_known else JobStatus.WAITING)
        assert len(receiver.received) == is_known


def test_a_mail_server_that_hangs_or_is_away_makes_no_page_wait_or_fail(
    client: Client, world: World, settings: Settings
) -> None:
    settings.EMAIL_TIMEOUT = 3600
    with silent_receiver() as port:
        settings.EMAIL_PORT = port
        assert client.post("/accounts/password/reset/", {"email": "bob@example.com"}).status_code == 302
    [row] = OutboxMessage.objects.all()
    assert (row.status, row.recipient) == (JobStatus.WAITING, "bob@example.com")
    assert isinstance(row.pk, UUID)


def test_an_invitation_for_an_address_is_mailed(client: Client, world: World, receiver: MailReceiver) -> None:
    client.force_login(world.alice)
    page = client.post("/o/acme/settings/members/invite/", {"role": "member", "email": "dan@example.com"})
    assert "on its way to dan@example.com" in page.content.decode()
    deliver()
    assert "/welcome/" in str(receiver.received[0].get_payload(decode=True))
    assert receiver.recipients == ["dan@example.com"]
