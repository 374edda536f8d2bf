"""Databases that are migrated once for a whole run of tests, and copied for those who need one.

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
def templates() -> Templates:
    """Those of this run."""
    folder = Path(os.environ["TMPDIR"]) / "templates"
    folder.mkdir(exist_ok=True)
    done = folder / "templates.json"
    with _locked(folder / "lock"):
        if not done.exists():
            done.write_text(json.dumps(asdict(_make(folder))))
    return Templates(**json.loads(done.read_text()))


def copy_database(template: str, name: str) -> None:
    """Make a database that is like the template."""
    if _is_on_sqlite():
        shutil.copyfile(template, name)
        return
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def fill_memory(connection: sqlite3.Connection) -> None:
    """Make an empty database in memory like the migrated one."""
    with closing(sqlite3.connect(templates().migrated)) as template:
        template.backup(connection)


def _make(folder: Path) -> Templates:
    installation = {"DATA_DIR": str(folder), "BASE_URL": f"http://{ADDRESS}"}
    if _is_on_sqlite():
        migrated, set_up = str(folder / "migrated.sqlite3"), str(folder / "set_up.sqlite3")
    else:
        migrated, set_up = "template_migrated", "template_set_up"
        copy_database("template1", migrated)
    _manage(installation | {"DATABASE_URL": _address_of(migrated)}, "migrate", "--verbosity", "0")
    copy_database(migrated, set_up)
    printed = _manage(installation | {"DATABASE_URL": _address_of(set_up)}, *SET_UP)
    return Templates(migrated, set_up, (folder / "secret_key").read_text(), printed)


def _is_on_sqlite() -> bool:
    return "DATABASE_URL" not in os.environ


def _address_of(name: str) -> str:
    if _is_on_sqlite():
        return f"sqlite:///{name}"
    before, _, options = os.environ["DATABASE_URL"].partition("?")
    return f"{before.rsplit('/', 1)[0]}/{name}?{options}"


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
