"""Mail servers as they are: one that answers, refuses or waits, and one that only takes the connection."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port


@dataclass
class MailReceiver:
    """A real SMTP server; `answer` is what it says once it has a whole mail, and `may_answer` makes it wait first."""

    port: int = 0
    answer: str = "250 taken"
    answer_to_recipient: str = "250 ok"
    may_answer: threading.Event = field(default_factory=threading.Event)
    received: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content))
        self.recipients += envelope.rcpt_tos
        await asyncio.to_thread(self.may_answer.wait, 60)
        return self.answer

    def wait_for(self, count: int) -> None:
        """Until it has so many whole mails; raises AssertionError otherwise."""
        deadline = time.monotonic() + 60
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{len(self.received)} of {count} mails"
            time.sleep(0.02)


@contextmanager
def mail_receiver(*, waits: bool = False, tls: ssl.SSLContext | None = None) -> Iterator[MailReceiver]:
    receiver = MailReceiver(free_port())
    if not waits:
        receiver.may_answer.set()
    controller = Controller(receiver, hostname="127.0.0.1", port=receiver.port, ssl_context=tls)
    controller.start()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        controller.stop()


@contextmanager
def silent_receiver(*, trickles: bool = False) -> Iterator[int]:
    """The port of a server that takes connections and never says a whole line."""
    listener = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def hold(connection: socket.socket) -> None:
        with connection:
            while not is_over.wait(0.005):
                if trickles:
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return

    def accept() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=hold, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_over.set()
        listener.close()
