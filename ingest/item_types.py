"""The types of items in one table: what kind of data each is, how large it may be, and how much it counts as."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.envelope import Item
from tracker.spool.entry import write_quantities

DEFAULT_CATEGORY = "default"
ERROR_CATEGORY = "error"
SECURITY_CATEGORY = "security"
SECURITY_HEADER = "security"
"""Item header by which the ingest endpoint marks the event that it made of a browser's security report."""

MEGABYTE = 1_000_000
_MAX_QUANTITY = 10_000


@dataclass(slots=True, frozen=True)
class ItemType:
    """What is known of the items of one type before they are read."""

    category: str
    """In the words of the `X-Sentry-Rate-Limits` header."""
    max_bytes: int | None = None
    """Of one item's payload; None for those that may fill the whole envelope."""
    is_container: bool = False
    """Whether it holds `item_count` things, and counts as so many."""
    bears_event: bool = False
    """Whether its payload is an object with an `event_id`."""


ITEM_TYPES: Mapping[str, ItemType] = {
    "event": ItemType("error", MEGABYTE, bears_event=True),
    "transaction": ItemType("transaction", MEGABYTE, bears_event=True),
    "feedback": ItemType("feedback", MEGABYTE, bears_event=True),
    "user_report": ItemType("feedback", MEGABYTE),
    "attachment": ItemType("attachment"),
    "session": ItemType("session", 100_000),
    "sessions": ItemType("session", MEGABYTE),
    "check_in": ItemType("monitor", 100_000),
    "client_report": ItemType("internal", 100_000),
    "log": ItemType("log_item", 10 * MEGABYTE, is_container=True),
    "otel_log": ItemType("log_item", is_container=True),
    "span": ItemType("span", 10 * MEGABYTE, is_container=True),
    "otel_span": ItemType("span"),
    "trace_metric": ItemType("trace_metric", 10 * MEGABYTE, is_container=True),
    "statsd": ItemType("metric_bucket"),
    "metric_buckets": ItemType("metric_bucket"),
    "metric_meta": ItemType("metric_bucket"),
    "profile": ItemType("profile", 50 * MEGABYTE),
    "profile_chunk": ItemType("profile_chunk", 50 * MEGABYTE),
    "replay_event": ItemType("replay"),
    "replay_recording": ItemType("replay"),
    "replay_video": ItemType("replay"),
    "nel": ItemType("security"),
    "raw_security": ItemType("security"),
}
"""Who reads them is said by `ingest.digest.entry.READERS`; what has no reader there is counted as filtered."""
_UNKNOWN = ItemType(DEFAULT_CATEGORY)


def type_of(item: Item) -> ItemType:
    """What is known of an item's type; of one that nobody knows, next to nothing."""
    return ITEM_TYPES.get(item.type, _UNKNOWN)


def category_of(item: Item) -> str:
    """The data category of an item, in the words of the `X-Sentry-Rate-Limits` header."""
    if SECURITY_HEADER in item.header and item.type == "event":
        return SECURITY_CATEGORY
    return type_of(item).category


def quantity_of(item: Item) -> int:
    """How many things an item holds: `item_count` of a container, bounded; else 1."""
    if not type_of(item).is_container:
        return 1
    count = item.header.get("item_count")
    return min(count, _MAX_QUANTITY) if type(count) is int and count > 0 else 1


def contents_of(items: Iterable[Item]) -> str:
    """How much of each category some items hold, as a short text: `error:1 session:2`."""
    quantities = Counter[str]()
    for item in items:
        quantities[category_of(item)] += quantity_of(item)
    return write_quantities(quantities)
