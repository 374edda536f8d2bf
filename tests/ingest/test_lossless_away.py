"""What was answered with 200 is stored exactly once, whatever is away or full; meanwhile nobody is told a lie."""

import shutil
import sqlite3
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings

from ingest.receive.keys import FRESH_SECONDS
from tests.ingest.full_disk import no_byte_more, small_disk
from tests.ingest.load import Load, at_random_times, check_nothing_lost, kill
from tests.running import Running, running_server
from tests.servers import RealPostgres, RealRedis

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lossless_away")]

QUICK = {"SPOOL_RECLAIM_SECONDS": "2", "DIGEST_BATCH": "50"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short one: PostgreSQL puts its socket there."""
    made = Path(tempfile.mkdtemp(prefix="stacktale-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[RealPostgres]:
    """One that waits for its disk, as in production."""
    short = Path(tempfile.mkdtemp(prefix="stacktale-"))
    started = RealPostgres(short)
    yield started
    started.stop()
    shutil.rmtree(short, ignore_errors=True)


@pytest.fixture
def postgres(own_postgres: RealPostgres) -> RealPostgres:
    """It runs, whatever the test before has left."""
    own_postgres.start()
    return own_postgres


@pytest.fixture
def durable(request: pytest.FixtureRequest) -> str | None:
    """The address of that one on the profile of servers; None on SQLite."""
    if settings.ON_SQLITE:
        return None
    postgres: RealPostgres = request.getfixturevalue("postgres")
    return postgres.url


@pytest.fixture
def redis(folder: Path) -> Iterator[RealRedis]:
    started = RealRedis(folder / "redis")
    started.start()
    yield started
    started.stop()


def send(server: Running, key: str) -> tuple[int, str | None]:
    """Status and `Retry-After` of one event that a key brings."""
    project = server.setup["project_id"]
    address = f"{server.url}/api/{project}/store/?sentry_key={key}"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, b'{"message":"hello"}'), timeout=10) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Retry-After"]


def test_nothing_is_lost_or_doubled_when_postgresql_is_killed(postgres: RealPostgres) -> None:
    def kill_and_start() -> None:
        postgres.kill()
        time.sleep(0.3)
        postgres.start()

    with running_server(QUICK, postgres=postgres.url) as server:
        with Load(server) as load:
            at_random_times(kill_and_start, times=2, seconds=3)
            load.wait_for(200)
        check_nothing_lost(server, load)


def test_events_wait_while_the_database_is_away_and_a_door_that_knows_no_key_yet_asks_to_come_again(
    postgres: RealPostgres,
) -> None:
    with running_server(QUICK, postgres=postgres.url) as server:
        with Load(server) as load:
            load.wait_for(200)
            postgres.kill()
            load.wait_for(200, count=500)
            assert set(load.statuses) == {200}
            assert send(server, "0" * 32) == (503, "10")
            kill(server, "web")
            load.wait_for(503)
            postgres.start()
            load.wait_for(200, count=100)
        check_nothing_lost(server, load)


def test_events_wait_while_the_database_hangs_whatever_else_is_asked_meanwhile(postgres: RealPostgres) -> None:
    def ask(path: str) -> None:
        with suppress(OSError):
            urllib.request.urlopen(server.url + path, timeout=1)

    with running_server(QUICK, postgres=postgres.url) as server:
        with Load(server, pause_seconds=0.05) as load, ThreadPoolExecutor(24) as others:
            load.wait_for(200)
            with postgres.hanging():
                paths = ("/readyz", "/accounts/login/", f"/api/1/store/?sentry_key={'0' * 32}", "/api/0/organizations/")
                asked = others.map(ask, paths * 6)
                time.sleep(FRESH_SECONDS + 1)
                load.wait_for(200, count=100)
                assert set(load.statuses) == {200}
            list(asked)
            load.wait_for(200)
        check_nothing_lost(server, load)


@pytest.mark.skipif(not settings.ON_SQLITE, reason="PostgreSQL has no lock on everything")
def test_events_wait_while_another_program_holds_the_database() -> None:
    with running_server(QUICK) as server:
        with Load(server) as load:
            load.wait_for(200)
            other = sqlite3.connect(server.data_dir / "stacktale.sqlite3")
            other.execute("BEGIN EXCLUSIVE")
            load.wait_for(200, count=500)
            assert set(load.statuses) == {200}
            other.close()
        check_nothing_lost(server, load)


def test_without_redis_nothing_is_taken_and_everything_goes_on_when_it_is_back(
    redis: RealRedis, durable: str | None
) -> None:
    with running_server({"REDIS_URL": redis.url, **QUICK}, postgres=durable) as server:
        with Load(server) as load:
            load.wait_for(200)
            redis.kill()
            time.sleep(0.5)
            load.wait_for(503, count=200)
            assert set(load.statuses) == {503}
            redis.start()
            load.wait_for(200, count=100)
        check_nothing_lost(server, load)


def test_an_upgrade_under_load_costs_stubborn_senders_nothing(durable: str | None) -> None:
    with running_server(QUICK, postgres=durable) as server:
        with Load(server, is_stubborn=True) as load:
            load.wait_for(200)
            assert server.stop() == 0
            server.manage("migrate", "--verbosity", "0")
            server.start()
            load.wait_for(200, count=100)
        check_nothing_lost(server, load)


def test_nothing_is_lost_or_doubled_when_one_of_two_workers_is_killed(redis: RealRedis, durable: str | None) -> None:
    extra = {"REDIS_URL": redis.url, **QUICK}
    with running_server(extra, arguments=("--workers", "2"), postgres=durable) as server:
        with Load(server) as load:
            at_random_times(lambda: kill(server, "worker-2"), times=2, seconds=2)
            at_random_times(lambda: kill(server, "worker-1"), times=2, seconds=2)
        check_nothing_lost(server, load)


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="the spool is in Redis")
def test_a_disk_that_takes_no_byte_more_refuses_and_takes_again_when_it_does() -> None:
    with running_server(QUICK) as server:
        with Load(server) as load:
            load.wait_for(200)
            with no_byte_more(server):
                load.wait_for(503, count=50)
                time.sleep(3)
                load.wait_for(503, count=50)
                assert set(load.statuses) == {503}
            load.wait_for(200, count=100)
        check_nothing_lost(server, load)


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="the spool is in Redis")
def test_a_full_disk_refuses_and_takes_again_when_there_is_room(folder: Path) -> None:
    with small_disk(folder / "disk") as disk:
        data_dir = {"DATA_DIR": str(disk.folder / "data")}
        with running_server(QUICK | data_dir, data_dir=disk.seen / "data", wrap=disk.wrap) as server:
            with Load(server) as load:
                load.wait_for(200)
                ballast = disk.fill()
                load.wait_for(503, count=50)
                time.sleep(3)
                load.wait_for(503, count=50)
                assert set(load.statuses) == {503}
                ballast.unlink()
                load.wait_for(200, count=100)
            check_nothing_lost(server, load)


def test_a_full_disk_of_redis_refuses_and_takes_again_when_there_is_room(folder: Path, durable: str | None) -> None:
    with small_disk(folder / "disk") as disk:
        redis = RealRedis(disk.seen / "redis")
        redis.start()
        with running_server({"REDIS_URL": redis.url, **QUICK}, postgres=durable) as server:
            with Load(server) as load:
                load.wait_for(200)
                ballast = disk.fill()
                load.wait_for(503, count=50)
                ballast.unlink()
                redis.kill()
                redis.start()
                load.wait_for(200, count=100)
            check_nothing_lost(server, load)
        redis.stop()
