"""A spool in memory: what `tracker.spool.Spool` promises but for durability."""

from collections.abc import Sequence

from tracker.spool import Claimed, Entry, Offer, SpoolFailure, SpoolFull, SpoolUnavailable


class MemorySpool:
    """Keeps up to `max_bytes`; `is_away` makes it unavailable."""

    def __init__(self, max_bytes: int = 10_000_000) -> None:
        self.consumer = self.worker = "test"
        self.max_bytes = max_bytes
        self.is_away = False
        self.entries: dict[str, Entry] = {}
        self._attempts: dict[str, int] = {}
        self._claimed: set[str] = set()
        self._number = 0

    def append(self, entry: Entry, share: float = 1.0) -> None:
        if self.is_away:
            raise SpoolUnavailable
        waiting_bytes = sum(len(waiting.body) for waiting in self.entries.values())
        if waiting_bytes + len(entry.body) > self.max_bytes * share:
            raise SpoolFull
        self._number += 1
        self.entries[str(self._number)] = entry

    def append_all(self, offers: Sequence[Offer]) -> list[SpoolFailure | None]:
        return [self._try_to_append(offer) for offer in offers]

    def _try_to_append(self, offer: Offer) -> SpoolFailure | None:
        try:
            self.append(offer.entry, offer.share)
        except (SpoolFull, SpoolUnavailable) as failure:
            return failure
        return None

    def claim(self, limit: int) -> list[Claimed]:
        ids = [entry_id for entry_id in self.entries if entry_id not in self._claimed][:limit]
        self._claimed.update(ids)
        for entry_id in ids:
            self._attempts[entry_id] = self._attempts.get(entry_id, 0) + 1
        return [Claimed(entry_id, self.entries[entry_id], self._attempts[entry_id]) for entry_id in ids]

    def is_held(self) -> bool:
        return True

    def begin_lone_try(self, claimed: Claimed) -> None:
        return

    def withdraw_lone_try(self, claimed: Claimed) -> None:
        return

    def ack(self, ids: Sequence[str]) -> None:
        for entry_id in ids:
            self.entries.pop(entry_id, None)

    def size(self) -> int:
        return len(self.entries)

    def oldest_at(self) -> float | None:
        return min((entry.received_at for entry in self.entries.values()), default=None)

    def close(self) -> None:
        self._claimed.clear()
