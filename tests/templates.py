"""Databases that are migrated once for a whole run of tests, and copied for tests that need one.

Migrating takes seconds of a processor's time, a copy milliseconds. The first process that asks makes them, the others
of the run wait for it. A database is a file on SQLite, and a name on PostgreSQL.
"""

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
OWNER = "owner@example.com"
OWNER_PASSWORD = "a long enough password"
SET_UP = (
    "setup",
    "--email",
    OWNER,
    "--password",
    OWNER_PASSWORD,
    "--project",
    "shop",
    "--organization",
    "acme",
    "--json",
)
ADDRESS = "127.0.0.1:1"
"""Of the installation whose databases are copied; a copy has an address of its own."""


@dataclass(frozen=True)
class Templates:
    """`migrated` has tables; `set_up` has an owner, the organization `acme` and the project `shop` as well."""

    postgres: str
    """The address of the server that has them; empty on SQLite."""
    migrated: str
    set_up: str
    secret_key: str
    """By which the tokens and links in both hold."""
    printed: str
    """By `manage.py setup`."""

    def setup_at(self, address: str) -> dict[str, Any]:
        """What `manage.py setup` prints where the installation is at this host and port."""
        setup: dict[str, Any] = json.loads(self.printed.replace(ADDRESS, address))
        return setup


@cache
def templates(postgres: str | None = None) -> Templates:
    """Those of this run; or those on another PostgreSQL than the run's, by its address."""
    postgres = os.environ.get("DATABASE_URL", "") if postgres is None else postgres
    folder = Path(os.environ["TMPDIR"]) / f"templates-{sha256(postgres.encode()).hexdigest()[:12]}"
    folder.mkdir(exist_ok=True)
    done = folder / "templates.json"
    with _locked(folder / "lock"):
        if not done.exists():
            done.write_text(json.dumps(asdict(_make(folder, postgres))))
    return Templates(**json.loads(done.read_text()))


def copy_database(postgres: str, template: str, name: str) -> None:
    """Make a database that is like the template."""
    if not postgres:
        shutil.copyfile(template, name)
        return
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def address_of(postgres: str, name: str) -> str:
    """As `DATABASE_URL` takes it."""
    if not postgres:
        return f"sqlite:///{name}"
    before, _, options = postgres.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{options}"


def fill_memory(connection: sqlite3.Connection) -> None:
    """Make an empty SQLite database in memory like the migrated one."""
    with closing(sqlite3.connect(templates().migrated)) as template:
        template.backup(connection)


def _make(folder: Path, postgres: str) -> Templates:
    installation = {"DATA_DIR": str(folder), "BASE_URL": f"http://{ADDRESS}"}
    if postgres:
        migrated, set_up = "template_migrated", "template_set_up"
        copy_database(postgres, "template1", migrated)
    else:
        migrated, set_up = str(folder / "migrated.sqlite3"), str(folder / "set_up.sqlite3")
    _manage(installation | {"DATABASE_URL": address_of(postgres, migrated)}, "migrate", "--verbosity", "0")
    copy_database(postgres, migrated, set_up)
    printed = _manage(installation | {"DATABASE_URL": address_of(postgres, set_up)}, *SET_UP)
    return Templates(postgres, migrated, set_up, (folder / "secret_key").read_text(), printed)


def _manage(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    finished = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
