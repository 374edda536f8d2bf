"""Other bodies than envelopes, as envelopes: after this there is one shape."""

import base64
import binascii
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson

from grouping.reader import UnreadableEvent, read_security_report
from ingest.encodings import decompress
from ingest.envelope import Envelope, Item, parse_envelope
from ingest.errors import Malformed, TooLarge
from ingest.item_types import SECURITY_HEADER
from ingest.receive.items import NotJson, decode, decode_clean
from ingest.receive.request import Request

MAX_STORE = 2_000_000
"""Bytes of a store body: an event of 1 MB, even in base64."""
_MAX_DECODED_STORE = 1_000_000
_MAX_REPORT = 250_000
_MAX_REPORTS = 100
"""Reports of one request; a browser gathers those of about a minute."""


def read_envelope(request: Request, content: bytes | bytearray) -> Envelope:
    """The envelope that a decompressed body is or stands for. Raises Malformed or TooLarge with the reason."""
    return ADAPTERS[request.route.endpoint](request, content)


def _sent_envelope(request: Request, body: bytes | bytearray) -> Envelope:
    return parse_envelope(body)


def _store_envelope(request: Request, content: bytes | bytearray) -> Envelope:
    body = bytes(content)
    if len(body) > MAX_STORE:
        raise TooLarge(f"an event may have {_MAX_DECODED_STORE:,} bytes")
    text = _undo_raven_encoding(body)
    try:
        payload = decode(text)
    except NotJson as error:
        raise _malformed(error) from None
    if not isinstance(payload, dict):
        raise Malformed("the body is not a JSON object")
    kind = "transaction" if payload.get("type") == "transaction" else "event"
    return Envelope({}, [Item({"type": kind}, memoryview(text))])


def _undo_raven_encoding(body: bytes) -> bytes:
    """raven sends base64 of zlib, or bare zlib, without a Content-Encoding that says so."""
    start = body.lstrip()[:1]
    if start in (b"{", b"[") or body.startswith(b"\xef\xbb\xbf"):
        return body
    packed = body
    with suppress(binascii.Error):
        # A plus sign in a query string arrives as a space.
        packed = base64.b64decode(body.strip().replace(b" ", b"+"), validate=True)
    if packed[:1] == b"{":
        return packed
    try:
        return bytes(decompress(packed, "deflate", limit=_MAX_DECODED_STORE))
    except Malformed:
        raise Malformed("the body is neither a JSON object nor one in zlib or base64 of zlib") from None


def _reports_envelope(request: Request, content: bytes | bytearray) -> Envelope:
    body = bytes(content)
    if len(body) > _MAX_REPORT:
        raise TooLarge(f"security reports may have {_MAX_REPORT:,} bytes")
    try:
        decoded = decode_clean(body)
    except NotJson as error:
        raise _malformed(error) from None
    reports = decoded if isinstance(decoded, list) else [decoded]
    if len(reports) > _MAX_REPORTS:
        raise Malformed(f"more than {_MAX_REPORTS} reports in one request")
    return Envelope({}, [_report_item(request, report) for report in reports])


def _report_item(request: Request, report: Any) -> Item:
    if not isinstance(report, Mapping):
        raise Malformed("a security report is not a JSON object")
    if request.route.endpoint == "nel" or report.get("type") == "network-error":
        return Item({"type": "nel"}, memoryview(orjson.dumps(report)))
    try:
        payload = read_security_report(report)
    except UnreadableEvent as error:
        # A reporting endpoint also gets what it did not ask for: deprecations, interventions, crashes.
        if isinstance(report.get("type"), str) and isinstance(report.get("body"), Mapping):
            return Item({"type": "raw_security"}, memoryview(orjson.dumps(report)))
        raise Malformed(str(error)) from None
    _add_circumstances(payload, report, request)
    return Item({"type": "event", SECURITY_HEADER: payload.get("type", "csp")}, memoryview(orjson.dumps(payload)))


def _add_circumstances(payload: dict[str, Any], report: Mapping[str, Any], request: Request) -> None:
    age = report.get("age")
    age_seconds = age / 1_000 if isinstance(age, (int, float)) and 0 <= age < 86_400_000 else 0.0
    payload["timestamp"] = datetime.fromtimestamp(request.received_at - age_seconds, UTC).isoformat()
    for name in ("environment", "release"):
        value = request.query.get(f"sentry_{name}")
        if value:
            payload[name] = value[:200]
    headers = payload.setdefault("request", {}).setdefault("headers", [])
    agent = request.header("HTTP_USER_AGENT")
    if agent and not any(name == "User-Agent" for name, _ in headers):
        headers.append(["User-Agent", agent[:500]])


def _malformed(error: NotJson) -> Malformed:
    return Malformed(f"the body is not JSON: {error}")


ADAPTERS: Mapping[str, Callable[[Request, bytes | bytearray], Envelope]] = {
    "envelope": _sent_envelope,
    "store": _store_envelope,
    "security": _reports_envelope,
    "csp-report": _reports_envelope,
    "nel": _reports_envelope,
}
"""By the endpoint, for each of `ingest.receive.request.ENDPOINTS` that is served."""
