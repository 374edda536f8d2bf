"""The spool of one machine: files under the data directory, no server."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from tracker.spool.appender import DiskAppender
from tracker.spool.entry import Claimed, Entry, Offer, SpoolFailure
from tracker.spool.reader import DiskReader


class DiskSpool:
    """Many processes and threads append, one at a time claims. Opens nothing before its first use: forks are safe."""

    consumer = "disk"

    def __init__(self, directory: Path, max_bytes: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.worker = f"disk-{os.getpid()}-{secrets.token_hex(3)}"
        self._appender = DiskAppender(directory, max_bytes)
        self._reader = DiskReader(directory)

    @classmethod
    def from_settings(cls) -> "DiskSpool":
        return cls(settings.SPOOL_DIR, settings.SPOOL_MAX_BYTES)

    def append(self, entry: Entry, share: float = 1.0) -> None:
        """Store durably, within a share of the bound. Raises SpoolFull or SpoolUnavailable."""
        if failure := self.append_all([Offer(entry, share)])[0]:
            raise failure

    def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
        """Store durably all for which there is space, with one write; returns what became of each."""
        return self._appender.append_all(offers)

    def claim(self, limit: int) -> list[Claimed]:
        """Up to `limit` entries, oldest first in each segment; empty while another process holds some."""
        return self._reader.claim(limit)

    def is_held(self) -> bool:
        """Always: nobody claims what another process holds."""
        return True

    def begin_lone_try(self, claimed: Claimed) -> None:
        """Remember durably that this worker takes up the entry alone. Raises OSError."""
        self._reader.set_lone_tries(claimed, (*claimed.tried_alone_by, self.worker))

    def withdraw_lone_try(self, claimed: Claimed) -> None:
        """As if its last lone try had never begun. Raises OSError."""
        self._reader.set_lone_tries(claimed, claimed.tried_alone_by)

    def ack(self, ids: Sequence[str]) -> None:
        """Forget entries whose rows are committed. Raises OSError."""
        self._reader.ack(ids)

    def size(self) -> int:
        """Entries that are waiting or claimed."""
        return self._reader.size()

    def oldest_at(self) -> float | None:
        """When the oldest waiting entry was received; None if nothing waits."""
        return self._reader.oldest_at()

    def close(self) -> None:
        """Let go of files and locks."""
        self._appender.close()
        self._reader.close()
