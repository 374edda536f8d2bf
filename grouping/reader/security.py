"""A browser's security report as an ordinary event payload.

CSP: https://www.w3.org/TR/CSP3/#reporting (both the `report-uri` and the Reporting API form), Expect-CT: RFC 9163,
key pinning: RFC 7469.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from grouping.reader import limits
from grouping.reader.decode import UnreadableEvent
from grouping.reader.scalars import read_name

_CAMEL_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CSP_NAMES = {
    "document_url": "document_uri",
    "blocked_url": "blocked_uri",
    "sample": "script_sample",
}
_BLOCKED = {
    "script-src": "script",
    "style-src": "style",
    "img-src": "image",
    "connect-src": "connection",
    "font-src": "font",
    "frame-src": "frame",
    "child-src": "child frame",
    "frame-ancestors": "embedding",
    "media-src": "media",
    "object-src": "object",
    "worker-src": "worker",
    "manifest-src": "manifest",
    "form-action": "form submission",
    "base-uri": "base address",
    "default-src": "resource",
    "navigate-to": "navigation",
}
_FAILED_CHECKS = {
    "expect-ct-report": ("expectct", "Certificate Transparency"),
    "expect-staple-report": ("expectstaple", "OCSP stapling"),
}


def read_security_report(body: Mapping[str, Any]) -> dict[str, Any]:
    """The event payload that one report becomes; its body is under its kind (`csp`, `expectct` …) in snake case.

    Takes `{"csp-report": …}`, an item of the Reporting API with type `csp-violation`, `{"expect-ct-report": …}`,
    `{"expect-staple-report": …}` and a key-pinning report. Raises `UnreadableEvent` for anything else.
    """
    if isinstance(body.get("csp-report"), Mapping):
        return _csp_payload(_snake_case(body["csp-report"]), "")
    if body.get("type") == "csp-violation" and isinstance(body.get("body"), Mapping):
        report = _snake_case(body["body"])
        report.setdefault("document_uri", body.get("url"))
        return _csp_payload(report, read_name(body.get("user_agent"), limits.PATH))
    for wrapper, (kind, check) in _FAILED_CHECKS.items():
        if isinstance(body.get(wrapper), Mapping):
            return _failed_check_payload(kind, check, _snake_case(body[wrapper]))
    if "known-pins" in body:
        return _failed_check_payload("hpkp", "Public key pinning", _snake_case(body))
    if "violated-directive" in body or "effective-directive" in body:
        return _csp_payload(_snake_case(body), "")
    raise UnreadableEvent("not a security report of a known kind")


def _csp_payload(report: dict[str, Any], user_agent: str) -> dict[str, Any]:
    violated = read_name(report.get("violated_directive") or report.get("effective_directive"), limits.PATH)
    effective = read_name(report.get("effective_directive")) or violated.partition(" ")[0]
    report["effective_directive"] = effective
    blocked = read_name(report.get("blocked_uri"), limits.PATH)
    is_only_reported = report.get("disposition") == "report"
    headers = [("Referer", read_name(report.get("referrer"), limits.PATH)), ("User-Agent", user_agent)]
    return {
        "type": "csp",
        "platform": "other",
        "logger": "csp",
        "level": "warning" if is_only_reported else "error",
        "message": _csp_message(effective, blocked),
        "culprit": violated or effective,
        "csp": report,
        "tags": _without_empty({"effective-directive": effective, "blocked-uri": _blocked_host(blocked)}),
        "request": {
            "url": read_name(report.get("document_uri"), limits.PATH),
            "headers": [[name, value] for name, value in headers if value],
        },
    }


def _csp_message(directive: str, blocked: str) -> str:
    kind = _BLOCKED.get(directive.removesuffix("-elem").removesuffix("-attr"), directive or "resource")
    if blocked == "inline":
        return f"Blocked inline '{kind}'"
    if blocked in ("eval", "wasm-eval"):
        return f"Blocked unsafe {blocked}() '{kind}'"
    return f"Blocked '{kind}' from '{_blocked_host(blocked) or 'self'}'"


def _blocked_host(blocked: str) -> str:
    """The host of a blocked address, the scheme of one without host, or the keyword that stands for it."""
    try:
        address = urlsplit(blocked)
        host = address.hostname
    except ValueError:
        return blocked
    if host:
        return host
    return f"{address.scheme}:" if address.scheme else blocked


def _failed_check_payload(kind: str, check: str, report: dict[str, Any]) -> dict[str, Any]:
    host = read_name(report.get("hostname"))
    return {
        "type": kind,
        "platform": "other",
        "logger": kind,
        "level": "error",
        "message": f"{check} failed for '{host}'",
        "culprit": host,
        kind: report,
        "tags": _without_empty({"hostname": host, "port": read_name(report.get("port"))}),
    }


def _snake_case(report: Mapping[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in report.items():
        name = _CAMEL_BOUNDARY.sub("_", key).replace("-", "_").lower()
        renamed[_CSP_NAMES.get(name, name)] = value
    return renamed


def _without_empty(tags: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in tags.items() if value}
