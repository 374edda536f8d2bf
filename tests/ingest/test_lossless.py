"""What was answered with 200 is stored exactly once, whatever is killed when."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.ingest.load import Load, at_random_times, check_nothing_lost, kill
from tests.running import Running, running_server
from tests.servers import RealPostgres, RealRedis

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("lossless")]

QUICK = {"SPOOL_RECLAIM_SECONDS": "2", "DIGEST_BATCH": "50"}
LOAD_SECONDS = 3.0


@pytest.fixture(scope="module")
def postgres() -> Iterator[str | None]:
    """The address of a PostgreSQL that waits for its disk, as in production; None on SQLite."""
    if settings.ON_SQLITE:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="stacktale-"))
    started = RealPostgres(folder)
    yield started.url
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(postgres: str | None) -> Iterator[Running]:
    with running_server(QUICK, postgres=postgres) as running:
        yield running


def test_nothing_is_lost_or_doubled_when_the_worker_is_killed(server: Running) -> None:
    with Load(server) as load:
        at_random_times(lambda: kill(server, "worker-1"), times=4, seconds=LOAD_SECONDS)
    check_nothing_lost(server, load)


def test_nothing_is_lost_or_doubled_when_the_web_server_is_killed(server: Running) -> None:
    with Load(server) as load:
        at_random_times(lambda: kill(server, "web"), times=2, seconds=LOAD_SECONDS)
    check_nothing_lost(server, load)


def test_nothing_is_lost_when_everything_stops_under_load_and_starts_again(server: Running) -> None:
    with Load(server) as load:
        time.sleep(LOAD_SECONDS / 2)
        assert server.stop() == 0
    server.start()
    check_nothing_lost(server, load)


def test_nothing_is_lost_when_everything_is_killed_under_load(server: Running) -> None:
    with Load(server) as load:
        time.sleep(LOAD_SECONDS / 2)
        for name in ("web", "worker-1"):
            kill(server, name)
        server.process.kill()
        server.process.wait()
    server.start()
    check_nothing_lost(server, load)


def test_nothing_is_lost_or_doubled_when_redis_is_killed(tmp_path: Path, postgres: str | None) -> None:
    redis = RealRedis(tmp_path / "redis")
    redis.start()

    def kill_redis() -> None:
        redis.kill()
        time.sleep(0.3)
        redis.start()

    try:
        with running_server({"REDIS_URL": redis.url, **QUICK}, postgres=postgres) as server:
            with Load(server) as load:
                at_random_times(kill_redis, times=2, seconds=LOAD_SECONDS)
                time.sleep(1)
            check_nothing_lost(server, load)
    finally:
        redis.stop()
