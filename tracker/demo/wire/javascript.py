"""What @sentry/react sends from browsers, and @sentry/node from the server that renders the pages."""

from base64 import urlsafe_b64encode
from hashlib import sha1

from tracker.demo.scenario import Frame, Thrown
from tracker.demo.wire.common import (
    Json,
    Moment,
    crumbs_as_json,
    epoch,
    event_base,
    request_of,
    source_of,
    trace_of,
    user_of,
)

SDK_VERSION = "9.47.1"
BROWSER_INTEGRATIONS = (
    "InboundFilters",
    "FunctionToString",
    "BrowserApiErrors",
    "Breadcrumbs",
    "GlobalHandlers",
    "LinkedErrors",
    "Dedupe",
    "HttpContext",
    "CultureContext",
    "BrowserSession",
)
NODE_INTEGRATIONS = ("InboundFilters", "LinkedErrors", "RequestData", "OnUncaughtException", "ContextLines", "Http")
TIMEZONES = {
    "ja": "Asia/Tokyo",
    "en": "Europe/London",
    "pt": "Europe/Lisbon",
    "uk": "Europe/Kyiv",
    "hi": "Asia/Kolkata",
}
SERVER_ROOT = "/srv/storefront/build"


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    event = _node_event(moment) if moment.fault.runtime == "node" else _browser_event(moment)
    event["timestamp"] = epoch(moment.at)
    event["breadcrumbs"] = crumbs_as_json(moment, numbers=True)
    if moment.fault.thrown:
        event["exception"] = {"values": [_exception(moment, thrown) for thrown in moment.fault.thrown]}
    elif moment.fault.message and not moment.fault.parameters:
        event["message"] = event.pop("logentry")["formatted"]
    if moment.fault.transaction:
        event["transaction"] = moment.fault.transaction
    return event


def _browser_event(moment: Moment) -> Json:
    person, call = moment.person, moment.fault.call
    locale = person.locale if person else "en-GB"
    path = moment.fill(call.path + (f"?{call.query}" if call.query else "")) if call else "/"
    return event_base(moment) | {
        "platform": "javascript",
        "request": {
            "url": f"https://{moment.host}{path}",
            "headers": {"Referer": f"https://{moment.host}/", "User-Agent": person.client.agent if person else ""},
        },
        "user": user_of(moment, fields=("id", "ip_address")),
        "contexts": {
            "trace": trace_of(moment),
            "culture": {
                "locale": locale,
                "timezone": TIMEZONES.get(locale[:2], "Europe/Berlin"),
                "calendar": "gregory",
            },
            **({"react": {"version": "19.3.1"}} if _is_of_react(moment) else {}),
            **moment.fill(moment.fault.contexts),
        },
        "sdk": {
            "name": "sentry.javascript.react",
            "version": SDK_VERSION,
            "packages": [{"name": "npm:@sentry/react", "version": SDK_VERSION}],
            "integrations": list(BROWSER_INTEGRATIONS),
        },
    }


def _is_of_react(moment: Moment) -> bool:
    return any("react" in thrown.mechanism for thrown in moment.fault.thrown)


def _node_event(moment: Moment) -> Json:
    return event_base(moment) | {
        "platform": "node",
        "server_name": moment.server,
        "request": request_of(moment, moment.person.client.agent if moment.person else ""),
        "contexts": {
            "trace": trace_of(moment, "http.server", "auto.http.otel.http"),
            "runtime": {"name": "node", "version": "v24.11.1"},
            "os": {"name": "Alpine Linux", "version": "3.22", "kernel_version": "6.8.0"},
            "device": {"arch": "x64", "processor_count": 4, "memory_size": 8_323_547_136},
            **moment.fill(moment.fault.contexts),
        },
        "sdk": {
            "name": "sentry.javascript.node",
            "version": SDK_VERSION,
            "packages": [{"name": "npm:@sentry/node", "version": SDK_VERSION}],
            "integrations": list(NODE_INTEGRATIONS),
        },
    }


def _exception(moment: Moment, thrown: Thrown) -> Json:
    shown: Json = {
        "type": thrown.type,
        "value": moment.fill(thrown.value),
        "mechanism": {"type": thrown.mechanism, "handled": thrown.handled},
    }
    if thrown.stack:
        frame_of = _node_frame if moment.fault.runtime == "node" else _browser_frame
        shown["stacktrace"] = {"frames": [frame_of(moment, frame) for frame in thrown.stack]}
    return shown


def _browser_frame(moment: Moment, frame: Frame) -> Json:
    """Browsers tell the script's address, and where in it; every frame counts as the application's own."""
    shown = {"filename": _script(moment, frame), "function": frame.function, "in_app": True}
    if isinstance(frame.line, int):
        shown |= {"lineno": frame.line + (moment.drift() if frame.own else 0), "colno": 9 + len(frame.function) % 40}
    return shown


def _script(moment: Moment, frame: Frame) -> str:
    """Assets carry a hash of their content, which is another one in each release."""
    if "." not in frame.file:
        return frame.file
    stem, _, ending = frame.file.rpartition(".")
    return f"https://{moment.host}/assets/{stem}-{content_hash(stem, moment.release)}.{ending}"


def content_hash(stem: str, release: str) -> str:
    """Eight characters such as bundlers make, the same for the same file and release."""
    letters = urlsafe_b64encode(sha1(f"{stem}{release}".encode(), usedforsecurity=False).digest()).decode()
    plain = letters.translate({ord("-"): "k", ord("_"): "Q"})
    return f"{plain[:3]}{len(stem) % 10}{plain[4:8]}"


def _node_frame(moment: Moment, frame: Frame) -> Json:
    folder = SERVER_ROOT if frame.own else "/srv/storefront/node_modules"
    inside = frame.file.removesuffix(".js")
    return {
        "filename": f"{folder}/{frame.file}",
        "module": frame.module or inside.replace("/", ".", inside.count("/") - 1).replace("/", ":"),
        "function": frame.function,
        "colno": 11 + len(frame.function) % 30,
        "in_app": frame.own,
        **source_of(moment, frame),
    }
