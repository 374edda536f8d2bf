"""Secrets that are known by their own look, wherever they stand."""

import re
from collections.abc import Callable, Iterator, Mapping

from ingest.digest.text import is_in_text

Cut = tuple[int, int, bytes]
"""From, to, and what to put there."""

Look = Callable[[bytes, int], Cut | None]
"""Looks in a payload around a byte."""

FILTERED = b"[Filtered]"

_MAX_CARD_LENGTH = 20
_CARD = re.compile(
    rb"(?<![\w.\-])(?:[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|2[2-7]\d{2}([ -]?)\d{4}\2\d{4}\2\d{4}"
    rb"|3[47]\d{2}([ -]?)\d{6}\3\d{5}|3[068]\d{2}([ -]?)\d{6}\4\d{4})(?![\w\-]|\.\d)"
)
_URL_PASSWORD = re.compile(rb"""://[^\s/@:"'\\<>]{0,200}:(?P<secret>[^\s/@"'\\<>]{1,200})@""")
_MAX_URL_PASSWORD_LENGTH = 404
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
    rb'(?:[^"\\-]|\\.|-(?!----END))*+(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?'
)
_WEB_TOKEN = re.compile(rb"eyJ[\w\-]{8,190}\.eyJ[\w\-]{8,}(?:\.[\w\-]*)?")
_MAX_TOKEN_HEADER_LENGTH = 194


def find_url_passwords(payload: bytes) -> Iterator[Cut]:
    """The passwords in URLs: `postgres://shop:secret@db/shop`."""
    at = payload.find(b"@")
    while at >= 0:
        scheme = payload.rfind(b"://", max(0, at - _MAX_URL_PASSWORD_LENGTH), at)
        if scheme >= 0 and (found := _URL_PASSWORD.match(payload, scheme)):
            yield found.start("secret"), found.end("secret"), FILTERED
        at = payload.find(b"@", at + 1)


def _private_key_at(payload: bytes, at: int) -> Cut | None:
    found = _PRIVATE_KEY.match(payload, at)
    return (found.start(), found.end(), FILTERED) if found else None


def _web_token_around(payload: bytes, at: int) -> Cut | None:
    found = _WEB_TOKEN.search(payload, max(0, at - _MAX_TOKEN_HEADER_LENGTH))
    return (found.start(), found.end(), FILTERED) if found else None


def _card_around(payload: bytes, at: int) -> Cut | None:
    found = _CARD.search(payload, max(0, at - _MAX_CARD_LENGTH), at + 2 * _MAX_CARD_LENGTH)
    if not found or not _has_luhn_checksum(found[0]):
        return None
    return found.start(), found.end(), FILTERED if is_in_text(payload, found.start()) else b'"%s"' % FILTERED


def _has_luhn_checksum(number: bytes) -> bool:
    """ISO/IEC 7812-1, annex B."""
    digits = [byte - 48 for byte in reversed(number) if 48 <= byte <= 57]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


LANDMARKS: Mapping[bytes, Look] = {
    b"-----begin ": _private_key_at,
    b".eyj": _web_token_around,
    b"0" * 14: _card_around,
    b"000 0000": _card_around,
    b"000-0000": _card_around,
}
"""What every private key, JSON web token and card number has in it, in lower case and with all digits as 0."""
