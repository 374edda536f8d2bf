"""What lies in the spool, and what every spool promises."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


def write_quantities(quantities: Mapping[str, int]) -> str:
    """Quantities by category as a short text: `error:1 session:2`."""
    return " ".join(f"{category}:{quantity}" for category, quantity in quantities.items())


def read_quantities(text: str) -> Counter[str]:
    """Quantities by category, of what `write_quantities` wrote."""
    pairs = (pair.split(":") for pair in text.split())
    return Counter({category: int(quantity) for category, quantity in pairs})


@dataclass(slots=True, frozen=True)
class Entry:
    """One accepted request: an envelope, still compressed as `encoding` says."""

    project_id: int
    key_id: int
    received_at: float
    """Seconds since 1970 by the server's clock."""
    encoding: str
    """`identity`, `gzip`, `deflate`, `br` or `zstd`."""
    body: bytes
    contents: str = "error:1"
    """How much of each category it holds, as `write_quantities` says it."""


@dataclass(slots=True, frozen=True)
class Offer:
    """An entry that is to be stored within a share of the bound on waiting bytes: what matters less is refused while
    there is still space for what matters more."""

    entry: Entry
    share: float = 1.0


@dataclass(slots=True, frozen=True)
class Claimed:
    """An entry in a worker's hands; `id` is given back to `ack`. `attempts` counts claims, this one included."""

    id: str
    entry: Entry
    attempts: int
    tried_alone_by: tuple[str, ...] = ()
    """The workers that began to digest it alone, and never said that they were through."""


class SpoolFull(Exception):
    """The bound on waiting bytes is reached; nothing was appended."""


class SpoolUnavailable(Exception):
    """Disk or Redis cannot take the entry now; nothing may be assumed of it."""


SpoolFailure = SpoolFull | SpoolUnavailable


class Spool(Protocol):
    """Appends are durable when they return; a claim that is not acknowledged comes back."""

    consumer: str
    """Who claims: entries claimed under one name are acknowledged in order by one worker."""
    worker: str
    """This process's name, which no other ever has."""

    def append(self, entry: Entry, share: float = 1.0) -> None:
        """Store durably, within a share of the bound. Raises SpoolFull or SpoolUnavailable."""

    def append_all(self, offers: Sequence[Offer]) -> Sequence[SpoolFailure | None]:
        """Store durably all for which there is space, in one go; returns what became of each."""

    def claim(self, limit: int) -> list[Claimed]:
        """Up to `limit` entries, oldest first; those of a dead worker come again, with `attempts` raised."""

    def is_held(self) -> bool:
        """Whether nobody else has claimed meanwhile what was claimed last, nor can for a while."""

    def begin_lone_try(self, claimed: Claimed) -> None:
        """Remember durably that this worker takes up the entry alone; forgotten by `ack` and by `withdraw_lone_try`."""

    def withdraw_lone_try(self, claimed: Claimed) -> None:
        """The entry was not at fault: as if its last lone try had never begun."""

    def ack(self, ids: Sequence[str]) -> None:
        """Forget entries whose rows are committed."""

    def size(self) -> int:
        """Entries that are waiting or claimed."""

    def oldest_at(self) -> float | None:
        """When the oldest waiting entry was received, in seconds since 1970; None if nothing waits."""

    def close(self) -> None:
        """Let go of files, locks and connections; what was claimed and not acknowledged comes back."""
