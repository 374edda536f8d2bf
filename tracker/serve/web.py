"""The web server's process: granian in front, one event loop that reads requests, threads that answer them."""

import multiprocessing
import resource

from django.conf import settings
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

RSGI = "tracker.config.rsgi"
CONNECTIONS = 8_192
"""At once, slow ones and idle ones included; each costs a few kilobytes."""

HEADER_MILLISECONDS = 30_000
"""How long a client may take for a request's head, and how long an idle connection is kept."""

HEADER_BYTES = 65_536


def run_web() -> None:
    """Serve until SIGTERM: one process, forked from this one."""
    multiprocessing.set_start_method("fork", force=True)
    _allow_open_files(CONNECTIONS + 512)
    Server(
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


def _allow_open_files(wanted: int) -> None:
    """Raise this process's limit of open files, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
