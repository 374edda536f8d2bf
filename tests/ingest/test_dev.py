"""`manage.py dev` as somebody who changes the code sees it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.running import ROOT
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dev")]


def _names(headers: Iterable[str]) -> set[str]:
    return {name.lower() for name in headers}


class Dev:
    """A running `manage.py dev`."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        environment = dict(os.environ) | {"DATA_DIR": str(folder), "PORT": str(port), "BASE_URL": self.url}
        # Its own database, and not that of the tests.
        environment |= {"DATABASE_URL": "", "REDIS_URL": ""}
        self.process = subprocess.Popen([sys.executable, "manage.py", "dev"], cwd=ROOT, env=environment)

    def get(self, path: str) -> tuple[int, set[str], str]:
        """Status, names of headers and text; status 0 where nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, _names(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, _names(error.headers), error.read().decode()
        except OSError:
            return 0, set(), ""

    def pids(self) -> set[str]:
        """Of web server and worker."""
        names = ("web", "worker-1")
        return {path.read_text() for name in names if (path := self.folder / "run" / f"{name}.pid").exists()}

    def is_ready(self) -> bool:
        return self.get("/readyz")[0] == 200


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    running = Dev(tmp_path)
    try:
        yield running
    finally:
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(60) == 0


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_web_server_and_worker_start_again_after_a_change_and_pages_are_debugged(dev: Dev) -> None:
    wait_until(dev.is_ready)
    before = dev.pids()
    assert len(before) == 2
    status, headers, text = dev.get("/no/such/page/")
    assert status == 404 and "DEBUG = True" in text
    assert "content-security-policy" not in headers, "the debug page has its styles within"
    status, _, text = dev.get("/static/css/base.css")
    assert status == 200 and text == (ROOT / "web/static/css/base.css").read_text()
    assert "content-security-policy" in dev.get("/accounts/login/")[1]

    os.utime(ROOT / "web/__init__.py")
    wait_until(lambda: len(dev.pids() - before) == 2 and dev.is_ready())
