"""The words that make a secret of what they name."""

from dataclasses import dataclass
from functools import lru_cache

LONGEST_BEFORE = 8


@dataclass(slots=True, frozen=True)
class ScrubRules:
    """What a project wants scrubbed besides the built-in words."""

    fields: tuple[str, ...] = ()
    ip_addresses: bool = False


@dataclass(slots=True, frozen=True)
class Word:
    """A secret's word: `found` is looked for, and counts where one of `before` precedes and one of `after` follows.

    Looking for texts is most of what scrubbing costs, so that one short text serves several words.
    """

    found: bytes
    before: tuple[bytes, ...] = ()
    after: tuple[bytes, ...] = ()
    may_be_in_text: bool = True

    def end(self, lower: bytes, at: int) -> int:
        """Where the word ends that was found at a place of the lower-case text; -1 where it is not this word."""
        if self.before and not lower.endswith(self.before, max(0, at - LONGEST_BEFORE), at):
            return -1
        end = at + len(self.found)
        if not self.after:
            return end
        return next((end + len(rest) for rest in self.after if lower.startswith(rest, end)), -1)


WORDS = (
    Word(b"pass", after=(b"word", b"wd", b"phrase", b"code")),
    Word(b"pwd", before=(b'"', b"_")),
    Word(b"secret"),
    # Also what guards against forged requests: `csrf_token`, `X-CSRFToken`, `XSRF-TOKEN`.
    Word(b"token"),
    Word(b"credential"),
    Word(b"bearer"),
    Word(b"cookie"),
    Word(b"key", before=tuple(kind + gap for kind in (b"api", b"private", b"access") for gap in (b"", b"_", b"-"))),
    Word(b"auth", after=(b"orization", b'":', b'" :')),
    Word(b"sess", after=(b"ionid", b"ion_id", b"ion-id", b"id")),
)
ADDRESS_WORDS = tuple(
    Word(name, may_be_in_text=False)
    for name in (b"ip_address", b"remote_addr", b"client_ip", b"forwarded", b"real-ip", b"connecting-ip", b"client-ip")
)


@lru_cache(maxsize=256)
def words_of(rules: ScrubRules) -> tuple[Word, ...]:
    """Built-in words and those of a project."""
    own = tuple(Word(name.strip().lower().encode("utf-8", "replace")) for name in rules.fields if len(name.strip()) > 1)
    return (*WORDS, *own, *(ADDRESS_WORDS if rules.ip_addresses else ()))
