"""What kind of data an item is, and how much of it: the words in which quotas and outcomes are counted."""

from collections import Counter
from collections.abc import Iterable

from ingest.envelope import Item
from tracker.spool.entry import write_quantities

_CATEGORIES = {
    "event": "error",
    "transaction": "transaction",
    "attachment": "attachment",
    "session": "session",
    "sessions": "session",
    "check_in": "monitor",
    "feedback": "feedback",
    "user_report": "feedback",
    "client_report": "internal",
    "log": "log_item",
    "otel_log": "log_item",
    "span": "span",
    "otel_span": "span",
    "trace_metric": "trace_metric",
    "statsd": "metric_bucket",
    "metric_buckets": "metric_bucket",
    "metric_meta": "metric_bucket",
    "profile": "profile",
    "profile_chunk": "profile_chunk",
    "replay_event": "replay",
    "replay_recording": "replay",
    "replay_video": "replay",
    "nel": "security",
    "raw_security": "security",
}
DEFAULT_CATEGORY = "default"
ERROR_CATEGORY = "error"
SECURITY_CATEGORY = "security"
SECURITY_HEADER = "security"
"""Item header by which the ingest endpoint marks the event that it made of a browser's security report."""

_COUNTED_TYPES = frozenset({"log", "otel_log", "span", "trace_metric"})
_MAX_QUANTITY = 10_000


def category_of(item: Item) -> str:
    """The data category of an item, in the words of the `X-Sentry-Rate-Limits` header."""
    if SECURITY_HEADER in item.header and item.type == "event":
        return SECURITY_CATEGORY
    return _CATEGORIES.get(item.type, DEFAULT_CATEGORY)


def quantity_of(item: Item) -> int:
    """How many things an item holds: `item_count` of a container, bounded; else 1."""
    if item.type not in _COUNTED_TYPES:
        return 1
    count = item.header.get("item_count")
    return min(count, _MAX_QUANTITY) if type(count) is int and count > 0 else 1


def contents_of(items: Iterable[Item]) -> str:
    """How much of each category some items hold, as a short text: `error:1 session:2`."""
    quantities = Counter[str]()
    for item in items:
        quantities[category_of(item)] += quantity_of(item)
    return write_quantities(quantities)
