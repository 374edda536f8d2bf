"""The application on a real server, and raw sockets to it."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.running import ROOT
from tests.servers import free_port


@dataclass
class Answered:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    """As sent: chunked where the headers say so."""

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def content(self) -> bytes:
        """The body without its transfer coding; raises ValueError where it is not whole."""
        if not self.header("transfer-encoding"):
            return self.body
        content, rest = b"", self.body
        while True:
            size, _, rest = rest.partition(b"\r\n")
            if int(size, 16) == 0:
                return content
            content, rest = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]


@dataclass
class ServerWorld:
    port: int
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, request: bytes) -> Answered:
        """Send bytes, and read until the server closes the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_answer(connection)

    def request(self, method: str, path: bytes, *lines: bytes, body: bytes = b"") -> Answered:
        """One request on a connection of its own; `lines` are headers besides Host and Connection."""
        start = b"%s %s HTTP/1.1" % (method.encode(), path)
        return self.raw(b"\r\n".join([start, b"Host: a.example:99", b"Connection: close", *lines, b"", b""]) + body)


def read_answer(connection: socket.socket) -> Answered:
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]
    return Answered(int(first.split(" ")[1]) if first else 0, headers, body)


@contextmanager
def serving(interface: str) -> Iterator[ServerWorld]:
    """The applications of `server_apps`, as `rsgi` through `ingest.server` or as `wsgi` directly."""
    port = free_port()
    command = [sys.executable, "-m", "tests.ingest.server_apps", interface, str(port)]
    with (
        tempfile.NamedTemporaryFile(prefix="server-", suffix=".log") as log,
        subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TEST_PORT": str(port)}, stderr=log) as process,
    ):
        world = ServerWorld(port, Path(log.name))
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    world.connect().close()
                    break
                except OSError:
                    assert process.poll() is None and time.monotonic() < deadline, "the server did not start"
                    time.sleep(0.05)
            yield world
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                process.kill()
