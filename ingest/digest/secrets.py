"""Secrets that are known by their own look, wherever they stand."""

import re
from collections.abc import Iterator

from ingest.digest.text import is_in_text

Cut = tuple[int, int, bytes]
"""From, to, and what to put there."""

FILTERED = b"[Filtered]"

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_CARD_SHAPES = (b"00000000000000", b"0000 0000 0000", b"0000-0000-0000", b"0000 000000 0", b"0000-000000-0")
_LONGEST_CARD = 20
_CARD = re.compile(
    rb"(?<![\w.\-])(?:[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}|2[2-7]\d{2}([ -]?)\d{4}\2\d{4}\2\d{4}"
    rb"|3[47]\d{2}([ -]?)\d{6}\3\d{5}|3[068]\d{2}([ -]?)\d{6}\4\d{4})(?![\w\-]|\.\d)"
)
_LOOKS: tuple[tuple[bytes, int, re.Pattern[bytes]], ...] = (
    (b"://", 0, re.compile(rb"""://[^\s/@:"'\\<>]{0,200}:(?P<secret>[^\s/@"'\\<>]{1,200})@""")),
    (
        b"-----BEGIN ",
        0,
        re.compile(
            rb"(?P<secret>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
            rb'(?:[^"\\-]|\\.|-(?!----END))*+(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?)'
        ),
    ),
    (b".eyJ", -200, re.compile(rb"(?P<secret>eyJ[\w\-]{8,190}\.eyJ[\w\-]{8,}(?:\.[\w\-]*)?)")),
)
"""What to look for, where the match may start before it, and the secret."""
_SOCIAL_SECURITY_NUMBER = re.compile(rb"(?<![\w.\-])\d{3}-\d{2}-\d{4}(?![\w\-]|\.\d)")


def find_secrets(payload: bytes) -> Iterator[Cut]:
    """Card and social security numbers, passwords in URLs, private keys, JSON web tokens."""
    for look, before, pattern in _LOOKS:
        for at in _places(payload, look):
            if found := pattern.search(payload, max(0, at + before)) if before else pattern.match(payload, at):
                yield found.start("secret"), found.end("secret"), FILTERED
    shape = payload.translate(_DIGITS_TO_ZERO)
    for card in _CARD_SHAPES:
        for at in _places(shape, card):
            yield from _card_around(payload, at)
    if b"000-00-0000" in shape:
        for found in _SOCIAL_SECURITY_NUMBER.finditer(payload):
            yield found.start(), found.end(), FILTERED


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
