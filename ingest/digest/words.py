"""The words that make a secret of what they name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import BytesAhoCorasick, MatchKind


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


class Vocabulary:
    """Words that are looked for together: one pass over a text finds all of them."""

    def __init__(self, words: tuple[str, ...], only_names: tuple[str, ...]) -> None:
        self._automaton = BytesAhoCorasick(
            [word.encode("utf-8", "replace") for word in (*words, *only_names)], MatchKind.LeftmostLongest
        )
        self._first_only_name = len(words)

    def find(self, lower: bytes) -> Iterator[tuple[int, int, bool]]:
        """Start and end of each word in a lower-case text, and whether it counts inside of texts too."""
        for which, start, end in self._automaton.find_matches_as_indexes(lower):
            yield start, end, which < self._first_only_name


@lru_cache(maxsize=256)
def vocabulary_of(rules: ScrubRules) -> Vocabulary:
    """Built-in words and those of a project."""
    own = tuple(name.strip().lower() for name in rules.fields if len(name.strip()) > 1)
    return Vocabulary((*WORDS, *own), ADDRESS_WORDS if rules.ip_addresses else ())
