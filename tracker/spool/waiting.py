"""How much of each project and category lies in the spool: for the account of what became of everything."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from ingest.item_types import read_contents
from tracker.spool.entry import SpoolUnavailable
from tracker.spool.frames import HEADER, MAGIC, RECORD
from tracker.spool.reader import START, Cursor
from tracker.spool.segments import list_segments

Waiting = dict[int, Counter[str]]
"""Quantities by category, by project id."""

MAX_CONTENTS_LENGTH = 1_000
STREAM_BATCH = 500
# The bodies stay in Redis: a batch tells only how far it came, and what each entry is of.
BATCH_ROWS = """
local found = {}
local last = ''
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  last = entry[1]
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'p' or entry[2][i] == 'c' then found[#found + 1] = entry[2][i + 1] end
  end
end
return {last, found}
"""


def count_waiting() -> Waiting:
    """What is not acknowledged yet. Raises SpoolUnavailable."""
    return count_in_redis(settings.REDIS_URL) if settings.REDIS_URL else count_on_disk(settings.SPOOL_DIR)


def count_on_disk(directory: Path) -> Waiting:
    """Hops from header to header behind the cursor and reads the first bytes of each frame."""
    if not directory.is_dir():
        return {}
    positions = Cursor(directory / "cursor").positions
    entries: Counter[tuple[int, str]] = Counter()
    for path in list_segments(directory):
        entries += _count_in_segment(path, positions.get(path.name, START).offset)
    return _add_up(entries)


def _count_in_segment(path: Path, offset: int) -> Counter[tuple[int, str]]:
    """Entries by project id and contents."""
    counts: Counter[tuple[int, str]] = Counter()
    try:
        with path.open("rb") as file:
            end = os.fstat(file.fileno()).st_size
            while offset + HEADER.size + RECORD.size <= end:
                head = os.pread(file.fileno(), HEADER.size + RECORD.size + MAX_CONTENTS_LENGTH, offset)
                magic, length, _ = HEADER.unpack_from(head)
                if magic != MAGIC or offset + HEADER.size + length > end:
                    break
                project_id, *_, contents_length = RECORD.unpack_from(head, HEADER.size)
                contents = head[HEADER.size + RECORD.size :][:contents_length]
                counts[project_id, contents.decode()] += 1
                offset += HEADER.size + length
    except FileNotFoundError:
        pass
    return counts


def _add_up(entries: Counter[tuple[int, str]]) -> Waiting:
    waiting: Waiting = {}
    for (project_id, contents), times in entries.items():
        quantities = waiting.setdefault(project_id, Counter())
        for category, quantity in read_contents(contents).items():
            quantities[category] += quantity * times
    return waiting


def count_in_redis(url: str) -> Waiting:
    """Walks over the stream, a few hundred entries at a time."""
    # By name, so that one machine never pays for the Redis client's memory.
    client: Any = import_string("redis.Redis").from_url(url, socket_connect_timeout=1, socket_timeout=3)
    stream, failure = (import_string(name) for name in ("tracker.spool.redis.STREAM", "redis.exceptions.RedisError"))
    entries: Counter[tuple[int, str]] = Counter()
    start = "-"
    try:
        batch = client.register_script(BATCH_ROWS)
        while True:
            last, found = batch(keys=(stream,), args=(start, STREAM_BATCH))
            pairs = list(zip(found[::2], found[1::2], strict=True))
            entries.update((int(project), contents.decode()) for project, contents in pairs)
            if len(pairs) < STREAM_BATCH:
                return _add_up(entries)
            start = f"({last.decode()}"
    except failure as error:
        raise SpoolUnavailable(str(error)) from error
    finally:
        client.close()
