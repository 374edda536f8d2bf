"""What the digest left out of an event, written into its payload and read again for the event's page.

In the form in which SDKs and servers of Sentry's protocol say it of each other: `_meta`, a remark on the whole payload.
Source: https://develop.sentry.dev/sdk/expected-features/data-handling/#structuring-data
"""

from collections.abc import Mapping
from typing import Any

HIDDEN = "its texts, variables and request were replaced by [Filtered], names and frames were kept"
DENSE = "stacktale:dense"
SLOW = "stacktale:slow"
_SENTENCES: Mapping[str, str] = {
    DENSE: f"It held more that may be secret than is looked at one by one: {HIDDEN}.",
    SLOW: f"It took more processor time than one event may: {HIDDEN}.",
}


def remark_on(rule: str) -> dict[str, Any]:
    """The value of `_meta` of a payload of which something was removed by a rule."""
    return {"": {"rem": [[rule, "x"]]}}


def read_remarks(meta: Any) -> list[str]:
    """What `remark_on` said, as sentences; remarks of others are passed over."""
    whole = meta.get("") if isinstance(meta, Mapping) else None
    remarks = whole.get("rem") if isinstance(whole, Mapping) else None
    rules = (
        [remark[0] for remark in remarks if isinstance(remark, list) and remark] if isinstance(remarks, list) else []
    )
    return [sentence for rule, sentence in _SENTENCES.items() if rule in rules]
