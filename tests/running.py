"""A whole Stacktale, running as an operator runs it: `manage.py serve` with its own data, on the tests' profile."""

import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import redis

from tests.servers import free_port
from tests.templates import OWNER as OWNER
from tests.templates import OWNER_PASSWORD as OWNER_PASSWORD
from tests.templates import SET_UP, Templates, address_of, copy_database, templates

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements.txt"
ENVIRONMENT = ROOT / ".venv-run"
"""Made of requirements.txt alone. The interpreter of the tests knows too much: what an operator lacks, it may have."""


class NotInstalled(Exception):
    """There is no environment to run servers from, or one with other requirements."""


def server_python() -> str:
    """The path of the interpreter that servers under test run with. Raises NotInstalled, which says how to make it."""
    made_of = ENVIRONMENT / REQUIREMENTS.name
    if not made_of.exists():
        raise NotInstalled(f"{ENVIRONMENT}, from which servers under test run, is missing; `make venv-run` makes it")
    if made_of.read_bytes() != REQUIREMENTS.read_bytes():
        raise NotInstalled(f"{ENVIRONMENT} was made of another requirements.txt; `make venv-run` makes it again")
    return str(ENVIRONMENT / "bin/python")


@dataclass
class Running:
    """A server that `running_server` started; `environment` is what its processes were given."""

    url: str
    data_dir: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    setup: dict[str, Any] = field(default_factory=dict)
    """What `manage.py setup` printed: url, organization, project, project_id, dsn, token."""
    arguments: tuple[str, ...] = ()
    """Of `manage.py serve`."""
    wrap: tuple[str, ...] = ()
    """A command that runs ours, where they are to run somewhere else."""
    folder: Path = ROOT
    """Where `manage.py` is."""

    @property
    def log(self) -> str:
        return (self.data_dir / "serve.log").read_text(errors="replace")

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body, with the API token."""
        return self.request("GET", path)

    def request(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.setup['token']}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def api(self, path: str) -> Any:
        """The JSON of an API address below `/api/0/`; raises AssertionError unless 200."""
        status, body = self.get(f"/api/0/{path}")
        assert status == 200, (path, status, body[:500])
        return json.loads(body)

    def issues(self, query: str = "") -> list[dict[str, Any]]:
        path = f"projects/{self.setup['organization']}/{self.setup['project']}/issues/?query={query}"
        found: list[dict[str, Any]] = self.api(path)
        return found

    def new_project(self) -> "Running":
        """The same server, looked at from a new project of its own."""
        status, body = self.request("POST", "/api/0/teams/acme/acme/projects/", {"name": f"p-{uuid.uuid4().hex[:8]}"})
        assert status == 201, body
        slug = json.loads(body)["slug"]
        dsn = self.api(f"projects/acme/{slug}/keys/")[0]["dsn"]["public"]
        return replace(self, setup={**self.setup, "project": slug, "dsn": dsn})

    def wait_for_count(self, issue_id: str, count: int) -> None:
        """Wait until the issue was seen `count` times; raises AssertionError otherwise."""
        deadline = time.monotonic() + 20
        while int(self.api(f"issues/{issue_id}/")["count"]) != count:
            assert time.monotonic() < deadline, self.api(f"issues/{issue_id}/")
            time.sleep(0.05)

    def wait_for_issues(self, count: int, *, query: str = "", seconds: float = 20) -> list[dict[str, Any]]:
        """Wait until the project has at least `count` issues; raises AssertionError with the log otherwise."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.issues(query)
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} of {count} issues\n{self.log[-3000:]}"
            time.sleep(0.05)

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the server; returns what it printed."""
        finished = subprocess.run(
            [*self.wrap, server_python(), "manage.py", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert finished.returncode == 0, finished.stderr[-3000:]
        return finished.stdout

    def start(self) -> None:
        """Start `serve` (again) and wait until it is ready."""
        log = (self.data_dir / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [*self.wrap, server_python(), "manage.py", "serve", *self.arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                    return
            except OSError:
                assert self.process.poll() is None, f"serve ended\n{self.log[-3000:]}"
                assert time.monotonic() < deadline, f"not ready\n{self.log[-3000:]}"
                time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, and wait; returns the exit code. Raises TimeoutExpired, and then it is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except BaseException:
            # Its children end with it.
            self.process.kill()
            raise


_redis_numbers = itertools.count(32)


def database_of_its_own(environment: dict[str, str], stem: str, template: str = "template1") -> None:
    """On the profile of several servers: a new database and an emptied Redis database beside those of the tests."""
    name = f"{stem}_{uuid.uuid4().hex[:12]}"
    copy_database(environment["DATABASE_URL"], template, name)
    environment["DATABASE_URL"] = address_of(environment["DATABASE_URL"], name)
    if "REDIS_URL" not in environment:
        return
    server, _, number = environment["REDIS_URL"].rpartition("/")
    # Servers of one test process may run at the same time, so that each needs a number of its own.
    environment["REDIS_URL"] = f"{server}/{int(number) * 100 + next(_redis_numbers)}"
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        client.flushdb()


@contextmanager
def running_server(extra: Mapping[str, str] | None = None, *, setup: bool = True, **options: Any) -> Iterator[Running]:
    """A ready server with organization `acme` and project `shop` (unless `setup` is false), stopped at the end.

    `options` are those of `server_to_start`.
    """
    with server_to_start(extra, setup=setup, **options) as server:
        server.start()
        if setup and not server.setup:
            server.setup = json.loads(server.manage(*SET_UP))
        yield server


@contextmanager
def server_to_start(
    extra: Mapping[str, str] | None = None,
    *,
    setup: bool = False,
    arguments: tuple[str, ...] = (),
    data_dir: Path | None = None,
    wrap: tuple[str, ...] = (),
    folder: Path = ROOT,
    from_nothing: bool = False,
    postgres: str | None = None,
) -> Iterator[Running]:
    """A server that does not run yet, and is stopped at the end.

    Its tables are copied from those that the run has made once, unless it starts `from_nothing`, with commands that are
    wrapped, or on a database that `extra` names. `wrap` is a command that runs its commands; `data_dir` is where its
    files are seen from here; `folder` is where the program is; `postgres` is the address of another PostgreSQL than the
    run's. It runs with requirements.txt alone.
    """
    data_dir = data_dir or Path(tempfile.mkdtemp(prefix="stacktale-running-"))
    data_dir.mkdir(exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = dict(os.environ) | {"DATA_DIR": str(data_dir), "PORT": str(port), "BASE_URL": url}
    for name in ("PYTEST_CURRENT_TEST", "PYTHONPATH"):
        environment.pop(name, None)
    if postgres:
        environment["DATABASE_URL"] = postgres
    is_copied = not from_nothing and not wrap and "DATABASE_URL" not in (extra or {})
    copied = copy_tables(environment, data_dir, is_set_up=setup) if is_copied else None
    if copied is None and "DATABASE_URL" in environment:
        database_of_its_own(environment, "running")
    environment |= extra or {}
    server = Running(
        url, data_dir, environment, subprocess.Popen(["true"]), arguments=arguments, wrap=wrap, folder=folder
    )
    if copied and setup:
        server.setup = copied.setup_at(f"127.0.0.1:{port}")
    try:
        yield server
    finally:
        try:
            server.stop()
        finally:
            shutil.rmtree(data_dir, ignore_errors=True)


def copy_tables(environment: dict[str, str], data_dir: Path, *, is_set_up: bool) -> Templates:
    """Give a server that is to be started a database that is like a template, and the template's secret."""
    copied = templates(environment.get("DATABASE_URL", ""))
    template = copied.set_up if is_set_up else copied.migrated
    if copied.postgres:
        database_of_its_own(environment, "running", template)
    else:
        copy_database("", template, str(data_dir / "stacktale.sqlite3"))
    (data_dir / "secret_key").write_text(copied.secret_key)
    return copied
