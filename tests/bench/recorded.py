"""The recorded events of every SDK generation, where it is known which of them are one issue."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grouping.event import Event
from grouping.reader import read_event
from tests.corpus.recordings import Case, iter_cases

PREDECESSORS = ("rv", "rvjs", "rvbr")
"""Raven, the SDKs before Sentry's: their programs say the same messages, which nobody asserts to be other issues."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    event: Event
    group: str
    bug: str
    """The same place reached another way: nobody asserts whether two groups of one bug are one issue."""


def recorded_events() -> Iterator[RecordedEvent]:
    """Events whose group is known beyond doubt, in the order in which the cases are listed."""
    for case in iter_cases():
        wanted = _wanted_by_id(case)
        for content in case.event_payloads():
            payload = json.loads(content)
            expected = wanted.get(str(payload.get("event_id", "")).replace("-", ""))
            if not expected or payload.get("type") in {"transaction", "feedback"}:
                continue
            if expected.get("fingerprint") in (None, payload.get("fingerprint")):
                yield RecordedEvent(read_event(payload), expected["group"], expected.get("bug") or "")


def unasserted_pairs(events: list[RecordedEvent]) -> set[frozenset[str]]:
    """Pairs of groups that have the same bug, or the same program under another SDK's predecessor."""
    groups_of: dict[str, set[str]] = {}
    for one in events:
        kind, _, name = one.group.partition(":")
        groups_of.setdefault(f"name {name.removeprefix('raven_')}" if kind in PREDECESSORS else "", set()).add(
            one.group
        )
        groups_of.setdefault(f"name {name}", set()).add(one.group)
        if one.bug:
            groups_of.setdefault(f"bug {one.bug}", set()).add(one.group)
    groups_of.pop("", None)
    return {frozenset((a, b)) for groups in groups_of.values() for a in groups for b in groups if a != b}


def _wanted_by_id(case: Case) -> Mapping[str, Mapping[str, Any]]:
    """What is expected of each event; empty where the order of a case's events says nothing."""
    observed, expected = case.observed.get("events") or [], case.expect.get("events") or []
    agree = all(seen.get("type") == wish.get("type") for seen, wish in zip(observed, expected, strict=False))
    if case.expect.get("unordered") or not agree:
        return {}
    return {
        str(seen["event_id"]).replace("-", ""): wish
        for seen, wish in zip(observed, expected, strict=False)
        if seen.get("event_id") and wish.get("group")
    }
