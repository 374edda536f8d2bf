"""Store bodies, security reports and old clients' ways: all become envelopes."""

import base64
import zlib
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from tests.ingest.endpoint_setup import EVENT_ID, KEY, EndpointWorld

EVENT = {"event_id": EVENT_ID, "message": "hello"}
BODY = orjson.dumps(EVENT)
CSP = {
    "csp-report": {
        "document-uri": "https://example.com/page",
        "violated-directive": "script-src 'self'",
        "effective-directive": "script-src",
        "blocked-uri": "https://evil.example/x.js",
    }
}


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        b"  " + BODY,
        b"\xef\xbb\xbf" + BODY,
        base64.b64encode(zlib.compress(BODY)),
        base64.b64encode(zlib.compress(BODY)) + b"\n",
        base64.b64encode(BODY),
        zlib.compress(BODY),
        raw_deflate(BODY),
    ],
)
@pytest.mark.parametrize("path", ["/api/7/store/", "/api/7/store", "/api/store/", "/errors/api/7/store/"])
def test_a_store_body_becomes_an_envelope_with_one_event(body: bytes, path: str) -> None:
    world = EndpointWorld()
    assert world.post(body, path).json == {"id": EVENT_ID}
    assert world.payloads() == [EVENT]
    (envelope,) = world.spooled()
    assert [item.type for item in envelope.items] == ["event"]


def test_a_store_body_without_id_gets_one_that_the_answer_names() -> None:
    world = EndpointWorld()
    reply = world.post(b'{"message":"x"}', "/api/7/store/")
    assert world.payloads() == [{"message": "x", "event_id": reply.json["id"]}]
    assert len(reply.json["id"]) == 32


def test_an_old_browser_sends_its_event_in_the_query_of_a_get() -> None:
    world = EndpointWorld()
    for form in (
        quote(BODY),
        quote(base64.b64encode(zlib.compress(BODY))),
        base64.b64encode(zlib.compress(BODY)).decode(),
    ):
        reply = world.request("GET", "/api/7/store/", query=f"sentry_version=4&sentry_key={KEY}&sentry_data={form}")
        assert reply.json == {"id": EVENT_ID}
    assert world.payloads() == [EVENT] * 3


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b"[]", b"[1]", b'"text"', b"null", b"{", b'{"a":', base64.b64encode(b"no zlib"), b"\x78\x9c\x00"],
)
def test_a_store_body_that_is_no_object_is_400_with_a_reason_and_counted(body: bytes) -> None:
    world = EndpointWorld()
    reply = world.post(body, "/api/7/store/")
    assert reply.status == 400
    assert reply.json["detail"]
    assert world.counts() == {
        (7, 11, "error", "received", ""): 1,
        (7, 11, "error", "invalid", "malformed"): 1,
    }


@pytest.mark.parametrize(
    "body",
    [
        b'{"message":"' + b"x" * 2_100_000 + b'"}',
        b'{"message":"' + b"x" * 1_100_000 + b'"}',
        zlib.compress(b'{"message":"' + b"x" * 2_100_000 + b'"}'),
        base64.b64encode(zlib.compress(bytes(50_000_000))),
    ],
)
def test_a_store_body_that_is_too_large_is_413(body: bytes) -> None:
    assert EndpointWorld().post(body, "/api/7/store/").status == 413


@pytest.mark.parametrize("path", ["/api/7/security/", "/api/7/csp-report/"])
def test_a_csp_report_becomes_an_event_with_circumstances_from_the_request(path: str) -> None:
    world = EndpointWorld()
    reply = world.post(
        orjson.dumps(CSP),
        path,
        f"sentry_key={KEY}&sentry_environment=live&sentry_release=shop%401",
        CONTENT_TYPE="application/csp-report",
        HTTP_USER_AGENT="Mozilla/5.0",
    )
    (payload,) = world.payloads()
    assert payload["event_id"] == reply.json["id"]
    assert (payload["type"], payload["environment"], payload["release"]) == ("csp", "live", "shop@1")
    assert payload["csp"]["blocked_uri"] == "https://evil.example/x.js"
    assert ["User-Agent", "Mozilla/5.0"] in payload["request"]["headers"]
    assert payload["timestamp"]


def test_a_batch_of_reports_becomes_one_event_each_and_other_kinds_are_passed_on() -> None:
    world = EndpointWorld()
    violation = {
        "type": "csp-violation",
        "age": 5_000,
        "url": "https://example.com/",
        "user_agent": "Firefox",
        "body": {"effectiveDirective": "img-src", "blockedURL": "https://a.example/b.png"},
    }
    reports = [
        violation,
        violation,
        {"type": "deprecation", "body": {"id": "x"}},
        {"type": "network-error", "body": {}},
    ]
    reply = world.post(orjson.dumps(reports), "/api/7/security/", CONTENT_TYPE="application/reports+json")
    assert reply.status == 200
    (envelope,) = world.spooled()
    assert [item.type for item in envelope.items] == ["event", "event", "raw_security", "nel"]
    ids = [orjson.loads(item.payload)["event_id"] for item in envelope.items[:2]]
    assert ids[0] == reply.json["id"] != ids[1]


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ({"expect-ct-report": {"hostname": "example.com", "port": 443}}, "expectct"),
        ({"expect-staple-report": {"hostname": "example.com"}}, "expectstaple"),
        ({"date-time": "2026-01-01", "hostname": "example.com", "known-pins": []}, "hpkp"),
    ],
)
def test_other_security_reports_become_events_of_their_kind(report: dict[str, Any], kind: str) -> None:
    world = EndpointWorld()
    assert world.post(orjson.dumps(report), "/api/7/security/").status == 200
    assert [payload["type"] for payload in world.payloads()] == [kind]


def test_network_error_reports_are_passed_on_as_they_are() -> None:
    world = EndpointWorld()
    assert world.post(b'[{"type":"network-error","body":{"phase":"dns"}}]', "/api/7/nel/").json == {}
    (envelope,) = world.spooled()
    assert [item.type for item in envelope.items] == ["nel"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"7",
        b"[7]",
        b'{"csp-report":7}',
        b'{"csp-report":{}',
        b'[{"type":"x"}]',
        b"[" * 100_000,
        b"[{}]" * 2,
    ],
)
@pytest.mark.parametrize("path", ["/api/7/security/", "/api/7/csp-report/"])
def test_what_is_no_report_is_400_with_a_reason_and_counted(body: bytes, path: str) -> None:
    world = EndpointWorld()
    reply = world.post(body, path)
    assert reply.status == 400
    assert reply.json["detail"]
    assert world.counts()[7, 11, "security", "invalid", "malformed"] == 1


def test_too_many_reports_at_once_are_refused() -> None:
    assert EndpointWorld().post(orjson.dumps([CSP] * 101), "/api/7/security/").status == 400


def test_no_reports_are_no_failure() -> None:
    reply = EndpointWorld().post(b"[]", "/api/7/security/")
    assert (reply.status, reply.json) == (200, {})
