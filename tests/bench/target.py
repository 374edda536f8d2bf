"""What is measured: a running Stacktale on one of the two profiles, its rows, its bytes, its memory."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from tests.running import Running, running_server
from tests.servers import RealServers

PROFILES = ("one-machine", "servers")


@dataclass
class Target:
    """A server to be measured."""

    profile: str
    server: Running
    servers: RealServers | None

    def query(self, statement: str) -> int:
        """The first number that a statement answers, asked of the database itself."""
        if self.servers is None:
            path = self.server.data_dir / "stacktale.sqlite3"
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
            try:
                return int(connection.execute(statement).fetchone()[0] or 0)
            finally:
                connection.close()
        with psycopg.connect(self.server.environment["DATABASE_URL"], autocommit=True) as connected:
            row = connected.execute(statement.encode()).fetchone()
            return int(row[0] or 0) if row else 0

    def stored(self) -> int:
        return self.query("SELECT count(*) FROM tracker_event")

    def seen(self) -> int:
        return self.query("SELECT sum(times_seen) FROM tracker_issue")

    def wait_for(self, events: int, *, seconds: float = 600) -> float:
        """Wait until so many events are readable; returns when that was (epoch seconds)."""
        deadline = time.time() + seconds
        while self.seen() < events:
            if time.time() > deadline:
                raise TimeoutError(f"{self.seen()} of {events} events after {seconds:.0f} s\n{self.server.log[-2000:]}")
            time.sleep(0.02)
        return time.time()

    def bytes_on_disk(self) -> int:
        """The database after a vacuum and a checkpoint."""
        if self.servers is None:
            path = self.server.data_dir / "stacktale.sqlite3"
            connection = sqlite3.connect(path, timeout=60, isolation_level=None)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            return sum(file.stat().st_size for file in path.parent.glob("stacktale.sqlite3*"))
        with psycopg.connect(self.server.environment["DATABASE_URL"], autocommit=True) as connected:
            connected.execute("VACUUM ANALYZE")
        return self.query("SELECT pg_database_size(current_database())")

    def memory_kilobytes(self) -> dict[str, int]:
        """PSS of each process of the server (not of PostgreSQL and Redis), by what it is."""
        return self._of_processes("smaps_rollup", "Pss:")

    def peak_kilobytes(self) -> dict[str, int]:
        """The most that each process ever had in memory, what it shares with others included."""
        return self._of_processes("status", "VmHWM:")

    def _of_processes(self, file: str, figure: str) -> dict[str, int]:
        parent = psutil.Process(self.server.process.pid)
        sizes: dict[str, int] = {}
        for process in [parent, *parent.children(recursive=True)]:
            try:
                lines = Path(f"/proc/{process.pid}/{file}").read_text().splitlines()
                name = " ".join(process.cmdline()[-2:])[-40:] or process.name()
            except (OSError, psutil.NoSuchProcess):
                continue
            found = (int(line.split()[1]) for line in lines if line.startswith(figure))
            sizes[f"{process.pid} {name}"] = next(found, 0)
        return sizes

    def processor_seconds(self) -> float:
        """User and system time of all processes of the server so far."""
        parent = psutil.Process(self.server.process.pid)
        times = [process.cpu_times() for process in [parent, *parent.children(recursive=True)]]
        return sum(time.user + time.system for time in times)


@contextmanager
def target(profile: str, extra: dict[str, str] | None = None) -> Iterator[Target]:
    """A fresh server of the profile; with PostgreSQL and Redis of its own where it needs them."""
    servers = RealServers() if profile == "servers" else None
    environment = dict(extra or {})
    try:
        if servers is not None:
            servers.start()
            environment |= {"DATABASE_URL": servers.create_database("bench"), "REDIS_URL": servers.redis.url}
        with running_server(environment, from_nothing=True) as server:
            yield Target(profile, server, servers)
    finally:
        if servers is not None:
            servers.stop()


def run_python(*arguments: str) -> str:
    """Run a script of the load with this interpreter; returns what it printed."""
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout
