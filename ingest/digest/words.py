"""The words that make a secret of what they name, and how they are found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ingest.digest.secrets import LANDMARKS, Look


@dataclass(slots=True, frozen=True)
class ScrubRules:
    """What a project wants scrubbed besides the built-in words."""

    fields: tuple[str, ...] = ()
    ip_addresses: bool = False


_PARTED = ("", "_", "-")
WORDS = (
    *("password", "passwd", "passphrase", "passcode", '"pwd', "_pwd", "secret", "credential", "bearer", "cookie"),
    # Also what guards against forged requests: `csrf_token`, `X-CSRFToken`, `XSRF-TOKEN`.
    "token",
    *(f"{kind}{gap}key" for kind in ("api", "private", "access") for gap in _PARTED),
    *("authorization", 'auth":', 'auth" :'),
    *("sessid", *(f"session{gap}id" for gap in _PARTED)),
)
"""In lower case. A quotation mark at an end bounds the name: `"auth": …` is a secret, `"author": …` is none."""

ADDRESS_WORDS = ("ip_address", "remote_addr", "client_ip", "forwarded", "real-ip", "connecting-ip", "client-ip")


_FOLDED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789", b"abcdefghijklmnopqrstuvwxyz000000000")


def fold(text: bytes) -> bytes:
    """The text in lower case and with every digit as 0, so that one pass finds words and the shapes of numbers."""
    return text.translate(_FOLDED)


class Found(NamedTuple):
    """A word or a landmark in a text, from byte `start` up to `end`."""

    start: int
    end: int
    may_be_in_text: bool
    """Whether the word counts inside of texts too, not only as a name."""
    look: Look | None
    """What looks around a landmark of `secrets`; None for a word."""


class Vocabulary:
    """Words and landmarks that are looked for together: one pass over a text finds all of them."""

    def __init__(self, words: Sequence[str], only_names: Sequence[str]) -> None:
        self._words = [word.encode("utf-8", "replace") for word in (*words, *only_names)]
        self._first_only_name = len(words)
        self._looks = list(LANDMARKS.values())
        self._automaton = BytesAhoCorasick([*map(fold, self._words), *LANDMARKS], MatchKind.LeftmostLongest)

    def find(self, text: bytes, folded: bytes) -> Iterator[Found]:
        """Every word and landmark in a text, which is also given as `fold` makes it."""
        for which, start, end in self._automaton.find_matches_as_indexes(folded):
            if which >= len(self._words):
                yield Found(start, end, False, self._looks[which - len(self._words)])
            elif b"0" not in folded[start:end] or text[start:end].lower() == self._words[which]:
                yield Found(start, end, which < self._first_only_name, None)


@lru_cache(maxsize=256)
def vocabulary_of(rules: ScrubRules) -> Vocabulary:
    """Built-in words and those of a project."""
    own = tuple(name.strip().lower() for name in rules.fields if len(name.strip()) > 1)
    return Vocabulary((*WORDS, *own), ADDRESS_WORDS if rules.ip_addresses else ())
