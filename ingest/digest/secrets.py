"""Secrets that are known by their own look, wherever they stand: a row of `LOOKS` for each kind.

A look is found by a trigger: bytes that every secret of its kind has, in lower case and with all digits as 0. Triggers
should be rare in ordinary payloads, for around each of them something is looked at.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ingest.digest.text import Span, TooDense

Finder = Callable[[bytes, int, int, int], Span | None]
"""Looks in a payload for a secret around a trigger at a byte, not before a second byte and not after a third."""

FILTERED = b"[Filtered]"

_MAX_CARD_LENGTH = 28
_CARD_GAP = rb"([ .+\-]?|%20)"
_CARD = re.compile(
    rb"(?<![\w.\-])(?:"
    rb"[3-6]\d{3}" + _CARD_GAP + rb"\d{4}\1\d{4}\1\d{4}|2[2-7]\d{2}" + _CARD_GAP + rb"\d{4}\2\d{4}\2\d{4}"
    rb"|3[47]\d{2}" + _CARD_GAP + rb"\d{6}\3\d{5}|3[068]\d{2}" + _CARD_GAP + rb"\d{6}\4\d{4})(?![\w\-]|\.\d)"
)
_IBAN = re.compile(rb"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_MAX_IBAN_LENGTH = 42
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:"
    # A list of its lines: up to its end, but not over the beginning of another one, and not into the name of a value.
    rb'(?:"\s*+,\s*+"(?:[^"\\-]++|\\.|-(?!----(?:END|BEGIN) ))*+)++-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----'
    rb'(?=[^"\\]{0,100}"\s*+[,\]])'
    rb'|(?:[^"\\-]++|\\.|-(?!----END))*+(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?)',
    re.DOTALL,
)
_WEB_TOKEN = re.compile(rb"eyJ[A-Za-z0-9_\-]{8,190}\.eyJ[A-Za-z0-9_\-]{8,}(?:\.[\w\-]*)?")
_MAX_TOKEN_HEADER_LENGTH = 194
_LETTERS_OF_TOKEN = bytes(byte for byte in range(128) if chr(byte).isalnum() or byte in b"_-")
_BASIC = re.compile(rb"(?<!\w)[Bb]asic\s{1,3}(?P<secret>[A-Za-z0-9+/]{8,400}={0,2})(?![\w+/=])")
_VENDORS = re.compile(
    rb"(?<![A-Za-z0-9])(?:gh[opsur]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w\-]{16,255}|shpat_[0-9a-fA-F]{32}"
    rb"|xox[bp]-[\w\-]{10,255}|AIza[\w\-]{30,60}|[rs]k_(?:live|test)_\w{16,255}|sk-ant-[\w\-]{16,255})"
)
_SLACK_HOOK = re.compile(rb"hooks\.slack\.com\\?/services\\?/(?P<secret>[\w/\\]{8,100})")
_ODBC = re.compile(rb"(?:(?<=[;&?])|(?<=; ))[Pp][Ww][Dd]=(?P<secret>[^;&\s\"\\]{1,200})")
_CURL = re.compile(
    rb"curl\s[^\"\\|;]{0,80}?(?<=\s)(?:-u|--user)[\s=]{0,2}[^\s:\"\\]{1,80}:(?P<secret>[^\s\"\\]{1,200})"
)
_MYSQL = re.compile(rb"mysql\w{0,10}\s[^\"\\|;]{0,80}?(?<=\s)-p(?P<secret>[^\s\"\\]{1,200})")


def _anything(secret: bytes) -> bool:
    return True


def _starting(pattern: re.Pattern[bytes], accepts: Callable[[bytes], bool] = _anything) -> Finder:
    """For secrets that begin with their trigger."""

    def find(payload: bytes, at: int, lowest: int, limit: int) -> Span | None:
        found = pattern.match(payload, at, limit)
        return _accepted(found, accepts)

    return find


def _around(pattern: re.Pattern[bytes], longest: int, accepts: Callable[[bytes], bool]) -> Finder:
    """For secrets that have their trigger in them and are at most so long."""

    def find(payload: bytes, at: int, lowest: int, limit: int) -> Span | None:
        found = pattern.search(payload, max(lowest, at - longest), min(limit, at + longest))
        return _accepted(found, accepts)

    return find


def _accepted(found: re.Match[bytes] | None, accepts: Callable[[bytes], bool]) -> Span | None:
    if found is None:
        return None
    span = found.span("secret" if "secret" in found.re.groupindex else 0)
    return span if accepts(found.string[slice(*span)]) else None


def _find_web_token(payload: bytes, at: int, lowest: int, limit: int) -> Span | None:
    """A JSON web token, whose first dot is at a byte; what is before it has no other dot."""
    before = payload[max(lowest, at - _MAX_TOKEN_HEADER_LENGTH) : at]
    run = len(before.rstrip(_LETTERS_OF_TOKEN))
    header = before.find(b"eyJ", run)
    found = _WEB_TOKEN.match(payload, at - len(before) + header, limit) if header >= 0 else None
    return found.span() if found else None


def _find_long_number(payload: bytes, at: int, lowest: int, limit: int) -> Span | None:
    """A card's number without gaps, which begins at a byte; or an IBAN, which has letters before."""
    if 65 <= payload[at - 1] <= 90:
        return _find_iban(payload, at, lowest, limit)
    found = _CARD.match(payload, at)
    return found.span() if found and has_luhn_checksum(found[0]) else None


_DIGITS = bytes(max(0, byte - 48) if byte < 58 else 0 for byte in range(256))
_DOUBLED = bytes(sum(divmod(2 * digit, 10)) for digit in _DIGITS)
_NO_DIGITS = bytes(byte for byte in range(256) if not 48 <= byte <= 57)


def has_luhn_checksum(number: bytes) -> bool:
    """ISO/IEC 7812-1, annex B."""
    digits = number.replace(b"%20", b"").translate(None, _NO_DIGITS)[::-1]
    return (sum(digits[::2].translate(_DIGITS)) + sum(digits[1::2].translate(_DOUBLED))) % 10 == 0


_AS_NUMBERS = [str(int(chr(byte), 36)) if chr(byte).isalnum() else "" for byte in range(128)]


def has_iban_checksum(number: bytes) -> bool:
    """ISO 13616: with letters as numbers from 10, the rest after dividing by 97 is 1."""
    plain = number.replace(b" ", b"")
    return 15 <= len(plain) <= 34 and int("".join([_AS_NUMBERS[byte] for byte in plain[4:] + plain[:4]])) % 97 == 1


def _names_and_password(encoded: bytes) -> bool:
    """RFC 7617: base64 of a name, a colon and a password. `Basic authentication` is none."""
    try:
        return b":" in a2b_base64(encoded)
    except NotBase64:
        return False


class Look(NamedTuple):
    """A kind of secret: what to look for, and what then looks more closely."""

    triggers: tuple[bytes, ...]
    find: Finder
    is_number: bool = False
    """It may stand in JSON as a number, without quotation marks around it."""
    is_long: bool = False
    """It is no single word, and not looked for elsewhere."""


_find_iban = _around(_IBAN, _MAX_IBAN_LENGTH, has_iban_checksum)
_LONG_NUMBER = b"0" * 14
LOOKS = (
    Look((b"-----begin ",), _starting(_PRIVATE_KEY), is_long=True),
    Look((b".eyj",), _find_web_token),
    Look(
        (b"000 0000", b"000-0000", b"0000.0000.0000", b"0000+0000+0000", b"0000%000000%000000"),
        _around(_CARD, _MAX_CARD_LENGTH, has_luhn_checksum),
    ),
    Look((b"000 0000",), _find_iban),
    Look((_LONG_NUMBER,), _find_long_number, is_number=True),
    Look((b"basic ",), _starting(_BASIC, _names_and_password)),
    Look(
        (
            *(b"ghp_", b"gho_", b"ghs_", b"github_pat_", b"glpat-", b"shpat_", b"xoxb-", b"xoxp-", b"aiza", b"sk-ant-"),
            *(b"sk_live_", b"rk_live_"),
        ),
        _starting(_VENDORS),
    ),
    Look((b"hooks.slack.com",), _starting(_SLACK_HOOK)),
    Look((b"pwd=",), _starting(_ODBC)),
    Look((b"curl ",), _starting(_CURL)),
    Look((b"mysql",), _starting(_MYSQL)),
)

MAX_ADDRESSES = 25_000
_MAX_LOGIN_LENGTH = 404
_LOGIN = re.compile(
    rb"""(?:[^ \t\n\r\f\v/@:"'\\<>]{0,200}+:(?P<password>[^ \t\n\r\f\v/"'\\<>]{1,200})"""
    rb"""|(?P<token>(?=[^ \t\n\r\f\v/@:"'\\<>]{0,60}\d)[^ \t\n\r\f\v/@:"'\\<>]{12,200}+))@"""
)
"""A password, or a name that looks like a token (such as a DSN's key), before the host of an address."""


def find_logins(payload: bytes) -> Iterator[Span]:
    """The passwords in addresses: `postgres://shop:secret@db/shop`. Raises TooDense."""
    count = looked_up_to = 0
    at = payload.find(b"@")
    while at >= 0:
        start = payload.rfind(b"/", max(looked_up_to, at - _MAX_LOGIN_LENGTH), at) + 1
        looked_up_to = at + 1
        # The second is how PHP writes the first in JSON.
        if start and payload[start - 5 : start].endswith((b"://", b":\\/\\/")):
            found = _LOGIN.match(payload, start)
            if found:
                yield found.span(found.lastgroup or 0)
                looked_up_to = found.end()
        at = payload.find(b"@", looked_up_to)
        count += 1
        if count > MAX_ADDRESSES:
            raise TooDense("addresses")
