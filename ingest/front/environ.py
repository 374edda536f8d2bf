"""A request as WSGI has it (PEP 3333, "environ Variables"), with its whole body in memory."""

import sys
from io import BytesIO
from typing import Any

from ingest.front.rsgi import Scope

_EVERY_REQUEST: dict[str, Any] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
_CGI_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_JOINED_BY = {"HTTP_COOKIE": "; "}


def make_environ(scope: Scope) -> dict[str, Any]:
    """The environ of a request; its body comes by `put_body`."""
    server, _, port = scope.server.rpartition(":")
    environ = _EVERY_REQUEST | {
        "REQUEST_METHOD": scope.method,
        # "Native" strings of WSGI are bytes in disguise.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        # Else X_Forwarded_For would pass for X-Forwarded-For, which a proxy sets or removes.
        if "_" in name:
            continue
        key = _CGI_NAMES.get(name) or "HTTP_" + name.replace("-", "_").upper()
        environ[key] = environ[key] + _JOINED_BY.get(key, ",") + value if key in environ else value
    return environ


def put_body(environ: dict[str, Any], body: bytes) -> None:
    """Give the body, whose length takes the place of a transfer coding; a declared length stays as the client said."""
    environ["wsgi.input"] = BytesIO(body)
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
        environ["CONTENT_LENGTH"] = str(len(body))
