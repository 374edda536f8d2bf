"""The web server's process: granian in front, one event loop that reads requests, threads that answer them."""

import multiprocessing
import resource
import socket

from django.conf import settings
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server import MPServer

from tracker.storage.connections import limit_database
from tracker.storage.limits import PAGES

RSGI = "tracker.config.rsgi"
CONNECTIONS = 4_096
"""At once, slow ones and idle ones included; each holds a few kilobytes, and at most twice `HEADER_BYTES`."""

HEADER_MILLISECONDS = 30_000
"""How long a client may take for a request's head, and how long an idle connection is kept."""

HEADER_BYTES = 16_384
"""Of a request's head: as much may lie in memory for each connection, and as much again of responses that wait."""

SLOW_READER_MILLISECONDS = 30_000
"""How long a client may leave its responses unread."""


def run_web() -> None:
    """Serve until SIGTERM: one process, forked from this one."""
    multiprocessing.set_start_method("fork", force=True)
    limit_database(PAGES)
    _allow_open_files(CONNECTIONS + 512)
    ListeningServer(
        f"{RSGI}:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.RSGI,
        workers=1,
        backpressure=CONNECTIONS,
        # HTTP/2 is for proxies to speak: its buffers are many and large, and one connection stands for hundreds.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=False,
        workers_kill_timeout=10,
    ).serve()


class ListeningServer(MPServer):
    """Granian with a listener of our own: what is set on it holds for every connection, and granian sets nothing."""

    slow_reader_milliseconds = SLOW_READER_MILLISECONDS

    def _init_shared_socket(self) -> None:
        family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
        listener = socket.create_server((self.bind_addr, self.bind_port), family=family, backlog=self.backlog)
        # Else a client that never reads would keep its connection forever (RFC 9293, 3.8.6.1). Only Linux has it.
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self.slow_reader_milliseconds)
        listener.setblocking(False)
        listener.set_inheritable(True)
        self._sso = listener
        self._shd = SocketHolder(listener.fileno(), False, self.backlog)  # type: ignore[assignment, call-arg]


def _allow_open_files(wanted: int) -> None:
    """Raise this process's limit of open files, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
