"""Call a WSGI application and send its response (PEP 3333), from a thread."""

import asyncio
import logging
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4
from wsgiref.types import WSGIApplication
from wsgiref.util import FileWrapper

from ingest.server.protocol import Headers, Proto, Scope, Stream

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


logger = logging.getLogger(__name__)

MAX_WHOLE = 1_000_000
"""Bytes of an iterated response that are gathered and sent as one; what is longer is sent piece by piece."""


class Start:
    """`start_response`: remembers status and headers, and what is written in the old way."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.written: list[bytes] = []

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        self.status = int(status[:3])
        self.headers = [(name, _in_utf8_disguise(value)) for name, value in headers]
        return self.written.append


def respond(
    application: WSGIApplication, environ: dict[str, Any], proto: Proto, loop: asyncio.AbstractEventLoop
) -> None:
    """Call, send, and close the response, whatever happens on the way."""
    start = Start()
    environ["wsgi.file_wrapper"] = FileWrapper
    try:
        response = application(environ, start)
        try:
            _send(start, response, environ["REQUEST_METHOD"] == "HEAD", proto, loop)
        finally:
            if close := getattr(response, "close", None):
                close()
    except Exception:
        failure_id = uuid4().hex
        logger.exception("no response to %s, id %s", environ.get("PATH_INFO"), failure_id)
        # Where a response has begun, this is dropped.
        proto.response_bytes(500, [("Content-Type", "text/plain")], f"Internal error, id {failure_id}\n".encode())


def _send(
    start: Start, response: Iterable[bytes], is_head: bool, proto: Proto, loop: asyncio.AbstractEventLoop
) -> None:
    if isinstance(response, FileWrapper) and not is_head and (path := _whole_file(response.filelike, start.headers)):
        proto.response_file(start.status, start.headers, path)
        return
    pieces = iter(response)
    body, is_whole = _gather(pieces, start)
    if is_head:
        proto.response_empty(start.status, start.headers)
    elif is_whole:
        proto.response_bytes(start.status, start.headers, body)
    else:
        _stream(chain([body], pieces), proto.response_stream(start.status, start.headers), loop)


def _gather(pieces: Iterator[bytes], start: Start) -> tuple[bytes, bool]:
    """The first megabyte of a response, and whether that is all."""
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size > MAX_WHOLE:
            return b"".join(start.written + gathered), False
    return b"".join(start.written + gathered), True


def _stream(pieces: Iterable[bytes], stream: Stream, loop: asyncio.AbstractEventLoop) -> None:
    """Send until all is sent or the client is gone."""

    async def send(piece: bytes) -> None:
        await stream.send_bytes(piece)

    for piece in pieces:
        try:
            asyncio.run_coroutine_threadsafe(send(piece), loop).result()
        except RuntimeError:
            return


def _whole_file(file: Any, headers: Headers) -> str | None:
    """The path of a regular file that is to be sent from its start to its end, so that the server sends it itself."""
    name = getattr(file, "name", None)
    if not isinstance(name, str) or not Path(name).is_absolute():
        return None
    try:
        about = os.fstat(file.fileno())
        is_at_start = file.tell() == 0
    except (OSError, AttributeError, ValueError):
        return None
    length = next((value for key, value in headers if key.lower() == "content-length"), None)
    return name if is_at_start and stat.S_ISREG(about.st_mode) and length == str(about.st_size) else None


def _in_utf8_disguise(value: str) -> str:
    """Header values are bytes that look like Latin-1, and the server sends them as UTF-8."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
