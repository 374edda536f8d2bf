"""What the ingest endpoint refuses of a known key: received and lost in one count, so that the sum balances."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ingest.envelope import Item
from ingest.errors import Rejected, Unavailable
from ingest.item_types import DEFAULT_CATEGORY, ERROR_CATEGORY, SECURITY_CATEGORY, category_of, quantity_of
from ingest.receive.keys import KeyInfo
from ingest.receive.request import Request
from tracker.outcomes.recording import Outcome, OutcomeKey, minute_of

Count = Callable[[Iterable[tuple[OutcomeKey, int]]], None]

_CATEGORY_OF_ENDPOINT = {
    "store": ERROR_CATEGORY,
    "security": SECURITY_CATEGORY,
    "csp-report": SECURITY_CATEGORY,
    "nel": SECURITY_CATEGORY,
}


@dataclass(slots=True, frozen=True)
class Loss:
    item: Item
    outcome: Outcome
    reason: str


def count_losses(count: Count, request: Request, key: KeyInfo, losses: list[Loss]) -> None:
    """Count items that are refused one by one."""
    if losses:
        count(
            pair
            for loss in losses
            for pair in _pair(request, key, category_of(loss.item), loss.outcome, loss.reason, quantity_of(loss.item))
        )


def count_unread(count: Count, request: Request, key: KeyInfo, rejected: Rejected) -> None:
    """Count a body that could not be read at all as one item."""
    category = _CATEGORY_OF_ENDPOINT.get(request.route.endpoint, DEFAULT_CATEGORY)
    outcome = Outcome.RATE_LIMITED if isinstance(rejected, Unavailable) else Outcome.INVALID
    count(_pair(request, key, category, outcome, rejected.code, 1))


def count_unchecked(count: Count, request: Request, key: KeyInfo, quantities: Mapping[str, int]) -> None:
    """Count, beside the sum, what passed because a limit could not be asked."""
    minute = minute_of(request.received_at)
    count(
        (OutcomeKey(key.project_id, key.key_id, minute, category, Outcome.UNCHECKED), quantity)
        for category, quantity in quantities.items()
    )


def _pair(
    request: Request, key: KeyInfo, category: str, outcome: Outcome, reason: str, quantity: int
) -> tuple[tuple[OutcomeKey, int], tuple[OutcomeKey, int]]:
    minute = minute_of(request.received_at)
    return (
        (OutcomeKey(key.project_id, key.key_id, minute, category, Outcome.RECEIVED), quantity),
        (OutcomeKey(key.project_id, key.key_id, minute, category, outcome, reason), quantity),
    )
