"""What the tests of the server serve, on granian: `python -m tests.ingest.server_apps rsgi|wsgi PORT`."""

import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import django
from granian.constants import HTTPModes, Interfaces

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")
django.setup()

from ingest.server.application import ServerApplication  # noqa: E402
from ingest.server.bodies import Bodies  # noqa: E402
from tests.ingest.endpoint_setup import EndpointWorld  # noqa: E402
from tracker.serve.web import ListeningServer  # noqa: E402

MAX_BUFFER = 3_000_000
PAGE_THREADS = 2
CLOSED = Path(tempfile.gettempdir()) / f"stacktale-test-closed-{os.environ.get('TEST_PORT', '')}"
FILE = Path(__file__).resolve()


class Pieces:
    """An answer that leaves a mark when it is closed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        CLOSED.touch()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path in ("/slow", "/readyz"):
        time.sleep(3)
    if path == "/raise":
        raise ValueError("before anything was said")
    if path == "/cookies":
        start_response("201 Created", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", "caf\xc3\xa9")])
        return [b"one ", b"two"]
    if path == "/large":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Pieces(b"%07d\n" % number * 1_000 for number in range(300))
    if path == "/broken":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Pieces(_break_after(300))
    if path == "/file":
        start_response("200 OK", [("Content-Length", str(FILE.stat().st_size)), ("X-File", "yes")])
        file: Iterable[bytes] = environ["wsgi.file_wrapper"](FILE.open("rb"), 100)
        return file
    return _show(environ, start_response)


def _break_after(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield b"x" * 8_000
    raise ValueError("in the middle")


def _show(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The environ as JSON; of what stands in every process's environment nothing."""
    body = environ["wsgi.input"].read()
    shown = {name: value for name, value in environ.items() if isinstance(value, str) and name not in os.environ}
    content = json.dumps(shown | {"body": body.decode("latin-1")}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


server = ServerApplication(
    EndpointWorld().endpoint,
    application,
    machine_threads=2,
    page_threads=PAGE_THREADS,
    bodies=Bodies(idle_seconds=1.5, whole_seconds=4, buffer_limit=MAX_BUFFER),
)


class Server(ListeningServer):
    slow_reader_milliseconds = 1_500


def main() -> None:
    multiprocessing.set_start_method("fork")
    interface, port = sys.argv[1:]
    target = "tests.ingest.server_apps:" + ("server" if interface == "rsgi" else "application")
    Server(
        target,
        port=int(port),
        interface=Interfaces(interface),
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=2 if interface == "wsgi" else None,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
