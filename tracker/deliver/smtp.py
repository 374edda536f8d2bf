"""One mail to one mail server, within a time limit; what the server says tells whether it is worth another attempt."""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from tracker.deliver.kinds import NotDelivered
from tracker.deliver.limits import TimeLimit

SMTP_OK = (250, 251)
SMTP_PERMANENT = 500


@dataclass(slots=True, frozen=True)
class MailServer:
    """Where mail goes: `encryption` is `tls` from the first byte on, `starttls`, or empty."""

    host: str
    port: int
    user: str
    password: str
    encryption: str
    timeout: float
    """Seconds for each step."""
    greeting: str
    """The name by which we introduce ourselves."""


@dataclass(slots=True, frozen=True)
class Mail:
    """A whole mail for one recipient, as it is sent."""

    sender: str
    recipient: str
    content: bytes


class _Connection(smtplib.SMTP):
    """A connection whose socket the time limit watches from before the first byte, encrypted at once if asked."""

    def __init__(self, server: MailServer, limit: TimeLimit) -> None:
        self._limit = limit
        self._context = ssl.create_default_context() if server.encryption == "tls" else None
        # A name of our own: else the machine's would be asked for, which may hang where no name server is.
        super().__init__(server.host, server.port, local_hostname=server.greeting, timeout=server.timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self._limit.watch(plain)
        return plain if self._context is None else self._context.wrap_socket(plain, server_hostname=host)


def send(server: MailServer, mail: Mail, limit: TimeLimit) -> str:
    """Returns what the server replied. Raises NotDelivered; refusals of recipient or content are final."""
    try:
        connection = _Connection(server, limit)
        try:
            answer = _transmit(connection, server, mail)
            # It is taken by now, however the server says good-bye.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
        finally:
            connection.close()
    except (OSError, smtplib.SMTPException) as error:
        # OSError is also what a name without address, a refused connection and a timeout are.
        reason = f"it took longer than {limit.seconds:.0f} s: {_line(error)}" if limit.is_over else _line(error)
        raise NotDelivered(f"{server.host}:{server.port}: {reason}") from error
    return answer


def _transmit(connection: smtplib.SMTP, server: MailServer, mail: Mail) -> str:
    if server.encryption == "starttls":
        connection.starttls(context=ssl.create_default_context())
    if server.user:
        connection.login(server.user, server.password)
    connection.ehlo_or_helo_if_needed()
    options = ["BODY=8BITMIME"] if connection.has_extn("8bitmime") else []
    _check(connection.mail(mail.sender, options), is_about_mail=False)
    _check(connection.rcpt(mail.recipient), is_about_mail=True)
    return _check(connection.data(mail.content), is_about_mail=True)


def _check(reply: tuple[int, bytes], *, is_about_mail: bool) -> str:
    """The reply as text. Raises NotDelivered; a sender that is refused is a setting that can be put right."""
    code, said = reply
    text = f"{code} {said.decode('utf-8', 'replace')}"
    if code not in SMTP_OK:
        raise NotDelivered(text, is_final=is_about_mail and code >= SMTP_PERMANENT)
    return text


def _line(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    return f"{type(error).__name__}: {error}"
