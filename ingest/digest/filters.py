"""Which events are not kept, and why."""

from grouping.event import Event

NOT_STORED_YET = "not_stored_yet"
_OTHER_THAN_ERRORS = frozenset({"transaction", "feedback"})


def reason_to_leave_out(event: Event) -> str:
    """The reason under which an event is counted as filtered; empty for one that is kept."""
    return NOT_STORED_YET if event.type in _OTHER_THAN_ERRORS else ""
