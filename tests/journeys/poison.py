"""Text that would run as script if any page took it for markup, put into every place where a program can put text."""

import json
from typing import Any

POISONS = (
    '"><img src=x onerror=alert(1)><script>alert(2)</script>',
    "'</title></textarea></pre></script><svg/onload=alert(3)><a href=javascript:alert(4)>x</a>",
    "javascript:alert(5)//\u2028--><style>*{background:url(//127.0.0.1:1/)}</style>",
    "' onmouseover=alert(6) autofocus onfocus=alert(7) x='{{7*7}}{% now 'Y' %}${alert(8)}",
)


def poisoned_event(text: str, event_id: str, platform: str) -> bytes:
    """An envelope with an event that says `text` wherever it can."""
    event = {**_event(text), "event_id": event_id, "platform": platform}
    header = json.dumps({"event_id": event_id})
    report = {"discarded_events": [{"reason": text, "category": text, "quantity": 1}]}
    items = [({"type": "event"}, event), ({"type": "client_report"}, report)]
    return "\n".join([header, *(part for item in items for part in map(json.dumps, item)), ""]).encode()


def _event(text: str) -> dict[str, Any]:
    frame = {
        **dict.fromkeys(("function", "module", "package", "context_line", "raw_function", "symbol"), text),
        "filename": text,
        "abs_path": "https://example.com/" + text,
        "pre_context": [text],
        "post_context": [text],
        "vars": {text: {text: [text]}},
        "lineno": 3,
        "colno": 7,
        "in_app": True,
    }
    stack = {"frames": [frame, {**frame, "in_app": False}, frame]}
    mechanism = {"type": text, "handled": False, "help_link": text, "data": {text: text}, "meta": {text: text}}
    return {
        "level": "error",
        "exception": {
            "values": [
                {"type": text, "value": text, "module": text, "mechanism": mechanism, "stacktrace": stack},
                {"type": "Error", "value": text, "stacktrace": stack},
            ]
        },
        "threads": {"values": [{"id": 1, "name": text, "crashed": True, "state": text, "stacktrace": stack}]},
        "logentry": {"message": text + " %s", "params": [text], "formatted": text},
        **dict.fromkeys(("logger", "transaction", "server_name", "dist", "environment"), text.replace("/", "")[:60]),
        "release": text.replace("/", "").replace("\u2028", "")[:100],
        "fingerprint": [text],
        "user": {"id": text, "email": text, "username": text, "ip_address": text, "geo": {"city": text}, text: text},
        "tags": {"poison": text, text[:30]: text, "url": "javascript:alert(9)"},
        "extra": {text: {text: [text]}},
        "contexts": {
            text: {text: text},
            "browser": {"name": text, "version": text},
            "os": {"name": text, "version": text},
            "device": {"model": text},
            "runtime": {"name": text, "version": text},
            "trace": {"trace_id": text, "op": text},
        },
        "modules": {text: text},
        "request": {
            "url": "javascript:alert(10)//" + text,
            "method": text,
            "query_string": {text: text},
            "headers": {"User-Agent": text, "Referer": "javascript:alert(11)", text: text},
            "cookies": {text: text},
            "env": {text: text},
            "data": {text: text},
        },
        "breadcrumbs": {
            "values": [
                {"category": kind, "message": text, "level": text, "type": kind, "data": {"url": text, text: text}}
                for kind in (text, "http", "navigation", "query")
            ]
        },
        "sdk": {"name": text, "version": text, "packages": [{"name": text, "version": text}], "integrations": [text]},
        "debug_meta": {"images": [{"type": "sourcemap", "code_file": text, "debug_id": text}]},
    }
