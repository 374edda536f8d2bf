"""All mail of the product: a row in the outbox when it is written, sent by `tracker.deliver` afterwards.

So a mail server that hangs or refuses costs no page a moment, and a mail is not lost when it is down.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.db import transaction

from tracker.deliver.kinds import NotDelivered, message_kind
from tracker.deliver.limits import TimeLimit
from tracker.deliver.smtp import Mail, MailServer, send
from tracker.jobs.wakeup import wake
from tracker.models import OutboxMessage, Queue

MAIL = "mail"
TIMEOUT_SECONDS = 10
"""For each step of talking to the mail server, unless EMAIL_URL says otherwise."""


class OutboxBackend(BaseEmailBackend):
    """Django's way to send mail, which here only writes rows."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Returns how many mails will be sent. Raises database errors."""
        rows = [(message, outbox_rows(message)) for message in email_messages]
        OutboxMessage.objects.bulk_create([row for _, of_message in rows for row in of_message])
        transaction.on_commit(lambda: wake(Queue.DELIVER))
        return sum(bool(of_message) for _, of_message in rows)


def outbox_rows(message: EmailMessage) -> list[OutboxMessage]:
    """A row for each recipient, so that one who is refused keeps it from nobody. Raises BadHeaderError."""
    encoding = message.encoding or settings.DEFAULT_CHARSET
    content = message.message()
    content["Auto-Submitted"] = "auto-generated"
    rows = []
    for recipient in message.recipients():
        row = OutboxMessage(kind=MAIL, target=MAIL, recipient=recipient[:320])
        del content["Message-ID"]
        # The same at every attempt, so that a mailbox that gets it twice can tell.
        content["Message-ID"] = f"<{row.pk}@{_own_name()}>"
        row.payload = {
            "sender": sanitize_address(message.from_email, encoding),
            "recipient": sanitize_address(recipient, encoding),
            "content": content.as_bytes(linesep="\r\n").decode(),  # type: ignore[call-arg]  # Django's own takes it.
        }
        rows.append(row)
    return rows


@message_kind(MAIL, is_secret=True)
def deliver_mail(message: OutboxMessage, limit: TimeLimit) -> str:
    """Hand a mail to the mail server. Raises NotDelivered."""
    if not settings.EMAIL_HOST or not settings.SENDS_MAIL:
        raise NotDelivered("EMAIL_URL names no mail server")
    payload = message.payload
    mail = Mail(payload["sender"], payload["recipient"], payload["content"].encode())
    return send(_server(), mail, limit)


def _server() -> MailServer:
    encryption = "tls" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else ""
    return MailServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        encryption=encryption,
        timeout=settings.EMAIL_TIMEOUT or TIMEOUT_SECONDS,
        greeting=_own_name(),
    )


def _own_name() -> str:
    return urlsplit(settings.BASE_URL).hostname or "localhost"
