"""Security reports of browsers become ordinary events."""

import json
from typing import Any

import pytest

from grouping.group import group_event
from grouping.reader import UnreadableEvent, read_event, read_security_report
from grouping.rules import EMPTY_RULES
from tests.corpus.recordings import iter_cases


def csp_report(directive: str, blocked: str) -> dict[str, Any]:
    report = {"document-uri": "https://shop.example/cart", "violated-directive": directive, "blocked-uri": blocked}
    return {"csp-report": report}


@pytest.mark.parametrize(
    ("directive", "blocked", "message"),
    [
        ("script-src 'self'", "https://evil.example/x.js?id=5", "Blocked 'script' from 'evil.example'"),
        ("script-src-elem", "inline", "Blocked inline 'script'"),
        ("script-src", "eval", "Blocked unsafe eval() 'script'"),
        ("img-src", "data", "Blocked 'image' from 'data'"),
        ("img-src", "data:image/png;base64,AAAA", "Blocked 'image' from 'data:'"),
        ("style-src-attr", "", "Blocked 'style' from 'self'"),
        ("connect-src", "wss://live.example:8443", "Blocked 'connection' from 'live.example'"),
        ("strange-src", "https://x.example", "Blocked 'strange-src' from 'x.example'"),
        ("font-src", "https://[broken", "Blocked 'font' from 'https://[broken'"),
    ],
)
def test_a_blocked_resource_is_named_by_kind_and_host(directive: str, blocked: str, message: str) -> None:
    event = read_event(read_security_report(csp_report(directive, blocked)))
    assert (event.type, event.message, event.logger) == ("csp", message, "csp")
    assert event.tags["effective-directive"] == directive.partition(" ")[0]


def test_both_forms_of_a_report_make_the_same_event() -> None:
    modern = {
        "type": "csp-violation",
        "url": "https://shop.example/cart",
        "user_agent": "Browser/1",
        "body": {"documentURL": "https://shop.example/cart", "effectiveDirective": "img-src",
                 "blockedURL": "https://evil.example/a.png", "disposition": "report"},
    }  # fmt: skip
    classic = csp_report("img-src", "https://evil.example/a.png")
    one, other = read_event(read_security_report(modern)), read_event(read_security_report(classic))
    assert one.message == other.message == "Blocked 'image' from 'evil.example'"
    assert one.tags == other.tags == {"effective-directive": "img-src", "blocked-uri": "evil.example"}
    assert one.csp is not None
    assert other.csp is not None
    assert one.csp["blocked_uri"] == other.csp["blocked_uri"]
    assert one.csp["document_uri"] == other.csp["document_uri"]
    assert (one.level, other.level) == ("warning", "error")


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (
            {"expect-ct-report": {"hostname": "a.example"}},
            "expectct",
            "Certificate Transparency failed for 'a.example'",
        ),
        ({"expect-staple-report": {"hostname": "a.example"}}, "expectstaple", "OCSP stapling failed for 'a.example'"),
        ({"known-pins": [], "hostname": "a.example"}, "hpkp", "Public key pinning failed for 'a.example'"),
    ],
)
def test_failed_certificate_checks_are_events_of_their_kind(body: dict[str, Any], kind: str, message: str) -> None:
    event = read_event(read_security_report(body))
    assert (event.type, event.message) == (kind, message)
    assert event.csp is not None


@pytest.mark.parametrize(
    "body", [{}, {"csp-report": []}, {"type": "deprecation", "body": {}}, {"type": "csp-violation"}]
)
def test_what_is_no_security_report_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent):
        read_security_report(body)


def test_every_report_of_a_real_browser_is_read() -> None:
    [case] = [case for case in iter_cases() if "csp" in case.expect]
    events = [read_event(read_security_report(json.loads(request.content))) for request in case.requests]
    assert {event.tags["effective-directive"] for event in events} == set(case.expect["csp"]["enforced"])


def test_reports_of_other_directives_are_other_issues() -> None:
    def primary_key(directive: str) -> bytes:
        event = read_event(read_security_report(csp_report(directive, "https://evil.example/x")))
        return group_event(event, EMPTY_RULES).keys[0].digest

    assert primary_key("img-src") == primary_key("img-src 'self'")
    assert primary_key("img-src") != primary_key("script-src")
