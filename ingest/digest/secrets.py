"""Secrets that are known by their own look, wherever they stand."""

import re
from collections.abc import Iterator

from ingest.digest.text import is_in_text

Cut = tuple[int, int, bytes]
"""From, to, and what to put there."""

FILTERED = b"[Filtered]"

_CARD_TO_ZERO = bytes.maketrans(b"123456789-", b"0" * 10)
_CARD_SHAPES = (b"00000000000000", b"000 0000")
_LONGEST_CARD = 20
_CARD = re.compile(
    rb"(?<![\w.\-])(?:[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|2[2-7]\d{2}([ -]?)\d{4}\2\d{4}\2\d{4}"
    rb"|3[47]\d{2}([ -]?)\d{6}\3\d{5}|3[068]\d{2}([ -]?)\d{6}\4\d{4})(?![\w\-]|\.\d)"
)
_URL_PASSWORD = re.compile(rb"""://[^\s/@:"'\\<>]{0,200}:(?P<secret>[^\s/@"'\\<>]{1,200})@""")
_LONGEST_URL_PASSWORD = 404
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
    rb'(?:[^"\\-]|\\.|-(?!----END))*+(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?'
)
_WEB_TOKEN = re.compile(rb"eyJ[\w\-]{8,190}\.eyJ[\w\-]{8,}(?:\.[\w\-]*)?")
_LONGEST_TOKEN_HEADER = 194


def find_secrets(payload: bytes) -> Iterator[Cut]:
    """Passwords in URLs, private keys, JSON web tokens, card numbers."""
    for at in _places(payload, b"@"):
        scheme = payload.rfind(b"://", max(0, at - _LONGEST_URL_PASSWORD), at)
        if scheme >= 0 and (found := _URL_PASSWORD.match(payload, scheme)):
            yield found.start("secret"), found.end("secret"), FILTERED
    for at in _places(payload, b"-----BEGIN "):
        if found := _PRIVATE_KEY.match(payload, at):
            yield found.start(), found.end(), FILTERED
    for at in _places(payload, b".eyJ"):
        if found := _WEB_TOKEN.search(payload, max(0, at - _LONGEST_TOKEN_HEADER)):
            yield found.start(), found.end(), FILTERED
    shape = payload.translate(_CARD_TO_ZERO)
    for card in _CARD_SHAPES:
        for at in _places(shape, card):
            yield from _card_around(payload, at)


def _places(payload: bytes, text: bytes) -> Iterator[int]:
    at = payload.find(text)
    while at >= 0:
        yield at
        at = payload.find(text, at + len(text))


def _card_around(payload: bytes, at: int) -> Iterator[Cut]:
    found = _CARD.search(payload, max(0, at - _LONGEST_CARD), at + 2 * _LONGEST_CARD)
    if found and _has_luhn_checksum(found[0]):
        yield found.start(), found.end(), FILTERED if is_in_text(payload, found.start()) else b'"%s"' % FILTERED


def _has_luhn_checksum(number: bytes) -> bool:
    """ISO/IEC 7812-1, annex B."""
    digits = [byte - 48 for byte in reversed(number) if 48 <= byte <= 57]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0
