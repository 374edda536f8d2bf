"""Addresses, methods and the form of responses of the ingest endpoint."""

import pytest

from ingest.receive.request import Route, find_route
from tests.ingest.endpoint_setup import EVENT_ID, KEY, EndpointWorld, event_envelope


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/7/envelope/", Route(7, "envelope")),
        ("/api/7/envelope", Route(7, "envelope")),
        ("/errors/api/7/envelope/", Route(7, "envelope")),
        ("/a/b/api/7/store", Route(7, "store")),
        ("//api/7/envelope/", Route(7, "envelope")),
        ("/api/api/7/envelope/", Route(7, "envelope")),
        ("/api/store/", Route(None, "store")),
        ("/api/store", Route(None, "store")),
        ("/x/api/store/", Route(None, "store")),
        ("/api/7/security/", Route(7, "security")),
        ("/api/7/csp-report/", Route(7, "csp-report")),
        ("/api/7/nel/", Route(7, "nel")),
        ("/api/7/minidump", Route(7, "minidump")),
        ("/api/7/unreal/abc/", Route(7, "unreal")),
        ("/api/7/events/abc/attachments/", Route(7, "events")),
        ("/api/7/cron/nightly/abc/", Route(7, "cron")),
        ("/api/7/integration/otlp/v1/traces", Route(7, "integration")),
        ("/api/7/otlp/v1/traces/", Route(7, "otlp")),
        ("/api/7/", Route(7, "")),
        ("/api/7/nothing/here", Route(7, "")),
        ("/api/07/envelope/", Route(0, "envelope")),
        ("/api/00/envelope/", Route(0, "envelope")),
        ("/api/" + "9" * 400 + "/envelope/", Route(0, "envelope")),
        ("/api/abc/envelope/", Route(None, "")),
        ("/api/7e1/envelope/", Route(None, "")),
        ("/api/-7/envelope/", Route(None, "")),
        ("/api/²/envelope/", Route(None, "")),
    ],
)
def test_sdk_addresses_are_the_doors(path: str, route: Route) -> None:
    assert find_route(path) == route


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/api/0/",
        "/api/0/envelope/",
        "/api/0/organizations/acme/releases/7/api/7/envelope/",
        "/api/embed/error-page/",
        "/api/",
        "/api/7",
        "/o/acme/issues/",
        "/o/acme/api/7/start/",
        "/apis/7/envelope/",
        "/healthz",
    ],
)
def test_everything_else_belongs_to_the_pages(path: str) -> None:
    assert find_route(path) is None
    assert EndpointWorld().request("POST", path).body == b"pages"


@pytest.mark.parametrize(
    "path", ["/api/7/envelope/", "/api/7/envelope", "/errors/api/7/envelope/", "/deep/er/api/7/envelope"]
)
def test_an_envelope_is_taken_with_and_without_slash_and_under_any_prefix(path: str) -> None:
    world = EndpointWorld()
    reply = world.post(event_envelope(), path)
    assert (reply.status, reply.json) == (200, {"id": EVENT_ID})
    assert world.spool.size() == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/7/envelope/", "/api/7/store/", "/api/store/", "/api/7/security/", "/api/7/csp-report/", "/api/7/nel/",
        "/api/7/minidump", "/api/7/cron/x/y/",
    ],
)  # fmt: skip
def test_a_preflight_is_answered_everywhere(path: str) -> None:
    reply = EndpointWorld().request("OPTIONS", path)
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert {"x-sentry-auth", "content-encoding", "sentry-trace", "baggage"} <= set(
        reply.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert reply.headers["Access-Control-Max-Age"] == "3600"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/7/envelope/", 405),
        ("PUT", "/api/7/store/", 405),
        ("DELETE", "/api/7/security/", 405),
        ("BREW", "/api/7/envelope/", 405),
        ("POST", "/api/7/minidump", 404),
        ("POST", "/api/7/unreal/key/", 404),
        ("POST", "/api/7/cron/nightly/", 404),
        ("POST", "/api/7/integration/otlp/v1/logs", 404),
        ("POST", "/api/7/no/such/", 404),
        ("POST", "/api/07/envelope/", 404),
        ("POST", "/api/abc/envelope/", 404),
        ("POST", "/api/7/envelope/", 403),
    ],
)
def test_a_refusal_has_its_reason_as_json_and_as_header_with_cors(method: str, path: str, status: int) -> None:
    reply = EndpointWorld().request(method, path, event_envelope())
    assert reply.status == status
    assert reply.headers["X-Sentry-Error"] == reply.json["detail"] != ""
    assert reply.json["causes"] == []
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-sentry-rate-limits" in reply.headers["Access-Control-Expose-Headers"]
    assert reply.headers["Content-Length"] == str(len(reply.body))


def test_a_head_request_is_answered_without_body() -> None:
    reply = EndpointWorld().request("HEAD", "/api/7/envelope/")
    assert (reply.status, reply.body) == (405, b"")


def test_what_the_client_sent_cannot_break_the_error_header() -> None:
    reply = EndpointWorld().post(event_envelope(), HTTP_CONTENT_ENCODING="a\r\nSet-Cookie: ü\x00\u2028")
    assert reply.status == 400
    assert all(" " <= letter <= "~" for letter in reply.headers["X-Sentry-Error"])


def test_an_unexpected_exception_answers_an_id_that_the_log_has_too(caplog: pytest.LogCaptureFixture) -> None:
    world = EndpointWorld()
    world.receiver.spool = None  # type: ignore[assignment]
    reply = world.post(event_envelope())
    assert reply.status == 500
    assert "Traceback" not in reply.body.decode()
    (cause,) = reply.json["causes"]
    assert cause.removeprefix("id ") in caplog.text
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "content_type",
    ["", "application/x-sentry-envelope", "text/plain;charset=UTF-8", "multipart/form-data; boundary=x",
     "application/x-www-form-urlencoded", "application/json"],
)  # fmt: skip
def test_the_content_type_of_an_envelope_means_nothing(content_type: str) -> None:
    world = EndpointWorld()
    assert world.post(event_envelope(), CONTENT_TYPE=content_type).json == {"id": EVENT_ID}


def test_a_stored_event_is_answered_with_200_even_when_the_worker_cannot_be_woken() -> None:
    world = EndpointWorld()

    def broken() -> None:
        raise ConnectionError

    world.receiver.wake_worker = broken
    assert world.post(event_envelope()).status == 200
    assert world.spool.size() == 1


def test_the_worker_is_woken_only_after_something_was_spooled() -> None:
    world = EndpointWorld()
    world.post(b"garbage")
    assert world.wake_ups == []
    world.post(event_envelope())
    assert world.wake_ups == ["wake-up"]


def test_the_key_in_the_query_is_enough() -> None:
    world = EndpointWorld()
    reply = world.request("POST", "/api/7/envelope/", event_envelope(), f"sentry_key={KEY}&sentry_version=7")
    assert reply.json == {"id": EVENT_ID}
