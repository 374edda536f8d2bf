"""How much of each project and category waits."""

from pathlib import Path

import pytest
from django.conf import settings

from tracker.spool.disk import DiskSpool
from tracker.spool.entry import Entry, Spool
from tracker.spool.redis import RedisSpool
from tracker.spool.waiting import count_on_disk
from tracker.spool.waiting_redis import STREAM_BATCH, count_in_redis


def append(spool: Spool, *projects: int, contents: str = "error:1") -> None:
    for number, project in enumerate(projects):
        spool.append(Entry(project, 7, 1000.0 + number, "gzip", b"b" * (number % 50), contents))


def test_on_disk_what_is_claimed_waits_until_it_is_acknowledged(tmp_path: Path) -> None:
    assert count_on_disk(tmp_path / "nothing") == {}
    spool = DiskSpool(tmp_path, max_bytes=1_000_000)
    append(spool, 1, 2, 1, 1, 3)
    assert count_on_disk(tmp_path) == {1: {"error": 3}, 2: {"error": 1}, 3: {"error": 1}}
    claimed = spool.claim(2)
    assert count_on_disk(tmp_path) == {1: {"error": 3}, 2: {"error": 1}, 3: {"error": 1}}
    spool.ack([each.id for each in claimed])
    assert count_on_disk(tmp_path) == {1: {"error": 2}, 3: {"error": 1}}
    spool.close()


def test_what_an_entry_holds_is_counted_by_category(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path, max_bytes=1_000_000)
    append(spool, 1, 1, contents="error:2 session:1")
    append(spool, 1, contents="log_item:100")
    assert count_on_disk(tmp_path) == {1: {"error": 4, "session": 2, "log_item": 100}}
    assert {each.entry.contents for each in spool.claim(9)} == {"error:2 session:1", "log_item:100"}
    spool.close()


def test_a_torn_end_is_not_counted(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path, max_bytes=1_000_000)
    append(spool, 1, 2)
    spool.close()
    (segment,) = tmp_path.glob("*.segment")
    segment.write_bytes(segment.read_bytes()[:-1])
    assert count_on_disk(tmp_path) == {1: {"error": 1}}


@pytest.mark.skipif(not settings.REDIS_URL, reason="the one-machine profile has no Redis")
def test_in_redis_a_long_stream_is_counted_bite_by_bite() -> None:
    spool = RedisSpool(settings.REDIS_URL, 10_000_000, 60)
    while claimed := spool.claim(1000):
        spool.ack([each.id for each in claimed])
    append(spool, *[1, 2, 3] * STREAM_BATCH)
    assert count_in_redis() == {project: {"error": STREAM_BATCH} for project in (1, 2, 3)}
    claimed = spool.claim(16)
    spool.ack([each.id for each in claimed])
    assert sum(each["error"] for each in count_in_redis().values()) == 3 * STREAM_BATCH - len(claimed)
    while claimed := spool.claim(1000):
        spool.ack([each.id for each in claimed])
    assert count_in_redis() == {}
    spool.close()
