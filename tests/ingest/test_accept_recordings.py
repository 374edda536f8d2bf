"""Everything that real SDKs were recorded to send is taken, whole and as sent."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from grouping.reader import decode_json
from ingest.receive.request import find_route, is_served
from tests.corpus.recordings import Case, Recording, iter_cases
from tests.ingest.endpoint_setup import EndpointWorld, Reply

_FRAMING_HEADERS = {"content-length", "transfer-encoding"}


def sdk_requests(case: Case) -> Iterator[Recording]:
    for recording in case.requests:
        route = find_route(recording.path)
        if route is not None and is_served(route.endpoint):
            yield recording


CASES = [case for case in iter_cases() if any(sdk_requests(case))]


def replay(world: EndpointWorld, recording: Recording) -> Reply:
    headers: dict[str, Any] = {
        "CONTENT_TYPE" if name.lower() == "content-type" else "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in recording.headers
        if name.lower() not in _FRAMING_HEADERS
    }
    path, _, query = recording.target.partition("?")
    return world.request(recording.method, path, recording.body, query, **headers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_recorded_request_is_taken_whole(case: Case) -> None:
    for recording in sdk_requests(case):
        world = EndpointWorld()
        reply = replay(world, recording)
        assert reply.status == 200, reply.body
        assert world.counts() == {}
        sent_events = [decode_json(payload) for payload in recording.event_payloads()]
        if sent_events:
            assert reply.json == {"id": sent_events[0]["event_id"].replace("-", "")}
        if recording.is_envelope:
            spooled = [(item.type, bytes(item.payload)) for envelope in world.spooled() for item in envelope.items]
            assert spooled == [(item.type, item.payload) for item in recording.envelope[1]]
            assert all(entry.body == recording.body for entry in world.spool.entries.values())
        elif sent_events:
            assert world.payloads() == sent_events


def test_there_are_recordings_of_every_way_to_send() -> None:
    paths = {recording.path for recording in chain.from_iterable(map(sdk_requests, CASES))}
    assert {"/api/7/envelope/", "/api/7/store/", "/api/7/security/"} <= paths
    assert len(CASES) > 350
