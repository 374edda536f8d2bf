"""The kinds of messages: each says how one is delivered."""

from collections.abc import Callable
from dataclasses import dataclass

from tracker.deliver.limits import TimeLimit
from tracker.models import OutboxMessage

Deliver = Callable[[OutboxMessage, TimeLimit], str]
"""Sends the message and returns what the receiver replied. Raises NotDelivered; anything else is a defect of ours,
which is tried again as well."""


class NotDelivered(Exception):
    """The receiver did not take it. The text is what it said, or why it could not be asked."""

    def __init__(self, answer: str, *, is_final: bool = False) -> None:
        super().__init__(answer)
        self.is_final = is_final
        """Whether another attempt cannot end otherwise."""


@dataclass(slots=True, frozen=True)
class MessageKind:
    """How messages of one name are delivered."""

    name: str
    deliver: Deliver
    is_secret: bool
    """Whether what was sent is to be forgotten as soon as it is delivered."""


MESSAGE_KINDS: dict[str, MessageKind] = {}
"""What the workers of this process can deliver, by name."""


def message_kind(name: str, *, is_secret: bool = False) -> Callable[[Deliver], Deliver]:
    """Make a function the way to deliver messages of this name, which stands in rows."""

    def register(deliver: Deliver) -> Deliver:
        MESSAGE_KINDS[name] = MessageKind(name, deliver, is_secret)
        return deliver

    return register
