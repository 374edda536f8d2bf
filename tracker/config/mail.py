"""EMAIL_URL to Django's settings."""

from urllib.parse import urlsplit

import dj_email_url  # type: ignore[import-untyped]
from django.core.exceptions import ImproperlyConfigured

SMTP = "django.core.mail.backends.smtp.EmailBackend"
OUTBOX = "tracker.deliver.mail.OutboxBackend"
IMPLICIT_TLS_PORT = 465
USUAL_PORTS = {"ssl": IMPLICIT_TLS_PORT, "tls": 587}
ENCRYPTIONS = {"smtp+tls": "tls", "smtp+ssl": "ssl", "smtps": "ssl"}


def read_email_url(url: str) -> dict[str, object]:
    """Settings for an address such as `smtp://user:password@host:587/?tls=True`. Raises ImproperlyConfigured.

    Mail for a mail server goes through the outbox. `smtp+tls` begins encryption by STARTTLS; `smtp+ssl`, `smtps` and
    port 465 are encrypted from the first byte on.
    """
    scheme, _, rest = url.partition(":")
    encryption = ENCRYPTIONS.get(scheme, "")
    found: dict[str, object] = dj_email_url.parse(f"smtp:{rest}" if encryption else url)
    if "EMAIL_BACKEND" not in found:
        raise ImproperlyConfigured("EMAIL_URL has to begin like smtp://, smtp+tls:// or smtp+ssl://.")
    if found["EMAIL_BACKEND"] != SMTP:
        return found
    if encryption and urlsplit(url).port is None:
        found["EMAIL_PORT"] = USUAL_PORTS[encryption]
    is_implicit = encryption == "ssl" or found["EMAIL_PORT"] == IMPLICIT_TLS_PORT or bool(found["EMAIL_USE_SSL"])
    is_started = not is_implicit and (encryption == "tls" or bool(found["EMAIL_USE_TLS"]))
    return found | {
        "EMAIL_BACKEND": OUTBOX,
        "EMAIL_USE_SSL": is_implicit,
        "EMAIL_USE_TLS": is_started,
    }
