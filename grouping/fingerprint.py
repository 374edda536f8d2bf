"""Explicit fingerprints: a list of strings from the client or from a rule, `{{ default }}`, variables."""

import re
from collections.abc import Sequence

MOST_PARTS = 32
LONGEST_PART = 1_024
LONGEST_FINGERPRINT = 8_192

_DEFAULT = re.compile(r"\{\{\s*default\s*\}\}")


def is_default(part: str) -> bool:
    return bool(_DEFAULT.fullmatch(part.strip()))


def bounded(parts: Sequence[str]) -> list[str]:
    """A fingerprint within 32 parts, 1 KiB each, 8 KiB in all; empty where it only says `{{ default }}`."""
    kept: list[str] = []
    room = LONGEST_FINGERPRINT
    for part in parts[:MOST_PARTS]:
        text = part[: min(LONGEST_PART, room)]
        room -= len(text)
        kept.append(text)
    return [] if all(is_default(part) or not part for part in kept) else kept
