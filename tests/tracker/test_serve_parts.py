"""The parts of `serve`, each alone on a machine of its own."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.running import ROOT, database_of_its_own, server_python
from tests.servers import free_port

ON_SERVERS = os.environ.get("STACKTALE_PROFILE") == "servers"


@contextmanager
def part(name: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [server_python(), "manage.py", "serve", "--only", name]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_web_worker_and_beat_serve_together_from_processes_of_their_own() -> None:
    environment = dict(os.environ) | {"PORT": str(free_port()), "DATA_DIR": tempfile.mkdtemp()}
    environment.pop("BASE_URL", None)
    if not ON_SERVERS:
        refused = subprocess.run(
            [server_python(), "manage.py", "serve", "--only", "web"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert refused.returncode == 1
        assert "needs Redis" in refused.stderr
        return
    database_of_its_own(environment, "parts")
    with part("web", environment), part("worker", environment), part("beat", environment):
        wait_until_ready(f"http://127.0.0.1:{environment['PORT']}")


def test_a_port_that_is_taken_is_said_once() -> None:
    environment = dict(os.environ) | {"PORT": str(free_port()), "DATA_DIR": tempfile.mkdtemp()}
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        refused = subprocess.run(
            [server_python(), "manage.py", "serve"], cwd=ROOT, env=environment, capture_output=True, text=True
        )
    assert refused.returncode == 1
    assert "set PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
