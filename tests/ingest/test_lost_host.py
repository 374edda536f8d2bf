"""A machine is lost in the middle of a transaction: its locks are free, and the others go on, within seconds."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.freezing import FreezingProxy, network_space
from tests.ingest.load import COUNT
from tests.running import OWNER, OWNER_PASSWORD, ROOT, Running
from tests.servers import RealPostgres, RealRedis, free_port
from tests.tracker.test_serve_parts import part, wait_until_ready
from tracker.spool import Entry
from tracker.spool.redis import RedisSpool

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("STACKTALE_PROFILE") != "servers", reason="one machine is all or nothing"),
]
TABLE = "tracker_outcomecount"
"""Written last in a batch's transaction, when the issues are locked."""


@dataclass(frozen=True)
class Far:
    """What the machine that is lost is given, and how it is lost."""

    database_url: str
    redis_url: str
    lose: Callable[[], None]
    wrap: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    postgres: RealPostgres
    redis: RealRedis


@pytest.fixture
def near(request: pytest.FixtureRequest) -> Iterator[Near]:
    """PostgreSQL and Redis of the machine that stays; in a short folder, for PostgreSQL puts its socket there."""
    folder = Path(tempfile.mkdtemp(prefix="stacktale-"))
    servers = Near(RealPostgres(folder), RealRedis(folder / "redis", bind="0.0.0.0"))
    servers.redis.start()
    yield servers
    servers.redis.stop()
    servers.postgres.stop()


@contextmanager
def behind_proxies(near: Near) -> Iterator[Far]:
    """Connections stay open and nothing comes through: for a machine that stands still, its kernel does not."""
    sockets = conninfo_to_dict(near.postgres.url)["host"]
    database = FreezingProxy(f"{sockets}/.s.PGSQL.5432")
    redis = FreezingProxy(("127.0.0.1", near.redis.port))

    def lose() -> None:
        database.freeze()
        redis.freeze()

    try:
        yield Far(
            f"postgresql://postgres@127.0.0.1:{database.port}/postgres", f"redis://127.0.0.1:{redis.port}/0", lose
        )
    finally:
        database.close()
        redis.close()


@contextmanager
def in_a_network_of_its_own(near: Near) -> Iterator[Far]:
    try:
        context = network_space()
        space = context.__enter__()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces here: {error}")
    try:
        near.postgres.listen(space.address)
        yield Far(
            f"postgresql://postgres@{space.address}/postgres",
            f"redis://{space.address}:{near.redis.port}/0",
            space.cut,
            space.wrap,
        )
    finally:
        context.__exit__(None, None, None)


def environment_of(database_url: str, redis_url: str, secret: str) -> dict[str, str]:
    """Of a machine: its own folder, and whatever else all share."""
    environment = dict(os.environ) | {
        "DATA_DIR": tempfile.mkdtemp(),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secret,
        "SPOOL_RECLAIM_SECONDS": "5",
        "PORT": str(free_port()),
    }
    environment.pop("BASE_URL", None)
    return environment


def wait_until(what: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def put_into_spool(near: Near, server: Running, number: int) -> None:
    """As if accepted; no message tells a worker of it, so that somebody has to sweep."""
    event = json.dumps({"event_id": f"{number:032x}", "message": "order failed", "platform": "python"})
    body = f'{{}}\n{{"type":"event"}}\n{event}\n'.encode()
    spool = RedisSpool(near.redis.url, 1_000_000, reclaim_after_seconds=3600)
    spool.append(Entry(server.setup["project_id"], 0, time.time(), "identity", body))
    spool.close()


@pytest.mark.parametrize("far_away", [behind_proxies, in_a_network_of_its_own])
def test_digestion_goes_on_when_a_machine_is_lost_that_holds_locks(
    near: Near, far_away: Callable[[Near], AbstractContextManager[Far]]
) -> None:
    secret = secrets.token_hex(16)
    with far_away(near) as far:
        web = environment_of(near.postgres.url, near.redis.url, secret)
        lost = environment_of(far.database_url, far.redis_url, secret)
        other = environment_of(near.postgres.url, near.redis.url, secret)
        server = Running(f"http://127.0.0.1:{web['PORT']}", Path(web["DATA_DIR"]), web, subprocess.Popen(["true"]))
        with part("web", web), lost_worker(lost, far.wrap):
            wait_until_ready(server.url)
            owner = ("--email", OWNER, "--password", OWNER_PASSWORD)
            server.setup = json.loads(server.manage("setup", *owner, "--project", "shop", "--json"))
            put_into_spool(near, server, 1)
            wait_until(lambda: server.issues())
            lose_in_the_middle_of_a_batch(near, server, far)
            with part("worker", other):
                put_into_spool(near, server, 3)
                issue = server.issues()[0]["id"]
                wait_until(lambda: int(server.api(f"issues/{issue}/")["count"]) == 3)
                found = json.loads(server.manage("shell", "--no-imports", "-c", COUNT))
    assert found["outcomes"] == {"received": 3, "stored": 3}
    assert (found["waiting"], found["dead_letters"]) == (0, 0)
    assert set(found["ids"].values()) == {1}


@contextmanager
def lost_worker(environment: dict[str, str], wrap: tuple[str, ...]) -> Iterator[None]:
    command = [*wrap, sys.executable, "manage.py", "serve", "--only", "worker", "--workers", "1", "--no-migrate"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        yield
    finally:
        # It is lost; its children end with it.
        process.kill()
        process.wait()


def lose_in_the_middle_of_a_batch(near: Near, server: Running, far: Far) -> None:
    """The worker has locked the issue and waits for us; when it need not wait any more, its machine is gone."""
    states = (
        f"SELECT wait_event_type, state FROM pg_stat_activity WHERE query LIKE '%{TABLE}%' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(near.postgres.url) as ours, psycopg.connect(near.postgres.url, autocommit=True) as looking:
        ours.execute(f"LOCK TABLE {TABLE} IN EXCLUSIVE MODE")
        put_into_spool(near, server, 2)
        wait_until(lambda: ("Lock", "active") in looking.execute(states).fetchall())
        far.lose()
        ours.rollback()
        wait_until(lambda: "idle in transaction" in {state for _, state in looking.execute(states).fetchall()})
