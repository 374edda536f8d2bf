"""Whose key? Four ways to say it, and all that are given must agree.

1. `X-Sentry-Auth: Sentry sentry_key=…, …`   2. `?sentry_key=…`   3. `Authorization: Sentry sentry_key=…`
4. the envelope header's `dsn`, on which tunnels rely.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.errors import Forbidden
from ingest.receive.keys import KeyInfo, Keys
from ingest.receive.request import Request

_KEY_IN_HEADER = re.compile(r"(?:^|[\s,])sentry_key\s*=\s*\"?([^\s,\"]+)")
_DSN = re.compile(r"[a-z][a-z0-9+.-]{0,20}://([^:@/\s]+)(?::[^@/\s]*)?@[^/\s]+/(?:[^\s]*/)?([0-9]{1,18})/?")
_KEY = re.compile(r"[0-9A-Za-z]{1,32}")


@dataclass(slots=True, frozen=True)
class Dsn:
    public_key: str
    project_id: int


def read_key(request: Request) -> str:
    """The key that headers and query string name; empty where none does. Raises Forbidden where they disagree."""
    given = {
        key
        for key in (
            _key_in_header(request.header("HTTP_X_SENTRY_AUTH")),
            _key_in_header(_sentry_authorization(request)),
            _key_in_query(request),
        )
        if key
    }
    if len(given) > 1:
        raise Forbidden("the request names different keys in its headers and its query string")
    return given.pop() if given else ""


def read_dsn(header: Mapping[str, Any]) -> Dsn | None:
    """The `dsn` of an envelope header; None where there is none. Raises Forbidden for one that cannot be read."""
    text = header.get("dsn")
    if text is None:
        return None
    found = _DSN.fullmatch(text) if isinstance(text, str) and len(text) < 2_000 else None
    if not found:
        raise Forbidden("the dsn in the envelope header cannot be read")
    return Dsn(_normal(found[1]), int(found[2]))


def authenticate(keyring: Keys, public_key: str, project_id: int | None) -> KeyInfo:
    """What is known of the key. Raises Forbidden where it is unknown, disabled or of another project, and Unavailable
    where a key that was never seen cannot be looked up now."""
    if not _KEY.fullmatch(public_key):
        raise Forbidden("the key is not one of this server: it has at most 32 letters and digits")
    key = keyring.find(public_key)
    if key is None:
        raise Forbidden(f"the key {public_key} is unknown here; compare the DSN with the one in the project's settings")
    if not key.is_active:
        raise Forbidden(f"the key {public_key} is disabled in the project's settings")
    if project_id is not None and key.project_id != project_id:
        raise Forbidden(f"the key {public_key} does not belong to project {project_id}; compare the DSN")
    return key


def check_dsn(dsn: Dsn | None, key: KeyInfo, project_id: int | None) -> None:
    """Raises Forbidden where the envelope's DSN, if it has one, says otherwise than the request."""
    if dsn is None:
        return
    if dsn.public_key != key.public_key:
        raise Forbidden("the envelope header's dsn names another key than the request")
    if dsn.project_id != (project_id or key.project_id):
        raise Forbidden("the envelope header's dsn names another project than the address")


def _key_in_header(text: str) -> str:
    found = _KEY_IN_HEADER.search(text[:4_096]) if text else None
    return _normal(found[1]) if found else ""


def _sentry_authorization(request: Request) -> str:
    text = request.header("HTTP_AUTHORIZATION")
    return text if text[:7].lower() == "sentry " else ""


def _key_in_query(request: Request) -> str:
    # glitchtip_key: the report-uri of people who move from GlitchTip.
    return _normal(request.query.get("sentry_key") or request.query.get("glitchtip_key") or "")


def _normal(key: str) -> str:
    """Without the dashes of keys that are written as UUIDs."""
    return key.strip().replace("-", "")
