"""A secret that is known by its name may stand elsewhere without it: a password in a message, or in a line of code."""

import re
from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from ingest.digest.secrets import FILTERED

MAX_ONE_BY_ONE = 16
"""Secrets that are looked for one after the other; an automaton for more of them is made first."""
_SPECIAL = re.compile(
    rb"^"
    # Ids of events, traces and spans stay.
    rb"(?!(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16})$)"
    # So does what may be a number, or JSON without a text: with a word in its place, that would be no JSON any more.
    rb"(?!(?:[\d+\-.eE]+|(?=[^,:\[\]{}\n]*[,:\[\]{}])[\d+\-.eE,:\[\]{}trufalsn]+)$)"
    # Letters and digits together, and long enough not to be a part of something else by chance.
    rb"(?=[^\d\n]*\d)(?=[^A-Za-z\n]*[A-Za-z])[!#-\[\]-~]{8,200}$",
    re.MULTILINE,
)
"""Secrets that nothing else looks like; of several, with each on a line of its own."""


def hide_elsewhere(scrubbed: bytes, secrets: Iterable[bytes]) -> bytes:
    """The text without those of the secrets that nothing else looks like."""
    special = _SPECIAL.findall(b"\n".join(secrets))
    if len(special) <= MAX_ONE_BY_ONE:
        for secret in sorted(special, key=len, reverse=True):
            scrubbed = scrubbed.replace(secret, FILTERED)
        return scrubbed
    parts: list[bytes] = []
    kept_from = 0
    automaton = BytesAhoCorasick(special, MatchKind.LeftmostLongest)
    for _, start, end in automaton.find_matches_as_indexes(scrubbed):
        parts += scrubbed[kept_from:start], FILTERED
        kept_from = end
    return b"".join((*parts, scrubbed[kept_from:]))
