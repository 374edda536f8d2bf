"""The door for requests that wait for nothing but the spool: they are answered in the event loop, without a thread.

It is the same receiver as everywhere, with everything that might wait taken out of its hands: where it reaches for the
database, for Redis or for much memory, `MustWait` is raised, and the request begins anew somewhere else.
"""

from dataclasses import replace

from ingest.door import Door, early_answer, error_answer
from ingest.front.appends import Appends
from ingest.receive.keys import KeyInfo, Keys
from ingest.receive.memory import MemoryBudget, Reservation
from ingest.receive.request import Answer, Request
from ingest.receive.windows import Limit, LocalWindows


class MustWait(Exception):
    """Not to be had at once; until here nothing has been counted or stored."""


class ColdKey(MustWait):
    """The key has to be looked up first."""

    def __init__(self, public_key: str) -> None:
        super().__init__(public_key)
        self.public_key = public_key


class IsLarge(MustWait):
    """To decode it takes long, and may have to wait for memory."""


class FreshKeys:
    """The keys that are known without the database."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def is_fresh(self, public_key: str) -> bool:
        return self._keys.is_fresh(public_key)

    def go_on(self, public_key: str) -> None:
        self._keys.go_on(public_key)

    def find(self, public_key: str) -> KeyInfo | None:
        if not self.is_fresh(public_key):
            raise ColdKey(public_key)
        return self._keys.find(public_key)


class FarWindows:
    """Windows that are counted on another machine."""

    def take(self, limit: Limit, quantity: int, now: float) -> int:
        raise MustWait


class NoLargeMemory(MemoryBudget):
    """What is counted against the memory of large bodies is not for the event loop."""

    def take(self, size: int) -> None:
        raise IsLarge


class QuickDoor:
    """Answers in an event loop."""

    def __init__(self, door: Door, appends: Appends) -> None:
        receiver = door.receiver
        self._memory = NoLargeMemory()
        self._receiver = replace(
            receiver,
            keyring=FreshKeys(receiver.keyring),
            windows=receiver.windows if isinstance(receiver.windows, LocalWindows) else FarWindows(),
            memory=self._memory,
        )
        self._appends = appends

    async def answer(self, request: Request) -> Answer:
        """The answer to any request that need not wait. Raises MustWait."""
        try:
            if early := early_answer(request):
                return early
            examined = self._receiver.examine(request, Reservation(self._memory))
            failure = await self._appends.append(examined.offer) if examined.offer else None
            return self._receiver.conclude(examined, failure)
        except MustWait:
            raise
        except Exception as error:
            return error_answer(error)
