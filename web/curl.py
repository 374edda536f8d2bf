"""A request as a command that sends it again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from web.stacktrace import as_text

LEFT_OUT = frozenset({"content-length", "host", "connection", "accept-encoding"})
"""Headers that curl makes itself."""


@dataclass(slots=True, frozen=True)
class RequestView:
    """What the page shows of the request of an event."""

    method: str
    url: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    cookies: list[tuple[str, str]]
    body: str
    environment: list[tuple[str, str]]
    curl: str


def read_request(request: Mapping[str, Any] | None) -> RequestView | None:
    """The request section of an event, whatever the SDK made of pairs; None where there is no address."""
    if not request or not isinstance(request.get("url"), str):
        return None
    method = str(request.get("method") or "GET").upper()[:20]
    query = pairs_of(request.get("query_string"))
    headers = pairs_of(request.get("headers"))
    cookies = pairs_of(request.get("cookies"), separator=";")
    content = request.get("data")
    body = as_text(content) if content not in (None, "", {}, []) else ""
    url = request["url"]
    return RequestView(
        method=method,
        url=url,
        query=query,
        headers=headers,
        cookies=cookies,
        body=body,
        environment=pairs_of(request.get("env")),
        curl=as_curl(method, url, query, headers, cookies, body),
    )


def pairs_of(value: Any, separator: str = "&") -> list[tuple[str, str]]:
    """Names and values from an object, a list of pairs, or a text such as `a=1&b=2`."""
    if isinstance(value, Mapping):
        return [(str(name), _value(content)) for name, content in value.items()]
    if isinstance(value, str):
        parts = (part.strip().partition("=") for part in value.lstrip("?").split(separator))
        return [(name, content) for name, _, content in parts if name]
    if isinstance(value, list):
        return [(str(pair[0]), _value(pair[1])) for pair in value if isinstance(pair, list) and len(pair) == 2]
    return []


def _value(content: Any) -> str:
    if isinstance(content, list) and len(content) == 1:
        return as_text(content[0])
    return "" if content is None else as_text(content)


def as_curl(
    method: str,
    url: str,
    query: Iterable[tuple[str, str]],
    headers: Iterable[tuple[str, str]],
    cookies: Iterable[tuple[str, str]],
    body: str,
) -> str:
    """`curl 'https://…' -H '…' --data '…'`, every part quoted for a shell."""
    pairs = list(query)
    if pairs and "?" not in url:
        url = f"{url}?{urlencode(pairs)}"
    parts = [f"curl {quote(url)}"]
    if method != ("POST" if body else "GET"):
        parts.append(f"-X {quote(method)}")
    parts += [f"-H {quote(f'{name}: {value}')}" for name, value in headers if name.lower() not in LEFT_OUT]
    crumbs = "; ".join(f"{name}={value}" for name, value in cookies)
    if crumbs:
        parts.append(f"-b {quote(crumbs)}")
    if body:
        parts.append(f"--data-raw {quote(body)}")
    return " \\\n  ".join(parts)
