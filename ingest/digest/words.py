"""The words that make a secret of what they name, and how they are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ingest.digest.forms import (
    FOR_BEARER,
    FOR_BEARER_IN_SOURCE,
    FOR_COOKIES,
    FOR_OPTIONS,
    FOR_PASSWORDS,
    GENERAL,
    IN_SOURCE,
    Forms,
)
from ingest.digest.secrets import LOOKS, Look

PIECE_BYTES = 65_536
"""What is looked through at once, so that a payload full of words is known before all of them are listed."""
MAX_TOGETHER = 24
"""Patterns of one automaton: a second one takes less than what many together need to pass over what is none of them."""


@dataclass(slots=True, frozen=True)
class ScrubRules:
    """What a project wants scrubbed besides the built-in words."""

    fields: tuple[str, ...] = ()
    ip_addresses: bool = False


class Word(NamedTuple):
    """A part of a name. A quotation mark at an end bounds the name: `auth"` is in `"auth": …`, not in `"author": …`."""

    texts: frozenset[bytes]
    """In lower case; several where they differ by a digit."""
    forms: Forms | None
    """How a secret follows the word inside a text; None for a word that counts as a key only."""
    forms_after_dash: Forms | None
    """The same where a dash is before the word, as in `--password`."""
    has_digit: bool
    """Digits are all alike while words are looked for, so it has to be looked at more closely."""
    becomes_null: bool
    """Its value is read as what it is, and is none any more."""


_PARTED = ("", "_", "-")
ANY = Forms(GENERAL)
_PASSWORD = Forms((*GENERAL, *FOR_PASSWORDS))
_OPTION = Forms((*GENERAL, *FOR_OPTIONS))

WORDS: Sequence[tuple[Forms | None, Sequence[str]]] = (
    (_PASSWORD, ("passw", "passphrase", "passcode", "identified by")),
    (Forms((*GENERAL, *FOR_BEARER), (*IN_SOURCE, *FOR_BEARER_IN_SOURCE)), ("bearer",)),
    (Forms((*GENERAL, *FOR_COOKIES)), ("cookie",)),
    # `token`: also what guards against forged requests, `csrf_token`, `X-CSRFToken`, `XSRF-TOKEN`.
    (ANY, ("token", "secret", "credential", "authorization", '"pwd', "_pwd", "sessid", "samlresponse", "-signature")),
    (ANY, [f"session{gap}id" for gap in _PARTED]),
    (ANY, [f"{kind}{gap}key" for kind in ("api", "private", "access") for gap in _PARTED]),
    (ANY, ("encryption_key", "encryptionkey", "account_number")),
    (None, ('auth"', 'passe"', '"pass"', '_pass"', '"pw"', '"pin"', '"otp"', '"cvv"', '"cvc"', '"ssn"')),
)
"""`passw`: password, passwd, Passwort. `passe"`: mot_de_passe."""
ADDRESS = "ip_address"
ADDRESS_WORDS = (ADDRESS, "remote_addr", "client_ip", "forwarded", "real-ip", "connecting-ip", "client-ip")

_FOLDED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789", b"abcdefghijklmnopqrstuvwxyz000000000")


def fold(text: bytes) -> bytes:
    """The text in lower case and with every digit as 0, so that one pass finds words and the shapes of numbers."""
    return text.translate(_FOLDED)


ESCAPED_LETTER: tuple[Look, ...] = ()
"""The row of what may be an escape of a letter: `\\u0070assword` is a password as well."""
Row = Word | tuple[Look, ...]
Hit = tuple[int, int, int]
"""Which row of a vocabulary was found, from byte, to byte."""


class Vocabulary:
    """Words and the triggers of looks: one pass of an automaton over a payload for every `MAX_TOGETHER` of them."""

    def __init__(self, words: Sequence[tuple[Forms | None, Sequence[str]]]) -> None:
        rows: dict[bytes, Row] = {b"\\u000": ESCAPED_LETTER}
        for forms, texts in words:
            for text in texts:
                _add_word(rows, text.encode("utf-8", "replace"), forms)
        for look in LOOKS:
            for trigger in look.triggers:
                known = rows.get(trigger, ())
                if not isinstance(known, Word):
                    rows[trigger] = (*known, look)
        self.rows: Sequence[Row] = list(rows.values())
        triggers = list(rows)
        self._longest = max(map(len, triggers))
        size = ceil(len(triggers) / ceil(len(triggers) / MAX_TOGETHER))
        self._automata = [
            (first, BytesAhoCorasick(triggers[first : first + size], MatchKind.LeftmostLongest))
            for first in range(0, len(triggers), size)
        ]

    def find(self, payload: bytes) -> Iterator[Sequence[Hit]]:
        """Every word and trigger from left to right, for a piece of the payload at a time."""
        resume = [0] * len(self._automata)
        for start in range(0, len(payload), PIECE_BYTES):
            end = start + PIECE_BYTES
            folded = fold(payload[start : end + self._longest] if start or end < len(payload) else payload)
            hits: list[Hit] = []
            for number, (first, automaton) in enumerate(self._automata):
                offset = max(start, resume[number])
                found = automaton.find_matches_as_indexes(folded[offset - start :] if offset > start else folded)
                if not found:
                    continue
                if first or offset:
                    found = [(row + first, at + offset, to + offset) for row, at, to in found]
                while found and found[-1][1] >= end:
                    found.pop()
                hits += found
                resume[number] = found[-1][2] if found else 0
            hits.sort(key=_START)
            yield hits


_START = itemgetter(1)


def _add_word(rows: dict[bytes, Row], text: bytes, forms: Forms | None) -> None:
    trigger = fold(text)
    known = rows.get(trigger)
    texts = known.texts if isinstance(known, Word) else frozenset()
    forms = (known.forms if isinstance(known, Word) else None) or forms
    after_dash = _OPTION if forms in (ANY, _PASSWORD) else forms
    rows[trigger] = Word(texts | {text}, forms, after_dash, b"0" in trigger, text == ADDRESS.encode())


@lru_cache(maxsize=256)
def vocabulary_of(rules: ScrubRules) -> Vocabulary:
    """Built-in words and those of a project."""
    own = [name.strip().lower() for name in rules.fields if len(name.strip()) > 1]
    return Vocabulary([*WORDS, (ANY, own), (None, ADDRESS_WORDS if rules.ip_addresses else ())])
