"""The digest of what real SDKs recorded: every event is taken, and no secret can be read in what is kept of it."""

from datetime import UTC, datetime

import orjson
import pytest

from grouping.event import Event, Frame
from grouping.reader import read_event
from ingest.digest.event import Arrival, LeftOut, ProjectConfig, digest_event
from ingest.digest.words import ScrubRules
from tests.corpus.recordings import Case, iter_cases
from tracker.record.digested import Digested
from tracker.rules.versions import NO_RULES

CONFIG = ProjectConfig(NO_RULES, ScrubRules())
CASES = [case for case in iter_cases() if case.event_payloads()]
RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)
CLI_TOKEN = "sntryu_0123456789abcdef"


def digested(case: Case) -> list[Digested]:
    arrival = Arrival(project_id=1, key_id=1, received_at=RECEIVED, sent_at=None)
    kept = []
    for payload in case.event_payloads():
        try:
            kept.append(digest_event(payload, "", "error", arrival, CONFIG))
        except LeftOut:
            continue
    return kept


def frames_of(event: Event) -> list[Frame]:
    return [frame for each in event.exceptions if each.stacktrace for frame in each.stacktrace.frames]


def absent_of(case: Case) -> set[str]:
    return {secret for event in case.expect.get("events", []) for secret in event.get("absent", ())}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_recorded_event_is_digested_within_the_columns_bounds(case: Case) -> None:
    for event in digested(case):
        assert event.title
        assert event.grouping.keys
        assert len(event.event_id) == 16
        assert (len(event.title), len(event.type), len(event.culprit)) <= (255, 255, 255)
        assert len(event.value) <= 1024
        assert event.occurred_at <= RECEIVED
        assert all(len(key) <= 32 and 0 < len(value) <= 200 for key, value in event.tags.items())
        assert isinstance(orjson.loads(event.payload), dict)


@pytest.mark.parametrize("case", [case for case in CASES if absent_of(case)], ids=lambda case: case.id)
def test_what_must_be_absent_cannot_be_read_in_anything_that_is_kept(case: Case) -> None:
    sent = b"".join(case.event_payloads()).decode("utf-8", "replace")
    assert any(secret in sent for secret in absent_of(case)), "the recording would prove nothing"
    for event in digested(case):
        kept = f"{event.payload!r} {event.title} {event.value} {event.culprit} {event.tags}"
        assert not any(secret in kept for secret in absent_of(case))


def test_the_token_in_the_environment_that_the_cli_sends_cannot_be_read() -> None:
    cases = [case for case in CASES if any(b'"environ"' in payload for payload in case.event_payloads())]
    assert cases
    for case in cases:
        for event in digested(case):
            assert CLI_TOKEN.encode() not in event.payload
            assert b'"SENTRY_AUTH_TOKEN":"[Filtered]"' in event.payload or b"SENTRY_AUTH_TOKEN" not in event.payload


@pytest.mark.parametrize("case", [case for case in CASES if len(case.event_payloads()) == 1], ids=lambda case: case.id)
def test_scrubbing_leaves_what_an_issue_is_recognized_by(case: Case) -> None:
    sent = read_event(case.event_payloads()[0])
    for event in digested(case):
        kept = read_event(event.payload)
        assert [exception.type for exception in kept.exceptions] == [exception.type for exception in sent.exceptions]
        assert [frame.function for frame in frames_of(kept)] == [frame.function for frame in frames_of(sent)]
        assert (kept.platform, kept.level, kept.release) == (sent.platform, sent.level, sent.release)
