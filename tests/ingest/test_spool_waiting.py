"""How many entries of each project wait."""

from pathlib import Path

import pytest
from django.conf import settings

from ingest.spool.disk import DiskSpool
from ingest.spool.entry import Entry, Spool
from ingest.spool.redis import RedisSpool
from ingest.spool.waiting import STREAM_BITE, count_in_redis, count_on_disk


def append(spool: Spool, *projects: int) -> None:
    for number, project in enumerate(projects):
        spool.append(Entry(project, 7, 1000.0 + number, "gzip", b"b" * (number % 50)))


def test_on_disk_what_is_claimed_waits_until_it_is_acknowledged(tmp_path: Path) -> None:
    assert count_on_disk(tmp_path / "nothing") == {}
    spool = DiskSpool(tmp_path, max_bytes=1_000_000)
    append(spool, 1, 2, 1, 1, 3)
    assert count_on_disk(tmp_path) == {1: 3, 2: 1, 3: 1}
    claimed = spool.claim(2)
    assert count_on_disk(tmp_path) == {1: 3, 2: 1, 3: 1}
    spool.ack([each.id for each in claimed])
    assert count_on_disk(tmp_path) == {1: 2, 3: 1}
    spool.close()


def test_a_torn_end_is_not_counted(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path, max_bytes=1_000_000)
    append(spool, 1, 2)
    spool.close()
    (segment,) = tmp_path.glob("*.segment")
    segment.write_bytes(segment.read_bytes()[:-1])
    assert count_on_disk(tmp_path) == {1: 1}


@pytest.mark.skipif(not settings.REDIS_URL, reason="the one-machine profile has no Redis")
def test_in_redis_a_long_stream_is_counted_bite_by_bite() -> None:
    spool = RedisSpool(settings.REDIS_URL, 10_000_000, 60)
    while claimed := spool.claim(1000):
        spool.ack([each.id for each in claimed])
    append(spool, *[1, 2, 3] * STREAM_BITE)
    assert count_in_redis(settings.REDIS_URL) == dict.fromkeys((1, 2, 3), STREAM_BITE)
    claimed = spool.claim(16)
    spool.ack([each.id for each in claimed])
    assert sum(count_in_redis(settings.REDIS_URL).values()) == 3 * STREAM_BITE - len(claimed)
    while claimed := spool.claim(1000):
        spool.ack([each.id for each in claimed])
    assert count_in_redis(settings.REDIS_URL) == {}
    spool.close()
