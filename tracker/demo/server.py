"""The server that a demo is sent to: one that runs, or one that runs as long as the demo is made."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from tracker.demo.organization import DemoError

READY_SECONDS = 60.0
STOP_SECONDS = 30.0


def addresses() -> list[str]:
    """Where the installation's server may be reached from here."""
    host = "127.0.0.1" if settings.HOST in settings.EVERY_ADDRESS else settings.HOST
    shown = f"[{host}]" if ":" in host else host
    return list(dict.fromkeys((f"http://{shown}:{settings.PORT}", settings.BASE_URL)))


@contextmanager
def server_for(is_ours: Callable[[str], bool]) -> Iterator[str]:
    """The address of a server for which `is_ours` holds, started where there is none. Raises DemoError."""
    running = next((address for address in addresses() if is_ours(address)), None)
    if running:
        yield running
        return
    port = _free_port()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, settings.BASE_DIR / "manage.py", "serve"],
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "BASE_URL": settings.BASE_URL},
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address, process)
        if not is_ours(address):
            raise DemoError("The server that was started does not take the demo's events: see what it says above.")
        yield address
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # Its children end with it.
        process.kill()
        process.wait()


def _wait_until_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise DemoError("No server of this installation runs, and one for the demo did not become ready.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
