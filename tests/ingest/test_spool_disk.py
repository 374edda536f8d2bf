"""The spool on disk: durable, bounded, and never stopped by what a crash left behind."""

import errno
import io
import json
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.spool.appender import GroupCommit
from tracker.spool.disk import DiskSpool
from tracker.spool.entry import Entry, SpoolFull, SpoolUnavailable
from tracker.spool.frames import frame_bytes, read_frames
from tracker.spool.segments import SegmentWriter, list_segments


def entry(number: int, size: int = 10) -> Entry:
    return Entry(project_id=number, key_id=7, received_at=1000.0 + number, encoding="gzip", body=b"b" * size)


def numbers(spool: DiskSpool, limit: int = 1000) -> list[int]:
    return [claimed.entry.project_id for claimed in spool.claim(limit)]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[DiskSpool]:
    spool = DiskSpool(tmp_path, max_bytes=1_000_000)
    yield spool
    spool.close()


def test_what_was_appended_is_claimed_in_order_and_unchanged(spool: DiskSpool) -> None:
    appended = [Entry(1, 2, 1700000000.25, encoding, os.urandom(50)) for encoding in ("identity", "br", "zstd")]
    for each in appended:
        spool.append(each)
    assert [claimed.entry for claimed in spool.claim(10)] == appended


def test_what_is_acknowledged_is_gone_and_its_segments_with_it(spool: DiskSpool, tmp_path: Path) -> None:
    for number in range(400):
        spool.append(entry(number, size=2000))
    seen = 0
    while claimed := spool.claim(100):
        spool.ack([each.id for each in claimed])
        seen += len(claimed)
    assert (seen, spool.size(), spool.oldest_at()) == (400, 0, None)
    assert len(list_segments(tmp_path)) <= 1


def test_what_is_not_acknowledged_comes_again_with_its_attempts_counted(spool: DiskSpool) -> None:
    for number in range(3):
        spool.append(entry(number))
    spool.claim(2)
    again = spool.claim(3)
    assert [(each.entry.project_id, each.attempts) for each in again] == [(0, 2), (1, 2), (2, 1)]


def test_attempts_survive_the_death_of_the_reader(spool: DiskSpool, tmp_path: Path) -> None:
    spool.append(entry(1))
    spool.claim(1)
    spool.close()
    heir = DiskSpool(tmp_path, max_bytes=1_000_000)
    assert [each.attempts for each in heir.claim(1)] == [2]
    heir.close()


def test_who_tried_an_entry_alone_is_remembered_until_it_is_acknowledged(spool: DiskSpool, tmp_path: Path) -> None:
    spool.append(entry(1))
    [first] = spool.claim(1)
    spool.begin_lone_try(first)
    spool.close()
    heir = DiskSpool(tmp_path, max_bytes=1_000_000)
    [again] = heir.claim(1)
    assert (again.attempts, again.tried_alone_by) == (2, (spool.worker,))
    heir.begin_lone_try(again)
    assert [each.tried_alone_by for each in heir.claim(1)] == [(spool.worker, heir.worker)]
    heir.withdraw_lone_try(again)
    assert [each.tried_alone_by for each in heir.claim(1)] == [(spool.worker,)]
    heir.ack([again.id])
    assert (tmp_path / "attempts").read_bytes() == b"{}"
    heir.close()


def test_attempts_that_an_earlier_version_wrote_are_read(spool: DiskSpool, tmp_path: Path) -> None:
    spool.append(entry(1))
    [first] = spool.claim(1)
    spool.close()
    (tmp_path / "attempts").write_text(json.dumps({first.id: 3}))
    assert [(each.attempts, each.tried_alone_by) for each in spool.claim(1)] == [(4, ())]


def test_an_entry_acknowledged_out_of_order_does_not_come_again(spool: DiskSpool) -> None:
    for number in range(4):
        spool.append(entry(number))
    claimed = spool.claim(4)
    spool.ack([claimed[0].id, claimed[2].id])
    assert numbers(spool) == [1, 3]
    assert spool.size() == 3  # The third still lies behind the second.
    spool.ack([claimed[1].id, claimed[3].id])
    assert (numbers(spool), spool.size()) == ([], 0)


def test_only_one_reader_holds_entries_at_a_time(spool: DiskSpool, tmp_path: Path) -> None:
    spool.append(entry(1))
    rival = DiskSpool(tmp_path, max_bytes=1_000_000)
    claimed = spool.claim(1)
    assert rival.claim(1) == []
    spool.ack([each.id for each in claimed])
    spool.append(entry(2))
    assert numbers(rival) == [2]
    rival.close()


def test_size_and_age_are_known_to_a_process_that_only_appends(spool: DiskSpool, tmp_path: Path) -> None:
    endpoint = DiskSpool(tmp_path, max_bytes=1_000_000)
    for number in range(5):
        endpoint.append(entry(number))
    assert (endpoint.size(), endpoint.oldest_at()) == (5, 1000.0)
    spool.ack([each.id for each in spool.claim(2)])
    assert (endpoint.size(), endpoint.oldest_at()) == (3, 1002.0)
    endpoint.close()


def test_a_torn_tail_is_stepped_over_and_what_follows_is_read(spool: DiskSpool, tmp_path: Path) -> None:
    endpoint = DiskSpool(tmp_path, max_bytes=1_000_000)
    endpoint.append(entry(1))
    endpoint.close()
    with list_segments(tmp_path)[0].open("ab") as file:
        file.write(frame_bytes(entry(2))[:-3])
    spool.append(entry(3))
    claimed = spool.claim(10)
    assert [each.entry.project_id for each in claimed] == [1, 3]
    spool.ack([each.id for each in claimed])
    assert spool.claim(10) == []
    assert len(list_segments(tmp_path)) == 1


@pytest.mark.parametrize(
    "garbage", [b"\0" * 300, b"\xf5StF" + b"\xff" * 50, random.Random(1).randbytes(64), frame_bytes(entry(9))[:20]]
)
def test_garbage_between_entries_hides_none_of_them(spool: DiskSpool, tmp_path: Path, garbage: bytes) -> None:
    stranger = SegmentWriter(tmp_path)
    stranger.append([frame_bytes(entry(1)), garbage, frame_bytes(entry(2))])
    stranger.close()
    claimed = spool.claim(10)
    assert [each.entry.project_id for each in claimed] == [1, 2]
    spool.ack([each.id for each in claimed])
    assert (numbers(spool), list_segments(tmp_path)) == ([], [])


def test_a_segment_that_may_still_grow_is_kept_and_a_half_written_frame_awaited(
    spool: DiskSpool, tmp_path: Path
) -> None:
    growing = SegmentWriter(tmp_path)
    whole = frame_bytes(entry(1))
    growing.append([whole[:20]])
    assert numbers(spool) == []
    growing.append([whole[20:]])
    assert numbers(spool) == [1]
    growing.close()


class GrowingFile(io.BytesIO):
    """Half of a frame at the first look; the rest and a second frame are written while the reader looks on."""

    def __init__(self, first: bytes, second: bytes) -> None:
        super().__init__(first[: len(first) // 2])
        self._rest = first[len(first) // 2 :] + second

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if offset > 0 and self._rest:
            super().seek(0, io.SEEK_END)
            self.write(self._rest)
            self._rest = b""
        return super().seek(offset, whence)


def test_a_frame_that_is_completed_while_it_is_read_is_not_stepped_over() -> None:
    file = GrowingFile(frame_bytes(entry(1)), frame_bytes(entry(2)))
    assert [frame.entry().project_id for frame in read_frames(file, 0)] == [1, 2]


def test_a_full_spool_refuses_and_takes_again_when_it_was_read_out(tmp_path: Path) -> None:
    spool = DiskSpool(tmp_path, max_bytes=20_000)
    with pytest.raises(SpoolFull):
        for number in range(100):
            spool.append(entry(number, size=1000))
    taken = spool.size()
    assert 10 < taken < 20
    spool.ack([each.id for each in spool.claim(100)])
    spool.close()
    again = DiskSpool(tmp_path, max_bytes=20_000)
    again.append(entry(1))
    assert again.size() == 1
    again.close()


def test_a_torn_cursor_falls_back_to_the_slot_before(spool: DiskSpool, tmp_path: Path) -> None:
    for number in range(3):
        spool.append(entry(number))
    for _ in range(2):
        spool.ack([each.id for each in spool.claim(1)])
    spool.close()
    cursor = tmp_path / "cursor"
    torn = bytearray(cursor.read_bytes())
    torn[0:20] = b"\0" * 20  # The second save lies in the first slot.
    cursor.write_bytes(torn)
    heir = DiskSpool(tmp_path, max_bytes=1_000_000)
    assert numbers(heir) == [1, 2]
    heir.close()


def test_a_disk_that_fails_refuses_the_entry_and_harms_no_later_one(
    spool: DiskSpool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(entry(1))
    with monkeypatch.context() as broken:

        def fail(descriptor: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        broken.setattr("os.fdatasync", fail)
        with pytest.raises(SpoolUnavailable, match="Input/output"):
            spool.append(entry(2))
    spool.append(entry(3))
    assert numbers(spool) == [1, 3]


def test_entries_of_many_threads_are_all_there_and_share_their_syncs(tmp_path: Path) -> None:
    syncs = 0
    written: list[bytes] = []
    first_write_may_end = threading.Event()

    def write(chunks: list[bytes]) -> None:
        nonlocal syncs
        syncs += 1
        first_write_may_end.wait(5)
        written.extend(chunks)

    commit = GroupCommit(write)
    threads = [threading.Thread(target=commit.add, args=([b"%d" % number],)) for number in range(32)]
    for thread in threads:
        thread.start()
    first_write_may_end.set()
    for thread in threads:
        thread.join(5)
    assert sorted(written) == sorted(b"%d" % number for number in range(32))
    assert syncs < 32


def test_an_error_reaches_every_caller_of_its_group_and_none_of_the_next() -> None:
    outcomes: list[str] = []
    first_may_fail = threading.Event()
    failures = iter([OSError(errno.ENOSPC, "No space left on device")])

    def write(chunks: list[bytes]) -> None:
        first_may_fail.wait(5)
        if (failure := next(failures, None)) is not None:
            raise failure

    def add() -> None:
        try:
            commit.add([b"x"])
            outcomes.append("written")
        except OSError as error:
            outcomes.append(str(error.strerror))

    commit = GroupCommit(write)
    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    first_may_fail.set()
    for thread in threads:
        thread.join(5)
    assert len(outcomes) == 8
    assert "No space left on device" in outcomes
    commit.add([b"later"])
