"""Tags of an event: what its user set, and what everyone wants to search by."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ua_parser import parse

from grouping.event import Event
from grouping.titles import main_exception

MAX_KEY_LENGTH = 32
MAX_VALUE_LENGTH = 200
MAX_TAGS = 60
MAX_USER_AGENT_LENGTH = 400


class Client(NamedTuple):
    """What a User-Agent header tells; empty where it tells nothing."""

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    os_version: str = ""
    device: str = ""


def derive_tags(event: Event) -> dict[str, str]:
    """Tags with bounded keys and values, one line each; those that the user set win over derived ones.

    Not the SDK's word but ours holds for `release`, `environment`, `level` and `user`, which filters rely on.
    """
    tags: dict[str, str] = {}
    for key, value in _certain(event):
        _add(tags, key, value)
    for key, value in event.tags.items():
        if len(tags) >= MAX_TAGS:
            break
        if key.lower() not in tags:
            _add(tags, key, value)
    for key, value in _derived(event):
        if key not in tags and len(tags) < MAX_TAGS:
            _add(tags, key, value)
    return tags


def _add(tags: dict[str, str], key: str, value: str) -> None:
    value = " ".join(value.split()) if not value.isprintable() or value[:1].isspace() else value
    if value:
        tags[key[:MAX_KEY_LENGTH]] = value[:MAX_VALUE_LENGTH].rstrip()


def _certain(event: Event) -> Iterator[tuple[str, str]]:
    yield "level", event.level
    yield "release", event.release
    yield "dist", event.dist
    yield "environment", event.environment
    yield "user", event.user.identity


def _derived(event: Event) -> Iterator[tuple[str, str]]:
    yield "server_name", event.server_name
    yield "transaction", event.transaction
    yield "logger", event.logger
    yield "url", _url(event.request)
    yield "sdk", event.sdk_name
    exception = main_exception(event)
    if exception is not None:
        yield "mechanism", exception.mechanism.type
        if exception.mechanism.handled is not None:
            yield "handled", "yes" if exception.mechanism.handled else "no"
    yield from _runtime(event.contexts)
    yield from _client(event)


def _runtime(contexts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name, version = _named(contexts.get("runtime"))
    yield "runtime", f"{name} {version}".strip()
    yield "runtime.name", name


def _client(event: Event) -> Iterator[tuple[str, str]]:
    """Browser, system and device: what the SDK says, else what the User-Agent header does."""
    agent = _user_agent(event.request)
    client = parse_user_agent(agent) if agent else Client()
    browser, browser_version = _named(event.contexts.get("browser"))
    if not browser:
        browser, browser_version = client.browser, client.browser_version
    yield "browser", f"{browser} {browser_version}".strip()
    yield "browser.name", browser
    system, system_version = _named(event.contexts.get("os") or event.contexts.get("client_os"))
    if not system:
        system, system_version = client.os, client.os_version
    yield "os", f"{system} {system_version}".strip()
    yield "os.name", system
    device = event.contexts.get("device")
    model = (device.get("model") or device.get("family")) if isinstance(device, dict) else None
    yield "device", model if isinstance(model, str) else client.device


def _named(context: Any) -> tuple[str, str]:
    """Name and version of a context such as `runtime`."""
    if not isinstance(context, dict):
        return "", ""
    name, version = context.get("name"), context.get("version")
    return (name if isinstance(name, str) else "", version if isinstance(version, str) else "")


def _url(request: Mapping[str, Any] | None) -> str:
    """The address without query, which is neither searched for nor counted."""
    url = request.get("url") if request else None
    return url.partition("?")[0].partition("#")[0] if isinstance(url, str) else ""


def _user_agent(request: Mapping[str, Any] | None) -> str:
    headers = request.get("headers") if request else None
    pairs = headers.items() if isinstance(headers, dict) else headers if isinstance(headers, list) else ()
    for pair in pairs:
        if isinstance(pair, (list, tuple)) and len(pair) == 2 and str(pair[0]).lower() == "user-agent":
            value = pair[1][0] if isinstance(pair[1], list) and pair[1] else pair[1]
            return value[:MAX_USER_AGENT_LENGTH] if isinstance(value, str) else ""
    return ""


@lru_cache(maxsize=4096)
def parse_user_agent(agent: str) -> Client:
    """What a User-Agent header tells; a first one costs milliseconds."""
    parsed = parse(agent)
    browser, system, device = parsed.user_agent, parsed.os, parsed.device
    return Client(
        browser.family if browser else "",
        _version(browser.major, browser.minor) if browser else "",
        system.family if system else "",
        _version(system.major, system.minor) if system else "",
        device.model or device.family if device else "",
    )


def _version(major: str | None, minor: str | None) -> str:
    return ".".join(part for part in (major, minor) if part and part != "0") if major else ""
