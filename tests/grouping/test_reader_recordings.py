"""Every event that real SDKs sent, read and held against what is known to have happened."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from grouping.event import Event
from grouping.reader import read_breadcrumbs, read_event
from grouping.titles import crash_frame, main_exception
from tests.corpus.recordings import Case, iter_cases

CASES = [case for case in iter_cases() if case.expect["events"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_recorded_event_reads_as_what_happened(case: Case) -> None:
    unmatched = [read_event(payload) for payload in case.event_payloads()]
    for expected in case.expect["events"]:
        differences = [list(_differences(event, expected)) for event in unmatched]
        assert [] in differences, (expected, differences)
        unmatched.pop(differences.index([]))


def _differences(event: Event, expected: dict[str, Any]) -> Iterator[str]:
    for fact, wanted in expected.items():
        if fact in CHECKS and not CHECKS[fact](event, wanted):
            yield fact


def _any_of(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def _value(event: Event) -> str:
    exception = main_exception(event)
    return exception.value if exception else ""


def _type(event: Event) -> str:
    exception = main_exception(event)
    return exception.type if exception else ""


def _kind(event: Event) -> str:
    return event.type if event.type in ("transaction", "feedback") else "error"


def _function_matches(event: Event, wanted: str | None) -> bool:
    frame = crash_frame(event)
    function = frame.function if frame else ""
    return any(_last_part(function) == _last_part(name or "") for name in _any_of(wanted))


def _last_part(function: str) -> str:
    """SDKs differ in how much of the owner they put before a function's name: `Object.charge`, `charge`."""
    return function.rpartition(".")[2]


def _file_matches(event: Event, wanted: str) -> bool:
    frame = crash_frame(event)
    return frame is not None and (frame.filename.endswith(wanted) or frame.abs_path.endswith(wanted))


def _request_matches(event: Event, wanted: dict[str, str]) -> bool:
    request = event.request or {}
    url = urlsplit(request.get("url") or "")
    query = _query(request.get("query_string")) or parse_qsl(url.query)
    return (
        wanted.get("method") in (None, request.get("method"))
        and wanted.get("path") in (None, url.path)
        and set(parse_qsl(wanted.get("query", ""))) <= set(query)
    )


def _query(sent: Any) -> list[tuple[str, str]]:
    """The pairs of a query string, which SDKs send as text, as a map or as pairs."""
    if isinstance(sent, dict):
        return list(sent.items())
    if isinstance(sent, list):
        return [(key, value) for key, value in sent]
    return parse_qsl((sent or "").lstrip("?"))


def _user_matches(event: Event, wanted: dict[str, str]) -> bool:
    return all(getattr(event.user, name) == value for name, value in wanted.items())


def _flags(event: Event) -> dict[str, bool]:
    return {flag["flag"]: flag["result"] for flag in event.contexts["flags"]["values"]}


CHECKS: dict[str, Callable[[Event, Any], bool]] = {
    "kind": lambda event, wanted: _kind(event) == wanted,
    "type": lambda event, wanted: _type(event) in _any_of(wanted),
    "value": lambda event, wanted: _value(event) in _any_of(wanted),
    "value_has": lambda event, wanted: wanted in _value(event),
    "chain": lambda event, wanted: [exception.type for exception in event.exceptions] == wanted,
    "group_members": lambda event, wanted: set(wanted) <= {exception.type for exception in event.exceptions},
    "message": lambda event, wanted: (event.message or _value(event)) in _any_of(wanted),
    "template": lambda event, wanted: event.message_template == wanted,
    "function": _function_matches,
    "file": _file_matches,
    "level": lambda event, wanted: event.level in _any_of(wanted),
    "handled": lambda event, wanted: event.exceptions[-1].mechanism.handled is wanted,
    "logger": lambda event, wanted: event.logger == wanted,
    "transaction": lambda event, wanted: event.transaction in _any_of(wanted),
    "transaction_has": lambda event, wanted: wanted in event.transaction,
    "release": lambda event, wanted: event.release == wanted,
    "environment": lambda event, wanted: event.environment in _any_of(wanted),
    "platform": lambda event, wanted: event.platform in _any_of(wanted),
    "user": _user_matches,
    "tags": lambda event, wanted: wanted.items() <= event.tags.items(),
    "breadcrumbs": lambda event, wanted: len(read_breadcrumbs(event.raw)) == wanted,
    "request": _request_matches,
    "fingerprint": lambda event, wanted: event.fingerprint == wanted,
    "flags": lambda event, wanted: _flags(event) == wanted,
}
"""What reading decides; facts of other packages (groups, attachments, source maps, scrubbing) are not looked at
here."""
